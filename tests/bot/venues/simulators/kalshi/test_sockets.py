"""The simulated exchange's websocket over a real port: commands, numbers, books that can be rebuilt, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import pytest

from bot.venues.kalshi.frames import BUFFER_OVERFLOW, MARKET_NOT_FOUND, Delta, Frame, Snapshot, frame
from bot.venues.kalshi.numbers import lots, ticks
from bot.venues.kalshi.signing import KEY_HEADER, WS_PATH
from bot.venues.simulators.kalshi.engine import FeesChanged
from bot.venues.simulators.kalshi.faults import Fault
from tests.bot.venues.simulators.kalshi.client import ORDERS, OTHER, Client, Socket, order, socket, with_server
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME

Work = Callable[[Client, Socket], Awaitable[None]]


def connected(work: Work, *faults: Fault) -> None:
    async def run(client: Client, url: str) -> None:
        async with socket(client, url) as ws:
            await work(client, ws)

    with_server(run, *faults)


class Book:
    """A book as a client keeps it: from a snapshot and numbered changes."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, int], int] = {}
        self.seq = 0

    def take(self, heard: Frame) -> None:
        assert heard.seq == self.seq + 1, "a gap"
        self.seq = heard.seq
        match heard.content:
            case Snapshot(market_ticker=name) as whole if name == GAME:
                sides = (("yes", whole.yes_dollars_fp), ("no", whole.no_dollars_fp))
                self.levels = {(side, ticks(p)): lots(n) for side, rows in sides for p, n in rows}
            case Delta(market_ticker=name) as change if name == GAME:
                level = change.side, ticks(change.price_dollars)
                self.levels[level] = self.levels.get(level, 0) + lots(change.delta_fp)
                if not self.levels[level]:
                    del self.levels[level]


def truth(client: Client, yes: bool) -> dict[tuple[str, int], int]:
    """The simulation's own book, as it would be told."""
    return {
        ("yes" if side == "bid" else "no", at if yes or side == "bid" else 10_000 - at): count
        for (side, at), count in client.simulation.engine.markets[GAME].levels().items()
    }


@pytest.mark.parametrize("yes", [False, True])
def test_a_book_is_rebuilt_from_its_snapshot_and_its_changes(yes: bool) -> None:
    async def work(client: Client, ws: Socket) -> None:
        channels = {"channels": ["orderbook_delta"], "market_tickers": [GAME, OTHER], "use_yes_price": yes}
        await ws.command("subscribe", 7, **channels)
        assert await ws.hear() == {"id": 7, "type": "subscribed", "msg": {"channel": "orderbook_delta", "sid": 1}}
        book = Book()
        for _ in range(2):
            book.take(await heard(ws))
        assert book.levels == truth(client, yes)
        for _ in range(5):
            client.clock.pass_by(1)
            client.simulation.step()
        await client.asked("POST", ORDERS, order("0.01", "3", client_order_id="mine"))
        while True:
            last = await heard(ws)
            book.take(last)
            if isinstance(last.content, Delta) and last.content.client_order_id == "mine":
                break
        assert last.content == Delta(GAME, "0.0100", "3.00", "yes", last.content.ts_ms, "mine")
        assert book.levels == truth(client, yes)

    connected(work)


async def heard(ws: Socket) -> Frame:
    message = await ws.ws.receive(timeout=5)
    assert message.type is aiohttp.WSMsgType.TEXT
    return frame(message.data)


def test_a_snapshot_can_be_asked_for_and_markets_come_and_go() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["orderbook_delta"], market_ticker=GAME, send_initial_snapshot=False)
        assert (await ws.hear())["type"] == "subscribed"
        await ws.command("update_subscription", 2, sid=1, action="get_snapshot", market_tickers=[GAME])
        confirmed, told = await ws.hear_of("ok"), await ws.hear()
        assert (confirmed["msg"], confirmed["seq"]) == ({"market_tickers": [GAME]}, 1)
        assert (told["msg"]["market_ticker"], told["seq"]) == (GAME, 2)
        await ws.command("update_subscription", 3, sids=[1], action="add_markets", market_tickers=[OTHER])
        assert (await ws.hear_of("orderbook_snapshot"))["msg"]["market_ticker"] == OTHER
        await ws.command("update_subscription", 4, sids=[1], action="delete_markets", market_tickers=[GAME])
        assert (await ws.hear_of("ok"))["msg"] == {"market_tickers": [OTHER]}
        await ws.command("list_subscriptions", 5)
        assert (await ws.hear_of("ok"))["msg"] == [{"channel": "orderbook_delta", "sid": 1}]
        await ws.command("unsubscribe", 6, sids=[1])
        assert (await ws.hear_of("unsubscribed"))["sid"] == 1

    connected(work)


def test_a_market_that_was_settled_has_no_book_to_show() -> None:
    async def work(client: Client, ws: Socket) -> None:
        client.simulation.engine.markets[OTHER].status = "finalized"
        await ws.command("subscribe", channels=["orderbook_delta"], market_tickers=[GAME, OTHER])
        assert (await ws.hear_of("error"))["msg"]["code"] == MARKET_NOT_FOUND

    connected(work)


def test_fees_of_an_event_are_told() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["market_lifecycle_v2"])
        await ws.hear_of("subscribed")
        client.simulation.engine.tell(FeesChanged(EVENT, ("quadratic", 0.5)))
        client.simulation.step()
        told = {"event_ticker": EVENT, "fee_type_override": "quadratic", "fee_multiplier_override": 0.5}
        assert (await ws.hear_of("event_fee_update"))["msg"] == told

    connected(work)


def test_own_orders_fills_and_positions_are_told() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["user_orders", "fill", "market_positions"])
        for _ in range(3):
            await ws.hear_of("subscribed")
        answer = await client.asked("POST", ORDERS, order("0.90", "2", client_order_id="mine"))
        assert answer is not None
        oid = answer[1]["order_id"]
        fill = (await ws.hear_of("fill"))["msg"]
        assert (fill["order_id"], fill["count_fp"], fill["post_position_fp"]) == (oid, "2.00", "2.00")
        assert (await ws.hear_of("market_position"))["msg"]["position_fp"] == "2.00"
        done = frame(msgspec.json.encode(await ws.hear_of("user_order"))).content
        assert (getattr(done, "status", ""), getattr(done, "client_order_id", "")) == ("executed", "mine")
        await client.asked("POST", ORDERS, order("0.01"))
        assert (await ws.hear_of("user_order"))["msg"]["status"] == "resting"

    connected(work)


@pytest.mark.parametrize(
    ("cmd", "params", "code"),
    [
        ("subscribe", {}, 3),
        ("subscribe", {"channels": ["gossip"]}, 8),
        ("subscribe", {"channels": ["orderbook_delta"]}, 14),
        ("subscribe", {"channels": ["ticker"], "market_ticker": "NOWHERE"}, 16),
        ("unsubscribe", {}, 4),
        ("unsubscribe", {"sids": [9]}, 7),
        ("update_subscription", {"sids": [1, 2]}, 12),
        ("update_subscription", {"sid": 9}, 7),
        ("sing", {}, 5),
    ],
)
def test_commands_that_are_refused(cmd: str, params: dict[str, Any], code: int) -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command(cmd, 3, **params)
        error = await ws.hear()
        assert (error["id"], error["type"], error["msg"]["code"]) == (3, "error", code)

    connected(work)


@pytest.mark.parametrize(
    ("text", "code"), [("{", 1), ('{"id":1,"cmd":"subscribe"}', 2), ('{"id":1,"cmd":"subscribe","params":[]}', 1)]
)
def test_messages_that_cannot_be_read(text: str, code: int) -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.ws.send_str(text)
        assert (await ws.hear())["msg"]["code"] == code

    connected(work)


def test_a_second_subscription_to_a_channel_is_refused() -> None:
    async def work(client: Client, ws: Socket) -> None:
        for number in (1, 2):
            await ws.command("subscribe", number, channels=["fill"])
        await ws.hear_of("subscribed")
        assert (await ws.hear_of("error"))["msg"]["code"] == 6

    connected(work)


def test_the_handshake_is_signed() -> None:
    async def work(client: Client, url: str) -> None:
        bad = {**client.signed("GET", WS_PATH), KEY_HEADER: "nobody"}
        for headers in (bad, client.signed("GET", "/trade-api/v2/ws"), {"X-None": ""}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                async with socket(client, url, headers):
                    pass
            assert caught.value.status == 401

    with_server(work)


def test_a_skipped_number_is_a_gap_and_an_overflow_ends_the_subscription() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["orderbook_delta"], market_ticker=GAME)
        await ws.hear_of("orderbook_snapshot")
        for _ in range(3):
            await client.asked("POST", ORDERS, order("0.01", "1"))
        seqs = [(await ws.hear_of("orderbook_delta"))["seq"] for _ in range(2)]
        assert seqs == [3, 4], "the second frame of the channel never came"
        await client.asked("POST", ORDERS, order("0.01", "1"))
        assert (await ws.hear_of("error"))["msg"]["code"] == BUFFER_OVERFLOW
        await ws.command("list_subscriptions")
        assert (await ws.hear_of("ok"))["msg"] == []

    connected(work, Fault("seq_gap", count=1), Fault("overflow", after=2, count=1))


def test_frames_come_twice_late_in_another_order_or_the_line_breaks() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["orderbook_delta"], market_ticker=GAME)
        await ws.hear_of("orderbook_snapshot")
        for _ in range(3):
            await client.asked("POST", ORDERS, order("0.01", "1"))
        seqs = [(await ws.hear_of("orderbook_delta"))["seq"] for _ in range(4)]
        assert seqs == [2, 2, 4, 3]
        await client.asked("POST", ORDERS, order("0.01", "1"))
        assert await ws.hear() is None

    place = "ws:orderbook_delta"
    connected(
        work,
        Fault("duplicate", place, count=1),
        Fault("reorder", place, after=1, count=1),
        Fault("disconnect", place, after=3),
    )


def test_the_heart_beats_while_the_feed_is_frozen() -> None:
    async def work(client: Client, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            headers = client.signed("GET", WS_PATH)
            async with session.ws_connect(f"{url}{WS_PATH}", headers=headers, autoping=False) as ws:
                await ws.send_json({"id": 1, "cmd": "subscribe", "params": {"channels": ["ticker"]}})
                assert (await ws.receive(timeout=5)).json()["type"] == "subscribed"
                client.simulation.step()
                beat = await ws.receive(timeout=5)
                assert (beat.type, bytes(beat.data)) == (aiohttp.WSMsgType.PING, b"heartbeat")

    with_server(work, Fault("frozen_feed"), heartbeat_s=0.05)


def test_a_line_that_breaks_without_an_answer() -> None:
    async def work(client: Client, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            path = f"/trade-api/v2{ORDERS}"
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.post(url + path, json=order(), headers=client.signed("POST", path))
            listed = await client.asked("GET", "/portfolio/orders")
            assert listed is not None
            assert len(listed[1]["orders"]) == 1, "yet it was taken"

    with_server(work, Fault("unknown"))


def test_the_life_of_a_market_is_told() -> None:
    async def work(client: Client, ws: Socket) -> None:
        await ws.command("subscribe", channels=["market_lifecycle_v2"])
        await ws.hear_of("subscribed")
        life = client.simulation._life
        life._become(client.simulation.engine.markets[GAME], "inactive", "deactivated")
        client.simulation.step()
        told = (await ws.hear_of("market_lifecycle_v2"))["msg"]
        assert (told["market_ticker"], told["event_type"], told["is_deactivated"]) == (GAME, "deactivated", True)

    connected(work)


def test_servers_end_while_clients_are_connected() -> None:
    async def work(client: Client, url: str) -> None:
        async with socket(client, url) as ws:
            await ws.command("list_subscriptions")
            await ws.hear_of("ok")
            client.simulation.cut_all()
            assert await asyncio.wait_for(ws.hear(), 5) is None

    with_server(work)
