"""The whole bot, edge-locked, on the prices of the simulated Kalshi: on paper through a settlement, and in shadow.

What nobody refuses on paper would not be refused for real: each reject has a code of ours and a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from bot.risk import limits
from bot.strategy import edge_locked
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.market_data import MarketData
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from bot.venues.simulators.kalshi.simulation import Simulation
from bot.venues.venue import Venue
from tests.bot.on_feed import Traded, params_of, traded
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.venues.simulators.kalshi.client import pem
from tests.bot.virtual_time import VirtualClock, in_virtual_time

Make = Callable[[MarketData, VirtualClock], Venue]
NHL = "KXNHLGAME"
HELD, LIVELY = "KXNHLGAME-26NOV21AB-A", "KXNHLGAME-26NOV21CD-C"
CAP = Decimal(20)


def game(ticker: str, path: list[tuple[float, float]], **times: float) -> MarketScript:
    return MarketScript(ticker, ticker.rsplit("-", 1)[0], NHL, path, takers=0.5, rung=20, spread_c=1.0, **times)


SCRIPT = Script(
    [SeriesScript(NHL, "quadratic_with_maker_fees")],
    [
        game(HELD, [(0, 0.44)], starts_s=86_400, closes_s=120, determined_s=150, settles_s=180),
        game(LIVELY, [(0, 0.45), (180, 0.45), (180, 0.60), (300, 0.60), (300, 0.70)], starts_s=86_400),
    ],
)
"""One closes while a position is held, the other runs through both gates."""


def trade(folder: Path, make: Make, minutes: float, shadow: bool = False) -> Traded:
    async def run(clock: VirtualClock) -> Traded:
        simulation = Simulation(clock, 5, script=SCRIPT, pem=pem())
        network, markets = Network(simulation), (HELD, LIVELY)
        venue = make(KalshiPrices(InMemory(network), simulation.key, markets, clock), clock)
        held = limits.Params(max_inventory=dict.fromkeys(markets, CAP), max_per_event=CAP)
        params = partial(
            params_of, venue, clock, markets=markets, limits=held, edge=edge_locked.Params(), shadow=shadow
        )
        return await traded(folder, clock, venue, params, simulation.run(), network.close, minutes)

    return in_virtual_time(run)


@pytest.fixture(scope="module")
def on_paper(tmp_path_factory: pytest.TempPathFactory) -> Traded:
    folder = tmp_path_factory.mktemp("paper")
    return trade(folder, lambda data, clock: PaperOnFeed(data, folder / "paper.sqlite", clock), minutes=8)


def test_paper_trades_and_nothing_is_refused_without_a_reason(on_paper: Traded) -> None:
    counts, rejects = on_paper.counts(), on_paper.of("order_reject")
    assert on_paper.status == 0
    assert counts["FILL"] > 3, counts
    assert counts["tp_exit"] > 0, counts
    assert counts["internal_error"] == counts["reconcile_mismatch"] == 0, counts
    assert {line["market"] for line in on_paper.of("order_unknown")} <= {HELD}, "its close takes off what rests"
    assert {line["code"] for line in rejects} <= {"E_POST_ONLY", "E_NO_MATCH"}, rejects


def test_a_position_that_nobody_could_leave_is_paid_out_once(on_paper: Traded) -> None:
    (paid,) = on_paper.of("settlement")
    fills = [line for line in on_paper.of("FILL") if line["market"] == HELD]
    assert fills
    assert (paid["market"], paid["price"], paid["position"]) == (HELD, 1.0, fills[-1]["position"])
    assert paid["pnl"] == pytest.approx((1 - paid["vwap"]) * paid["position"])
    assert [(one.market, one.ticks) for one in on_paper.account.settlements] == [(HELD, 10_000)]
    assert HELD not in on_paper.journal
    assert not [line for line in on_paper.of("quote_place") if line["market"] == HELD and line["ts"] > paid["ts"]]


def test_every_fill_pays_what_its_contract_charges(on_paper: Traded) -> None:
    for fill in on_paper.of("FILL"):
        exact = fill["size"] * fill["price"] * (1 - fill["price"])
        assert 0 <= fill["fee"] <= 0.07 * exact + 0.02
    assert sum(fill["fee"] for fill in on_paper.of("FILL")) > 0


def test_what_is_held_in_the_end_is_what_fills_and_payouts_add_up_to(on_paper: Traded) -> None:
    moved: Counter[str] = Counter()
    for fill in on_paper.of("FILL"):
        moved[fill["market"]] += Decimal(str(fill["size"])) * (1 if fill["side"] == "bid" else -1)  # type: ignore[assignment]
        assert abs(Decimal(str(fill["position"]))) <= CAP
    moved.pop(HELD)
    assert {market: size for market, size in moved.items() if size} == on_paper.journal
    assert on_paper.account.resting == []


def test_nothing_is_entered_between_the_gates(on_paper: Traded) -> None:
    entries = [line for line in on_paper.of("FILL") if line["gate_err"] is not None]
    assert entries
    assert all(line["gate_err"] <= 0 for line in entries)


def test_shadow_rests_and_never_fills(tmp_path: Path) -> None:
    ran = trade(tmp_path, lambda data, clock: ShadowVenue(data), minutes=1, shadow=True)
    counts = ran.counts()
    assert ran.status == 0
    assert counts["FILL"] == counts["settlement"] == counts["reconcile_mismatch"] == 0
    assert ran.journal == {}
    assert counts["shadow_quote"] > 1, counts
    assert counts["quote_place"] == counts["order_ack"] == 0
