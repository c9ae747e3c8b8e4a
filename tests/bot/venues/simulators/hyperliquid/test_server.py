"""The wire: websockets as the venue has them, and every fault as a client meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from bot.clock import HostClock
from bot.venues.hyperliquid.actions import (
    Action,
    Cancel,
    CancelWire,
    Envelope,
    Limit,
    Modify,
    OrderType,
    OrderWire,
    PlaceOrders,
)
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators.hyperliquid.faults import Fault, Plan
from bot.venues.simulators.hyperliquid.server import Simulator

SOL = 0
CUT = (aiohttp.ClientConnectionError, aiohttp.ServerDisconnectedError)


class Client:
    """One session with the simulator, and its main account."""

    def __init__(self, simulator: Simulator, url: str, session: aiohttp.ClientSession) -> None:
        self.simulator, self.url, self.session = simulator, url, session
        self.keys = simulator.keys[0]
        self.user = self.keys.account.address
        self._agent = Agent(self.keys.agent_key)
        self._nonce = HostClock().now() // 1_000_000

    async def info(self, **question: object) -> Any:
        return await self._post("/info", question)

    async def act(self, action: Action) -> Any:
        return await self._post("/exchange", self.envelope(action))

    def envelope(self, action: Action) -> Envelope:
        self._nonce += 1
        return Envelope(action, self._nonce, self._agent.sign(action, self._nonce, "testnet"))

    async def _post(self, path: str, body: object) -> Any:
        async with self.session.post(f"{self.url}{path}", data=msgspec.json.encode(body)) as answer:
            return answer.status if answer.status != 200 else await answer.json()

    @asynccontextmanager
    async def socket(self, **subscription: object) -> AsyncIterator[Socket]:
        async with self.session.ws_connect(f"{self.url}/ws") as ws:
            socket = Socket(ws)
            if subscription:
                await socket.send(method="subscribe", subscription=subscription)
            yield socket


class Socket:
    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def send(self, **message: object) -> None:
        await self._ws.send_json(message)

    async def say(self, text: str) -> None:
        await self._ws.send_str(text)

    async def hear(self) -> Any:
        """The next frame; None once the socket is closed."""
        message = await self._ws.receive(timeout=5)
        return message.json() if message.type is aiohttp.WSMsgType.TEXT else None

    async def hear_of(self, channel: str) -> Any:
        while (frame := await self.hear()) is not None:
            if frame["channel"] == channel:
                return frame["data"]
        pytest.fail(f"closed before a frame of {channel}")


def with_client(work: Callable[[Client], Awaitable[None]], *faults: Fault) -> None:
    async def run() -> None:
        simulator = Simulator(HostClock(), seed=5, plan=Plan(list(faults)))
        url = await simulator.open(0)
        try:
            async with aiohttp.ClientSession() as session:
                await work(Client(simulator, url, session))
        finally:
            await simulator.close()

    asyncio.run(run())


def bids(number: int = 1, price: str = "150") -> PlaceOrders:
    return PlaceOrders([OrderWire(SOL, True, price, "1", False, OrderType(Limit("Gtc")))] * number)


def test_a_subscription_is_repeated_with_its_defaults() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="l2Book", coin="SOL") as socket:
            wish = {"type": "l2Book", "coin": "SOL", "nSigFigs": None, "mantissa": None, "fast": False}
            assert await socket.hear_of("subscriptionResponse") == {"method": "subscribe", "subscription": wish}
            assert (await socket.hear_of("l2Book"))["coin"] == "SOL"
            await socket.send(method="subscribe", subscription={"type": "l2Book", "coin": "SOL"})
            assert (await socket.hear_of("error")).startswith('Already subscribed: {"type":"l2Book"')
            await socket.send(method="unsubscribe", subscription={"type": "l2Book", "coin": "SOL"})
            assert (await socket.hear_of("subscriptionResponse"))["method"] == "unsubscribe"
            await socket.send(method="unsubscribe", subscription={"type": "l2Book", "coin": "SOL"})
            assert (await socket.hear_of("error")).startswith("Already unsubscribed: ")

    with_client(work)


@pytest.mark.parametrize(
    "subscription",
    [
        {"type": "bbo", "coin": "sol"},
        {"type": "l2Book", "coin": "NONE"},
        {"type": "l2Book", "coin": "SOL", "nSigFigs": 9},
        {"type": "l2Book", "coin": "SOL", "nSigFigs": 4, "mantissa": 2},
    ],
)
def test_a_typing_error_costs_the_socket(subscription: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    async def work(client: Client) -> None:
        async with client.socket(**subscription) as socket:
            assert await socket.hear() is None

    with_client(work)
    assert not caplog.records, "it closes on purpose, not by a failure"


def test_a_delisted_market_is_acknowledged_and_empty() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="l2Book", coin="MATIC") as socket:
            assert (await socket.hear_of("l2Book"))["levels"] == [[], []]

    with_client(work)


@pytest.mark.parametrize("text", ["tea", "{}", '{"method":"subscribe","subscription":{"type":"tea"}}'])
def test_nonsense_is_an_error_and_the_socket_lives(text: str) -> None:
    async def work(client: Client) -> None:
        async with client.socket() as socket:
            await socket.say(text)
            assert await socket.hear_of("error") == f"Error parsing JSON into valid websocket request: {text}"
            await socket.send(method="ping")
            assert await socket.hear() == {"channel": "pong"}

    with_client(work)


def test_a_socket_on_which_nothing_is_sent_is_closed() -> None:
    async def work(client: Client) -> None:
        client.simulator.silence_s = 0.2
        async with client.socket() as socket:
            assert await socket.hear() is None

    with_client(work)


def test_best_prices_come_when_they_change() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="bbo", coin="SOL") as socket:
            first = await socket.hear_of("bbo")
            await client.act(bids())
            await socket.send(method="ping")
            assert await socket.hear() == {"channel": "pong"}, "an order behind the best changes nothing"
            await client.act(bids(price="185.01"))
            assert (await socket.hear_of("bbo"))["bbo"] != first["bbo"]

    with_client(work)


def test_fills_of_before_are_a_snapshot() -> None:
    async def work(client: Client) -> None:
        await client.act(bids(price="190"))
        async with client.socket(type="userFills", user=client.user) as socket:
            data = await socket.hear_of("userFills")
            assert data["isSnapshot"] is True
            assert sum(float(fill["sz"]) for fill in data["fills"]) == 1.0

    with_client(work)


def test_requests_pass_over_a_socket_too() -> None:
    async def work(client: Client) -> None:
        async with client.socket() as socket:
            payload = {"type": "l2Book", "coin": "SOL"}
            await socket.send(method="post", id=3, request={"type": "info", "payload": payload})
            data = await socket.hear_of("post")
            assert (data["id"], data["response"]["payload"]["type"]) == (3, "l2Book")
            action = msgspec.to_builtins(client.envelope(bids()))
            await socket.send(method="post", id=4, request={"type": "action", "payload": action})
            data = await socket.hear_of("post")
            (status,) = data["response"]["payload"]["response"]["data"]["statuses"]
            assert (data["id"], data["response"]["type"], list(status)) == (4, "action", ["resting"])

    with_client(work)


def test_an_agents_address_has_no_orders() -> None:
    async def work(client: Client) -> None:
        await client.act(bids())
        agent = Agent(client.keys.agent_key).address
        assert len(await client.info(type="openOrders", user=client.user)) == 1
        assert await client.info(type="openOrders", user=agent) == []
        assert await client.info(type="userRole", user=agent) == {"role": "agent", "data": {"user": client.user}}

    with_client(work)


def test_too_much_weight_is_429() -> None:
    async def work(client: Client) -> None:
        answers = [await client.info(type="meta") for _ in range(61)]
        assert answers[59] != 429
        assert answers[60] == 429

    with_client(work)


@pytest.mark.parametrize(("fault", "resting"), [("drop", 0), ("unknown", 1)])
def test_a_cut_connection_says_nothing_of_the_order(fault: str, resting: int) -> None:
    async def work(client: Client) -> None:
        with pytest.raises(CUT):
            await client.act(bids())
        assert len(await client.info(type="openOrders", user=client.user)) == resting

    with_client(work, Fault(fault))


@pytest.mark.parametrize(("fault", "resting"), [("drop", 0), ("unknown", 1)])
def test_a_socket_can_break_over_an_order(fault: str, resting: int) -> None:
    async def work(client: Client) -> None:
        async with client.socket() as socket:
            action = msgspec.to_builtins(client.envelope(bids()))
            await socket.send(method="post", id=4, request={"type": "action", "payload": action})
            assert await socket.hear() is None
        assert len(await client.info(type="openOrders", user=client.user)) == resting

    with_client(work, Fault(fault))


def test_too_many_requests_have_no_effect() -> None:
    async def work(client: Client) -> None:
        assert await client.act(bids()) == 429
        assert await client.info(type="openOrders", user=client.user) == []

    with_client(work, Fault("too_many", count=1))


def test_a_collapsed_batch_has_one_status_and_all_orders() -> None:
    async def work(client: Client) -> None:
        reply = await client.act(bids(3))
        assert len(reply["response"]["data"]["statuses"]) == 1
        assert len(await client.info(type="openOrders", user=client.user)) == 3

    with_client(work, Fault("collapsed"))


def test_a_rejection_has_the_text_of_the_plan() -> None:
    async def work(client: Client) -> None:
        reply = await client.act(bids())
        assert reply["response"]["data"]["statuses"] == [{"error": "no tea for 0"}]

    with_client(work, Fault("reject", text="no tea for {asset}"))


def test_a_post_only_window_opens_again() -> None:
    async def work(client: Client) -> None:
        refused, taken = [await client.act(bids()) for _ in range(2)]
        assert "Only post-only" in refused["response"]["data"]["statuses"][0]["error"]
        assert "resting" in taken["response"]["data"]["statuses"][0]

    with_client(work, Fault("post_only", count=1))


def test_a_frozen_feed_keeps_the_socket_and_our_own_news() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="bbo", coin="SOL") as socket:
            await socket.send(method="subscribe", subscription={"type": "orderUpdates", "user": client.user})
            client.simulator.step()
            await client.act(bids())
            kinds = [(await socket.hear())["channel"] for _ in range(3)]
            assert kinds == ["subscriptionResponse", "subscriptionResponse", "orderUpdates"]

    with_client(work, Fault("frozen_feed"))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("duplicate", ["150.0", "150.0", "151.0", "152.0"]),
        ("reorder", ["151.0", "150.0", "152.0"]),
        ("drop", ["151.0", "152.0"]),
        ("delay", ["150.0", "151.0", "152.0"]),
    ],
)
def test_frames_go_astray(fault: str, expected: list[str]) -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="orderUpdates", user=client.user) as socket:
            await socket.hear_of("subscriptionResponse")
            for price in ("150", "151", "152"):
                await client.act(bids(price=price))
            heard = [(await socket.hear_of("orderUpdates"))[0]["order"]["limitPx"] for _ in expected]
            assert heard == expected

    with_client(work, Fault(fault, "ws:orderUpdates", count=1, delay_s=0.1))


@pytest.mark.parametrize("plan", [[], [Fault("reverse")]])
def test_a_replacement_may_be_told_before_the_end_of_the_old_order(plan: list[Fault]) -> None:
    async def work(client: Client) -> None:
        resting = await client.act(bids())
        oid = resting["response"]["data"]["statuses"][0]["resting"]["oid"]
        async with client.socket(type="orderUpdates", user=client.user) as socket:
            await socket.hear_of("subscriptionResponse")
            assert (await client.act(Modify(oid, bids(price="151").orders[0])))["response"] == {"type": "default"}
            told = [update["status"] for update in await socket.hear_of("orderUpdates")]
            assert told == (["open", "canceled"] if plan else ["canceled", "open"])

    with_client(work, *plan)


def test_long_answers_weigh_more() -> None:
    """Of 480 orders: 20 for the question and 24 for the answer; batches of 40 weighed 48 before."""

    async def work(client: Client) -> None:
        for _ in range(12):
            await client.act(bids(40))
            await client.act(Cancel([CancelWire(SOL, oid) for oid in list(client.keys.account.open)]))
        answers = [await client.info(type="historicalOrders", user=client.user) for _ in range(28)]
        assert [answer == 429 for answer in answers] == [False] * 26 + [True] * 2

    with_client(work)


def test_a_disconnect_closes_the_socket_in_the_middle() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="orderUpdates", user=client.user) as socket:
            await socket.hear_of("subscriptionResponse")
            await client.act(bids())
            assert await socket.hear() is None

    with_client(work, Fault("disconnect", "ws:orderUpdates"))


def test_the_eleventh_socket_is_refused() -> None:
    async def work(client: Client) -> None:
        sockets = [await client.session.ws_connect(f"{client.url}/ws") for _ in range(10)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.session.ws_connect(f"{client.url}/ws")
        assert refused.value.status == 429
        for socket in sockets:
            await socket.close()

    with_client(work)
