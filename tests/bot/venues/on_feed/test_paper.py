"""Paper on a feed: what it keeps over a death, what a request's way costs, and what it says of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.market.book import Top
from bot.market.grid import UniformGrid
from bot.market.reports import (
    Accepted,
    Back,
    Cancelled,
    CancelRefused,
    CancelRequest,
    Cure,
    Gone,
    Lost,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    Resting,
    Trade,
)
from bot.market.units import Lots
from bot.venues.market_data import Print
from bot.venues.on_feed.fees import Fees
from bot.venues.on_feed.paper import PaperOnFeed
from bot.venues.venue import Update
from tests.bot.builders import order
from tests.bot.fakes import FakeClock
from tests.bot.venues.on_feed.feed import ScriptedData, best, sold


@dataclass
class Desk:
    """A paper account and the feed it listens to."""

    folder: Path
    latency_s: float = 0.0
    data: ScriptedData = field(default_factory=ScriptedData)
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[Update] = field(default_factory=list)

    def __post_init__(self) -> None:
        path = self.folder / "paper.sqlite"
        self.venue = PaperOnFeed(self.data, path, self.clock, Fees(maker_ppm=100), self.latency_s)

    async def open(self) -> Desk:
        await self.venue.open(["SOL"], self.told.append)
        return self

    async def open_at(self, top: Top, history: list[Print]) -> Desk:
        """The feed begins with what was printed before, then with other prices than the usual."""
        self.data.beginning = lambda listener: [*map(listener.on_print, history), listener.on_top(top, 9)]
        return await self.open()

    @property
    def trades(self) -> list[Trade]:
        return [update for update in self.told if isinstance(update, Trade)]


def at_desk(folder: Path, test: Callable[[Desk], Awaitable[None]], latency_s: float = 0.0) -> None:
    async def run() -> None:
        desk = await Desk(folder, latency_s).open()
        await test(desk)
        await desk.venue.close()
        assert desk.data.closed

    asyncio.run(run())


def test_a_fill_is_kept_then_told_and_is_in_the_account(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.venue.place([order("bid", 18_501, 100)])
        desk.data.listener.on_print(sold(18_501, 30, 2))
        assert [(t.ticks, t.lots, t.cloid, t.fee) for t in desk.trades] == [(18_501, 30, "0x1", 5_550)]
        account = await desk.venue.account(0)
        assert account.trades == desk.trades
        assert (account.since, account.maker_fee_ppm, account.equity) == (0, 100, None)
        assert [(p.market, p.lots, p.cost) for p in account.positions] == [("SOL", 30, 30 * 18_501)]
        assert await desk.venue.look_up("SOL", "0x1") == Resting("SOL", "bid", 18_501, Lots(70), "0x1", "1")

    at_desk(tmp_path, test)


def test_a_request_counts_only_when_it_has_arrived(tmp_path: Path) -> None:
    """What is printed while the order is on its way is not ours; a cancel on its way can still be overtaken."""

    async def test(desk: Desk) -> None:
        sending = asyncio.create_task(desk.venue.place([order("bid", 18_501, 100)]))
        await asyncio.sleep(0)
        desk.data.listener.on_print(sold(18_501, 30, 2))
        await sending
        assert desk.trades == []
        cancelling = asyncio.create_task(desk.venue.cancel([CancelRequest("SOL", "0x1")]))
        await asyncio.sleep(0)
        desk.data.listener.on_print(sold(18_501, 100, 3))
        assert isinstance((await cancelling)[0], CancelRefused)
        assert [trade.lots for trade in desk.trades] == [100]

    at_desk(tmp_path, test, latency_s=0.01)


def test_post_only_is_judged_when_the_order_arrives(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        sending = asyncio.create_task(desk.venue.place([order("bid", 18_501, 100)]))
        await asyncio.sleep(0)
        desk.data.listener.on_top(best(18_498, 18_500), 2)
        text = "Post only order would have immediately matched, bbo was 184.98@185. asset=5"
        assert await sending == [Rejected("E_POST_ONLY", text, Cure.REQUOTE)]
        assert await desk.venue.resting() == []

    at_desk(tmp_path, test, latency_s=0.01)


def test_a_replacement_is_a_cancel_and_a_new_place_in_the_queue(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.venue.place([order("bid", 18_501, 100, cloid="0xa")])
        change = Replacement("SOL", "0xa", order("bid", 18_500, 100, cloid="0xb"))
        assert await desk.venue.replace([change]) == [Replaced(Cancelled(), Accepted("2"))]
        desk.data.listener.on_print(sold(18_500, 105, 2))  # 100 stood there before us
        assert [(trade.cloid, trade.lots) for trade in desk.trades] == [("0xb", 5)]
        (gone,) = await desk.venue.replace([change])
        assert isinstance(gone.cancel, CancelRefused)
        assert isinstance(gone.send, Rejected)
        assert [resting.cloid for resting in await desk.venue.resting()] == ["0xb"]

    at_desk(tmp_path, test)


def test_a_refused_replacement_has_taken_the_old_order_off(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.venue.place([order("bid", 18_501, 100, cloid="0xa")])
        (both,) = await desk.venue.replace([Replacement("SOL", "0xa", order("bid", 18_502, 100, cloid="0xb"))])
        assert both.cancel == Cancelled()
        assert isinstance(both.send, Rejected)
        assert await desk.venue.resting() == []
        assert await desk.venue.look_up("SOL", "0xa") == Gone(Lots(0))

    at_desk(tmp_path, test)


def test_the_connection_is_spoken_of_and_nothing_is_taken_without_a_book(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        desk.data.listener.on_lost("closed by the venue")
        (refused,) = await desk.venue.place([order("bid", 18_400, 100)])
        assert isinstance(refused, Rejected)
        assert (refused.code, refused.cure) == ("E_NO_BOOK", Cure.WAIT)
        desk.data.listener.on_back()
        desk.data.listener.on_top(best(18_500, 18_502), 2)
        assert isinstance((await desk.venue.place([order("bid", 18_400, 100)]))[0], Accepted)
        assert [type(update) for update in desk.told] == [Top, Lost, Back, Top]

    at_desk(tmp_path, test)


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        ("tick_reject", Rejected("E_TICK", "Price must be divisible by tick size. asset=5", Cure.REQUANTISE)),
        ("reject", Rejected("E_MARGIN", "Insufficient margin to place order. asset=5", Cure.SHRINK)),
        ("no_answer", NoAnswer("the answer was lost")),
    ],
)
def test_faults_strike_as_at_our_own_exchange(tmp_path: Path, fault: str, result: Rejected | NoAnswer) -> None:
    async def test(desk: Desk) -> None:
        desk.venue.faults.request(fault, 1, 0)
        assert await desk.venue.place([order("bid", 18_400, 100)]) == [result]
        assert len(await desk.venue.resting()) == isinstance(result, NoAnswer)

    at_desk(tmp_path, test)


def test_a_dropped_feed_is_silent_but_fills_go_on(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        await desk.venue.place([order("bid", 18_501, 100)])
        desk.venue.faults.request("drop_feed", 5, desk.clock.now())
        desk.told.clear()
        desk.data.listener.on_top(best(18_499, 18_502), 2)
        desk.data.listener.on_print(sold(18_501, 30, 3))
        assert [type(update) for update in desk.told] == [Trade]

    at_desk(tmp_path, test)


@pytest.mark.parametrize(
    ("history", "then", "filled"),
    [
        pytest.param([], best(18_500, 18_502), 0, id="nothing happened"),
        pytest.param([sold(18_400, 7, 8)], best(18_500, 18_502), 7, id="a print of the gap, told late"),
        pytest.param([sold(18_400, 7, 5)], best(18_500, 18_502), 0, id="a print that the dead run had judged"),
        pytest.param([sold(18_450, 70, 8)], best(18_500, 18_502), 0, id="at our price, behind a queue nobody knows"),
        pytest.param([], best(18_430, 18_440), 100, id="the market stands beyond our price"),
    ],
)
def test_orders_rest_on_while_we_are_dead(tmp_path: Path, history: list[Print], then: Top, filled: int) -> None:
    async def run() -> None:
        first = await Desk(tmp_path).open()
        await first.venue.place([order("bid", 18_450, 100)])
        first.data.listener.on_print(sold(18_500, 1, 6))
        first.venue.remember()  # and then killed: never closed
        second = await Desk(tmp_path).open_at(then, history)
        account = await second.venue.account(0)
        assert sum(trade.lots for trade in account.trades) == filled
        assert sum(resting.lots for resting in account.resting) == 100 - filled
        if filled < 100:
            assert await second.venue.cancel([CancelRequest("SOL", "0x1")]) == [Cancelled()]
        assert isinstance((await second.venue.place([order("bid", 18_300, 100, cloid="0x2")]))[0], Accepted)
        await second.venue.close()
        await first.venue.close()

    asyncio.run(run())


def test_a_fill_writes_down_how_far_the_feed_was_heard(tmp_path: Path) -> None:
    """Killed right after a fill: the same print, told again after the restart, does not fill a second time."""

    async def run() -> None:
        first = await Desk(tmp_path).open()
        await first.venue.place([order("bid", 18_501, 100)])
        first.data.listener.on_print(sold(18_500, 30, 6))
        second = await Desk(tmp_path).open_at(best(18_500, 18_502), [sold(18_500, 30, 6)])
        assert sum(trade.lots for trade in (await second.venue.account(0)).trades) == 30
        await second.venue.close()
        await first.venue.close()

    asyncio.run(run())


def test_a_changed_grid_is_judged_by_at_once_and_changed_units_are_not(tmp_path: Path) -> None:
    async def test(desk: Desk) -> None:
        sol = desk.data.specs["SOL"]
        other = replace(sol, tick=sol.tick / 10)
        desk.data.specs = {**desk.data.specs, "SOL": other}
        assert (await desk.venue.read_specs())["SOL"] == other
        assert desk.venue.specs["SOL"] == sol
        desk.data.specs = {**desk.data.specs, "SOL": replace(sol, grid=UniformGrid(step=25))}
        await desk.venue.read_specs()
        (refused,) = await desk.venue.place([order("bid", 18_410, 100)])
        assert isinstance(refused, Rejected)
        assert refused.code == "E_TICK"

    at_desk(tmp_path, test)
