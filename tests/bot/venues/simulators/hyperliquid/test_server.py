"""The wire: requests and websockets as the venue has them."""

from __future__ import annotations

import aiohttp
import msgspec
import pytest

from bot.venues.hyperliquid.actions import Cancel, CancelWire
from bot.venues.hyperliquid.signing import Agent
from tests.bot.venues.simulators.hyperliquid.client import SOL, Client, bids, with_client


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


def test_long_answers_weigh_more() -> None:
    """Of 480 orders: 20 for the question and 24 for the answer; batches of 40 weighed 48 before."""

    async def work(client: Client) -> None:
        for _ in range(12):
            await client.act(bids(40))
            await client.act(Cancel([CancelWire(SOL, oid) for oid in list(client.keys.account.open)]))
        answers = [await client.info(type="historicalOrders", user=client.user) for _ in range(28)]
        assert [answer == 429 for answer in answers] == [False] * 26 + [True] * 2

    with_client(work)


def test_the_eleventh_socket_is_refused() -> None:
    async def work(client: Client) -> None:
        sockets = [await client.session.ws_connect(f"{client.url}/ws") for _ in range(10)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.session.ws_connect(f"{client.url}/ws")
        assert refused.value.status == 429
        for socket in sockets:
            await socket.close()

    with_client(work)
