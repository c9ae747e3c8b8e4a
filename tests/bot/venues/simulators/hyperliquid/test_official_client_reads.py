"""The venue's own Python client reads accounts and streams of the simulator as it does those of the exchange."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from tests.bot.venues.simulators.hyperliquid.official import (
    IOC,
    Exchange,
    Info,
    asset,
    best,
    one,
    rest,
)

pytestmark = pytest.mark.usefixtures("swept")


def test_fills_tell_fee_direction_and_the_position_before(exchange: Exchange) -> None:
    assert one(exchange.market_open("BTC", True, 0.01))["filled"]["totalSz"] == "0.01"
    (held,) = exchange.info.user_state(exchange.account_address)["assetPositions"]
    assert (held["type"], held["position"]["coin"], held["position"]["szi"]) == ("oneWay", "BTC", "0.01")
    assert one(exchange.market_close("BTC"))["filled"]["totalSz"] == "0.01"
    newest, *_ = exchange.info.user_fills(exchange.account_address)
    assert (newest["dir"], newest["side"], newest["crossed"], newest["feeToken"]) == ("Close Long", "A", True, "USDC")
    assert float(newest["fee"]) == pytest.approx(float(newest["px"]) * float(newest["sz"]) * 0.00045, abs=1e-6)


def test_the_other_questions_have_answers(ready: dict[str, Any], exchange: Exchange) -> None:
    user, info = exchange.account_address, exchange.info
    oid = rest(exchange)
    (shown,) = info.frontend_open_orders(user)
    assert (shown["orderType"], shown["tif"], shown["reduceOnly"], shown["cloid"]) == ("Limit", "Alo", False, None)
    assert [row["status"] for row in info.historical_orders(user) if row["order"]["oid"] == oid] == ["open"]
    assert info.query_order_by_oid(user, oid)["order"]["order"]["sz"] == "1.0"
    meta, contexts = info.meta_and_asset_ctxs()
    assert len(meta["universe"]) == len(contexts)
    assert float(info.all_mids()["SOL"]) == pytest.approx(float(contexts[asset(exchange)]["oraclePx"]), rel=0.01)
    rates = info.user_fees(user)
    assert (rates["userCrossRate"], rates["userAddRate"]) == ("0.00045", "0.00015")
    used = info.user_rate_limit(user)
    assert used["nRequestsUsed"] <= used["nRequestsCap"]
    assert {agent["address"] for agent in info.extra_agents(user)} > {exchange.wallet.address.lower()}
    assert info.user_fills_by_time(user, 0, 1) == []


def test_the_streams_tell_of_books_orders_and_fills(ready: dict[str, Any], exchange: Exchange) -> None:
    user, heard = ready["accounts"][0]["address"], {}
    with_streams = Info(ready["url"])
    try:
        for subscription in (
            {"type": "l2Book", "coin": "SOL"},
            {"type": "bbo", "coin": "SOL"},
            {"type": "trades", "coin": "SOL"},
            {"type": "allMids"},
            {"type": "orderUpdates", "user": user},
            {"type": "userFills", "user": user},
            {"type": "userEvents", "user": user},
        ):
            heard[subscription["type"]] = queue.Queue()
            with_streams.subscribe(subscription, heard[subscription["type"]].put)

        def hear(kind: str) -> Any:
            return heard[kind].get(timeout=5)["data"]

        assert hear("userFills")["isSnapshot"] is True
        bids, asks = hear("l2Book")["levels"]
        assert float(bids[0]["px"]) < float(asks[0]["px"])
        assert len(hear("bbo")["bbo"]) == 2
        assert "SOL" in hear("allMids")["mids"]
        _, ask = best(exchange)
        filled = one(exchange.order("SOL", True, 1.0, round(ask * 1.01, 1), IOC))["filled"]
        updates = hear("orderUpdates")
        assert [(u["order"]["oid"], u["status"]) for u in updates] == [(filled["oid"], s) for s in ("open", "filled")]
        fills = hear("userFills")
        assert "isSnapshot" not in fills
        assert {fill["oid"] for fill in fills["fills"]} == {filled["oid"]}
        assert {fill["oid"] for fill in hear("userEvents")["fills"]} == {filled["oid"]}
        assert any(user in trade["users"] for trade in _until_ours(hear, user))
    finally:
        with_streams.disconnect_websocket()


def _until_ours(hear: Any, user: str) -> list[dict[str, Any]]:
    """The first trades with us in them; a stranger's come before."""
    while True:
        trades: list[dict[str, Any]] = hear("trades")
        if any(user in trade["users"] for trade in trades):
            return trades
