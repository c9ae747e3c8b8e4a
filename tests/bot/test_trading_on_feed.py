"""The whole bot on the prices of the simulated Hyperliquid, for minutes of virtual time: on paper and in shadow.

What nobody refuses on paper would not be refused for real: each reject has a code of ours and a reason.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import events
from bot.engine import Engine, Surroundings
from bot.lifecycle import Lifecycle, Parts
from bot.market.reports import Account
from bot.risk import limits
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.session import Params, Session
from bot.strategy import perp_maker
from bot.venues.hyperliquid.prices import HyperliquidPrices
from bot.venues.market_data import MarketData
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.simulators.hyperliquid.simulation import Simulation
from bot.venues.venue import Venue
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.virtual_time import VirtualClock, in_virtual_time

CAPS = {"SOL": Decimal(30), "BTC": Decimal("0.05"), "DOGE": Decimal(20_000)}
MINUTES = 5
Make = Callable[[MarketData, VirtualClock], Venue]


@dataclass
class Traded:
    """What a run left behind: its log, its journal's positions and the account as the venue has it in the end."""

    lines: list[dict[str, Any]]
    journal: dict[str, Decimal]
    account: Account
    status: int

    def counts(self) -> Counter[str]:
        return Counter(line["action"] for line in self.lines)

    def of(self, action: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["action"] == action]


def trade(folder: Path, make: Make, shadow: bool = False, minutes: float = MINUTES, seed: int = 11) -> Traded:
    return in_virtual_time(partial(_trade, folder, make, shadow, minutes, seed))


async def _trade(folder: Path, make: Make, shadow: bool, minutes: float, seed: int, clock: VirtualClock) -> Traded:
    async with AsyncExitStack() as stack:
        simulation = Simulation(clock, seed)
        network = Network(simulation)
        weather = asyncio.create_task(simulation.run())
        venue = make(HyperliquidPrices(InMemory(network), clock), clock)
        telemetry = Telemetry(folder, "00c0ffee", "test", _silent)
        telemetry.open(clock.now())
        stack.callback(lambda: telemetry.close(clock.now()))
        journal = Journal(folder / "journal.sqlite")
        stack.callback(journal.close)
        params = Params(
            run="00c0ffee",
            venue=venue.name,
            specs=await venue.read_specs(),
            markets=tuple(CAPS),
            maker=perp_maker.Params(half_spread_bps=Decimal("2.5")),
            limits=limits.Params(max_inventory=CAPS),
            started=clock.now(),
            shadow=shadow,
            ours_shown=False,
        )
        engine = Engine(Session(params), Surroundings(venue, journal, telemetry, clock, _silent))
        stack.push_async_callback(engine.close)
        parts = Parts(engine, venue, journal, telemetry, ServiceManager({}, 1), clock, folder / "quotes.off", _silent)
        life = Lifecycle(parts, _opening, setting_off=False)
        asyncio.get_running_loop().call_later(minutes * 60, life.stop, "test")
        status = await life.live()
        account = await venue.account(0)
        held = {kept.market: Decimal(kept.size) for kept in journal.positions() if Decimal(kept.size)}
        await venue.close()
        weather.cancel()
        await asyncio.gather(weather, return_exceptions=True)
        await network.close()
    lines = [
        json.loads(line) for path in sorted(folder.glob("events-*.jsonl")) for line in path.read_text().splitlines()
    ]
    return Traded(lines, held, account, status)


def _opening(quoting: bool) -> list[events.Event]:
    return [events.Startup(mode="paper", venue="test", commit="x", markets=[*CAPS], quotes_enabled=quoting)]


def _silent(line: str) -> None:
    pass


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
