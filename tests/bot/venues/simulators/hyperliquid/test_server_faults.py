"""Every fault as a client meets it."""

from __future__ import annotations

import msgspec
import pytest

from bot.venues.hyperliquid.actions import BatchModify, Modify, ModifyWire
from bot.venues.simulators.hyperliquid.faults import Fault
from tests.bot.venues.simulators.hyperliquid.client import CUT, Client, bids, with_client


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


def test_a_refused_replacement_leaves_neither_order() -> None:
    async def work(client: Client) -> None:
        resting = await client.act(bids())
        oid = resting["response"]["data"]["statuses"][0]["resting"]["oid"]
        reply = await client.act(BatchModify([ModifyWire(oid, bids(price="151").orders[0])]))
        text = "Error placing new order during modify: no tea"
        assert reply["response"]["data"]["statuses"] == [{"error": text}]
        assert await client.info(type="openOrders", user=client.user) == []
        assert client.simulator.faults.struck() == {"reject": 1}

    with_client(work, Fault("reject", "exchange:batchModify", text="no tea"))


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


def test_a_disconnect_closes_the_socket_in_the_middle() -> None:
    async def work(client: Client) -> None:
        async with client.socket(type="orderUpdates", user=client.user) as socket:
            await socket.hear_of("subscriptionResponse")
            await client.act(bids())
            assert await socket.hear() is None

    with_client(work, Fault("disconnect", "ws:orderUpdates"))
