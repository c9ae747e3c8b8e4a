"""The way inside one process does what a network does: late, in the order of each socket, and without its sender."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from bot.clock import NANOS
from bot.market.book import Top
from bot.market.reports import Accepted, CancelRequest, Lost, NewOrder, Trade
from bot.market.units import Lots, Ticks
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH
from bot.venues.kalshi.transport import ANSWER_S
from bot.venues.simulators.kalshi.faults import Fault
from bot.venues.transport import Unreachable
from tests.bot.venues.in_memory import Weather
from tests.bot.venues.kalshi.at_exchange import Desk, at_exchange
from tests.bot.venues.kalshi.in_memory import ACTS, InMemory
from tests.bot.venues.simulators.kalshi.client import ORDERS, order
from tests.bot.venues.simulators.kalshi.table import GAME

BODY = msgspec.json.encode(order())
CLOID = f"0x{1:032x}"


def signed(desk: Desk, method: str, path: str) -> dict[str, str]:
    return desk.simulation.key.headers(desk.clock.now() // 1_000_000, method, path)


async def create(desk: Desk) -> int:
    headers = signed(desk, "POST", f"{REST_PREFIX}{ORDERS}")
    return (await desk.transport.request("POST", ORDERS, BODY, headers)).status


def ours(desk: Desk) -> int:
    return len(desk.simulation.account.open)


def test_an_answer_takes_its_time_and_its_query_arrives() -> None:
    async def work(desk: Desk) -> None:
        before = desk.clock.steady()
        answer = await desk.transport.request("GET", f"/markets?tickers={GAME}&limit=5", b"", {})
        assert answer.status == 200
        assert [one["ticker"] for one in msgspec.json.decode(answer.body)["markets"]] == [GAME]
        assert 0.004 * NANOS <= desk.clock.steady() - before <= 0.12 * NANOS

    at_exchange(work)


def test_a_request_arrives_though_its_sender_was_killed() -> None:
    async def work(desk: Desk) -> None:
        other = InMemory(desk.network)
        desk.transport = other
        sending = asyncio.create_task(create(desk))
        await asyncio.sleep(0)
        await other.sever()
        sending.cancel()
        assert ours(desk) == 0
        await asyncio.sleep(1)
        assert ours(desk) == 1
        after = asyncio.create_task(create(desk))
        await asyncio.sleep(ANSWER_S + 1)
        assert not after.done()
        assert ours(desk) == 1, "a killed client sends nothing more"
        after.cancel()

    at_exchange(work)


def test_a_cut_line_and_a_late_answer_are_no_answer() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(Unreachable, match="without an answer"):
            await create(desk)
        assert ours(desk) == 1
        desk.network.weather = Weather(slow_s=(1.5, 1.5), slow_chance=1, slow_path=ACTS)
        before = desk.clock.steady()
        with pytest.raises(Unreachable, match="in time"):
            await create(desk)
        assert desk.clock.steady() - before == pytest.approx(ANSWER_S * NANOS)
        assert ours(desk) == 2, "it was taken all the same"

    at_exchange(work, Fault("unknown", "orders:create", count=1))


def test_frames_come_in_order_until_the_line_is_cut_and_strangers_are_refused() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(Unreachable, match="401"):
            await desk.transport.connect({})
        socket = await desk.transport.connect(signed(desk, "GET", WS_PATH))
        await socket.send('{"id":1,"cmd":"subscribe","params":{"channels":["fill"]}}')
        await socket.send('{"id":2,"cmd":"nonsense","params":{}}')
        assert '"subscribed"' in await socket.receive()
        assert '"error"' in await socket.receive()
        desk.simulation.cut_all()
        for _ in range(2):
            with pytest.raises(Unreachable):
                await socket.receive()
        with pytest.raises(Unreachable):
            await socket.send("{}")
        await asyncio.sleep(5)
        assert desk.told(Lost), "the venue's own socket was cut too"

    at_exchange(work)


def test_the_adapter_trades_in_an_evening_in_virtual_time() -> None:
    async def work(desk: Desk) -> None:
        ticker = desk.tickers[0]
        for number in range(1, 9):
            best = next(top.bid for top in reversed(desk.told(Top)) if top.market == ticker and top.bid)
            cloid = f"0x{number:032x}"
            (result,) = await desk.venue.place([NewOrder(ticker, "bid", Ticks(best), Lots(500), cloid)])
            assert isinstance(result, Accepted)
            await asyncio.sleep(20)
            await desk.venue.cancel([CancelRequest(ticker, cloid)])
        held = desk.simulation.account.held(ticker).lots
        assert held == sum(trade.lots for trade in desk.told(Trade)) > 0
        assert desk.told(Lost) == []

    at_exchange(work, script=None)


def test_frames_of_one_moment_keep_their_order() -> None:
    async def work(desk: Desk) -> None:
        socket = await desk.transport.connect(signed(desk, "GET", WS_PATH))
        for number in range(200):
            await socket.send(msgspec.json.encode({"id": number, "cmd": "list_subscriptions"}).decode())
        said = [msgspec.json.decode(await socket.receive())["id"] for _ in range(200)]
        assert said == list(range(200))

    at_exchange(work)
