"""The connection: what is told when it breaks, is silent or comes back, and that nothing of ours falls into the gap."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.reports import Back, Lost, Trade
from bot.venues.hyperliquid.feed import PING, Feed, Subscription
from bot.venues.simulators.hyperliquid.faults import Fault
from bot.venues.transport import Answer, Unreachable
from bot.venues.venue import VenueUnreachable
from tests.bot.venues.hyperliquid.at_exchange import MARKET, A, B, Desk, at_exchange, kinds, weather
from tests.bot.virtual_time import VirtualClock, in_virtual_time


def test_a_cut_line_is_told_and_mended() -> None:
    async def work(desk: Desk) -> None:
        desk.updates.clear()
        desk.simulation.cut_all()
        await weather(desk.simulation, 3)
        assert list(kinds(desk.updates)) == ["Lost", "Back"]
        lost, back = (desk.updates.index(*desk.told(kind)) for kind in (Lost, Back))
        assert not any(isinstance(update, Top) for update in desk.updates[:lost])
        assert any(isinstance(update, Top) for update in desk.updates[back:])

    at_exchange(work)


def test_a_trade_in_the_gap_is_told_before_the_connection_counts_as_back() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, 100)
        await asyncio.sleep(1)
        desk.updates.clear()
        desk.simulation.cut_all()
        await asyncio.sleep(0.1)
        desk.hit(order, 50)
        await weather(desk.simulation, 3)
        assert list(kinds(desk.updates))[:3] == ["Lost", "Trade", "Back"]
        assert desk.trades[0].lots == 50, "the one before the gap is not told again"

    at_exchange(work)


def test_history_is_no_news_to_a_new_connection() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        desk.hit(order, 100)
        await asyncio.sleep(60)
        later = Desk(desk.clock, desk.simulation, desk.network)
        await later.open()
        await asyncio.sleep(1)
        assert not later.trades
        await later.venue.close()

    at_exchange(work)


def test_trades_since_the_account_was_read_are_told_after_a_gap_whoever_read_them_before() -> None:
    async def work(desk: Desk) -> None:
        order = desk.inside("bid", A)
        await desk.place(order)
        since = desk.clock.now()
        desk.hit(order, 100)
        account = await desk.venue.account(since - 1_000_000_000)
        assert [trade.lots for trade in account.trades] == [100]
        told = {trade.tid for trade in desk.trades}
        assert told <= {trade.tid for trade in account.trades}
        assert await desk.cancel(A)
        assert {trade.tid for trade in desk.trades} == {trade.tid for trade in account.trades}

    at_exchange(work)


def test_a_feed_that_says_nothing_is_left_though_its_socket_lives() -> None:
    async def work(desk: Desk) -> None:
        desk.updates.clear()
        await weather(desk.simulation, 30)
        (lost,) = desk.told(Lost)[:1]
        assert isinstance(lost, Lost)
        assert lost.reason.startswith(f"no news of {MARKET} for ")
        assert isinstance(desk.updates[-1], Top), "and it flows again in the end"

    at_exchange(work, Fault("frozen_feed", start_s=4, seconds=7))


def test_weather_is_no_reason_to_connect_again() -> None:
    async def work(desk: Desk) -> None:
        await weather(desk.simulation, 600)
        assert set(kinds(desk.updates)) == set()

    at_exchange(work)


def test_a_subscription_that_was_not_acknowledged_is_made_again() -> None:
    async def work(desk: Desk) -> None:
        assert desk.top.market == MARKET
        assert desk.clock.steady() > 5_000_000_000

    at_exchange(work, Fault("drop", where="ws:subscriptionResponse", count=1))


@pytest.mark.parametrize("fault", ["duplicate", "reorder", "reverse", "delay"])
def test_frames_that_come_twice_late_or_in_another_order_tell_each_trade_once(fault: str) -> None:
    async def work(desk: Desk) -> None:
        await asyncio.sleep(2)
        for cloid, side in ((A, "bid"), (B, "ask")):
            order = desk.inside("bid" if side == "bid" else "ask", cloid)
            await desk.place(order)
            for _ in range(3):
                desk.hit(order, 20)
            await desk.cancel(cloid)
        await weather(desk.simulation, 5)
        assert [trade.lots for trade in desk.trades] == [20] * 6
        assert len({trade.tid for trade in desk.trades}) == 6

    at_exchange(work, *(Fault(fault, where=f"ws:{channel}", start_s=2) for channel in ("userFills", "orderUpdates")))


def test_a_market_that_is_not_listed_is_named_with_its_neighbours() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(CannotStart, match="SOLL is not listed on Hyperliquid: did you mean SOL"):
            await desk.venue.open(["SOLL"], desk.updates.append)
        with pytest.raises(CannotStart, match="MATIC is not listed"):
            await desk.venue.open(["MATIC"], desk.updates.append)

    at_exchange(work, open_it=False)


def test_a_venue_that_is_away_is_unreachable_with_the_reason() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(VenueUnreachable, match="no prices within 15 s: the socket is closed"):
            await desk.open()

    at_exchange(work, Fault("disconnect", where="ws"), open_it=False)


def test_a_trade_is_an_update_of_ours_only() -> None:
    async def work(desk: Desk) -> None:
        desk.act(1, "bid", desk.inside("ask", A).ticks, 100, "Gtc")
        await asyncio.sleep(2)
        assert not desk.told(Trade)

    at_exchange(work)


class Quiet:
    """A socket on which everything is acknowledged and nothing else is ever said; `closed_after` seconds it breaks."""

    def __init__(self, closed_after: float) -> None:
        self.sent: list[str] = []
        self._inbox: asyncio.Queue[str] = asyncio.Queue()
        self._end = asyncio.get_running_loop().time() + closed_after

    async def send(self, text: str) -> None:
        self.sent.append(text)
        if '"subscribe"' in text:
            self._inbox.put_nowait('{"channel":"subscriptionResponse","data":{"method":"subscribe"}}')

    async def receive(self) -> str:
        try:
            async with asyncio.timeout_at(self._end):
                return await self._inbox.get()
        except TimeoutError:
            raise Unreachable("it broke") from None

    async def close(self) -> None:
        pass


class QuietLine:
    """Sockets that break after the seconds given, one after the other."""

    def __init__(self, *lives: float) -> None:
        self._lives = list(lives)
        self.sockets: list[Quiet] = []
        self.connected_at: list[float] = []

    async def post(self, path: str, body: bytes) -> Answer:
        raise Unreachable("no posts here")

    async def connect(self) -> Quiet:
        self.connected_at.append(asyncio.get_running_loop().time())
        if not self._lives:
            raise Unreachable("nobody is there")
        self.sockets.append(Quiet(self._lives.pop(0)))
        return self.sockets[-1]

    async def close(self) -> None:
        pass


class Ear:
    def __init__(self) -> None:
        self.news: list[str] = []

    def heard(self, content: object) -> None:
        raise AssertionError(content)

    def connected(self) -> None:
        self.news.append("connected")

    def lost(self, reason: str) -> None:
        self.news.append(reason)

    def silence(self) -> str | None:
        return None


def fed(line: QuietLine, seconds: float) -> list[str]:
    """What a feed of one subscription told in so many seconds."""

    async def run(clock: VirtualClock) -> list[str]:
        ear = Ear()
        task = asyncio.create_task(Feed(line, clock, [Subscription("bbo", "SOL")], ear).run())
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return ear.news

    return in_virtual_time(run)


def test_a_quiet_socket_is_pinged_before_the_venue_closes_it() -> None:
    line = QuietLine(3_600)
    assert fed(line, 600) == ["connected"]
    (socket,) = line.sockets
    assert 600 / 30 <= socket.sent.count(PING) <= 600 / 25


def test_pauses_between_connections_grow_and_are_short_again_after_a_healthy_one() -> None:
    line = QuietLine(0.1, 0.1, 0.1, 60, 0.1)
    assert fed(line, 150) == ["connected", "it broke"] * 5
    pauses = [after - before for before, after in pairwise(line.connected_at)]
    assert pauses[:3] == pytest.approx([0.35, 0.6, 1.1])
    assert pauses[3] == pytest.approx(60.25)
    assert pauses[4:6] == pytest.approx([0.35, 0.5])
    assert max(pauses[4:]) == pytest.approx(15)
    minute = [at for at in line.connected_at if at < 60]
    assert len(minute) <= 30, "the venue takes no more in a minute"
