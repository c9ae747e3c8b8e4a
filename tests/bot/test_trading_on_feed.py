"""The whole bot on the prices of the simulated Hyperliquid, for minutes of virtual time: on paper and in shadow.

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
from bot.strategy import perp_maker
from bot.venues.hyperliquid.prices import HyperliquidPrices
from bot.venues.market_data import MarketData
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.simulators.hyperliquid.simulation import Simulation
from bot.venues.venue import Venue
from tests.bot.on_feed import Traded, params_of, traded
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.virtual_time import VirtualClock, in_virtual_time

CAPS = {"SOL": Decimal(30), "BTC": Decimal("0.05"), "DOGE": Decimal(20_000)}
MINUTES = 5
Make = Callable[[MarketData, VirtualClock], Venue]


def trade(folder: Path, make: Make, shadow: bool = False, minutes: float = MINUTES, seed: int = 11) -> Traded:
    async def run(clock: VirtualClock) -> Traded:
        simulation = Simulation(clock, seed)
        network = Network(simulation)
        venue = make(HyperliquidPrices(InMemory(network), clock), clock)
        params = partial(
            params_of,
            venue,
            clock,
            markets=tuple(CAPS),
            maker=perp_maker.Params(half_spread_bps=Decimal("2.5")),
            limits=limits.Params(max_inventory=CAPS),
            shadow=shadow,
        )
        return await traded(folder, clock, venue, params, simulation.run(), network.close, minutes)

    return in_virtual_time(run)


@pytest.fixture(scope="module")
def on_paper(tmp_path_factory: pytest.TempPathFactory) -> Traded:
    folder = tmp_path_factory.mktemp("paper")
    return trade(folder, lambda data, clock: PaperOnFeed(data, folder / "paper.sqlite", clock))


def test_paper_trades_and_nothing_is_refused_without_a_reason(on_paper: Traded) -> None:
    counts, rejects = on_paper.counts(), on_paper.of("order_reject")
    assert on_paper.status == 0
    assert counts["FILL"] > 20, counts
    assert counts["internal_error"] == counts["reconcile_mismatch"] == counts["order_unknown"] == 0
    assert {line["code"] for line in rejects} <= {"E_POST_ONLY"}, rejects
    assert len(rejects) < counts["quote_place"] / 20


def test_paper_ends_with_the_position_that_its_fills_add_up_to(on_paper: Traded) -> None:
    moved: Counter[str] = Counter()
    for fill in on_paper.of("FILL"):
        moved[fill["market"]] += Decimal(str(fill["size"])) * (1 if fill["side"] == "bid" else -1)  # type: ignore[assignment]
        assert abs(Decimal(str(fill["position"]))) <= CAPS[fill["market"]]
    assert {market: size for market, size in moved.items() if size} == on_paper.journal
    assert on_paper.account.resting == []


def test_a_fill_is_at_the_price_that_was_quoted_and_costs_its_fee(on_paper: Traded) -> None:
    placed = {line["cloid"]: line for line in on_paper.of("quote_place")}
    for fill in on_paper.of("FILL"):
        assert fill["price"] == placed[fill["cloid"]]["price"]
        assert fill["fee"] == pytest.approx(fill["price"] * fill["size"] * 150e-6, rel=1e-3)


def test_shadow_rests_and_never_fills(tmp_path: Path) -> None:
    ran = trade(tmp_path, lambda data, clock: ShadowVenue(data), shadow=True, minutes=2)
    counts = ran.counts()
    assert ran.status == 0
    assert counts["FILL"] == 0
    assert ran.journal == {}
    assert counts["shadow_quote"] > 6, counts
    assert counts["quote_place"] == counts["order_ack"] == 0
    assert not any(line["would_cross"] for line in ran.of("shadow_quote"))
