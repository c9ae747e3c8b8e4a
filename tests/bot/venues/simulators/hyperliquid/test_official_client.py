"""The venue's own Python client, unmodified, cannot tell the simulator from the exchange: orders and refusals.

What it sends it signs itself; what is held here are the answers and texts it gets.
"""

from __future__ import annotations

import time
from typing import Any

import eth_account
import pytest

from tests.bot.venues.simulators.hyperliquid.official import (
    ALO,
    GTC,
    IOC,
    ClientError,
    Cloid,
    Exchange,
    asset,
    best,
    one,
    rest,
    statuses,
    trader,
)

pytestmark = pytest.mark.usefixtures("swept")


def test_meta_tells_decimals_by_place(exchange: Exchange) -> None:
    universe = exchange.info.meta()["universe"]
    assert {row["name"]: row["szDecimals"] for row in universe if not row.get("isDelisted")}["BTC"] == 5
    assert [n for n, row in enumerate(universe) if row["name"] == "SOL"] == [asset(exchange)]


def test_the_book_is_uncrossed_and_written_as_text(exchange: Exchange) -> None:
    book = exchange.info.l2_snapshot("SOL")
    bids, asks = book["levels"]
    assert book["coin"] == "SOL"
    assert 0 < len(bids) <= 20
    assert [float(level["px"]) for level in bids] == sorted((float(level["px"]) for level in bids), reverse=True)
    assert float(bids[0]["px"]) < float(asks[0]["px"])
    assert all("." in level["px"] and "." in level["sz"] and level["n"] >= 1 for level in bids + asks)


def test_a_post_only_order_rests_and_is_listed(exchange: Exchange) -> None:
    cloid = Cloid.from_int(71)
    status = one(exchange.order("SOL", True, 1.5, 150.0, ALO, cloid=cloid))
    assert status == {"resting": {"oid": status["resting"]["oid"], "cloid": cloid.to_raw()}}
    (order,) = exchange.info.open_orders(exchange.account_address)
    assert {k: order[k] for k in ("coin", "side", "limitPx", "sz", "origSz", "oid", "cloid")} == {
        "coin": "SOL",
        "side": "B",
        "limitPx": "150.0",
        "sz": "1.5",
        "origSz": "1.5",
        "oid": status["resting"]["oid"],
        "cloid": cloid.to_raw(),
    }


def test_a_post_only_order_that_would_match_is_refused_with_the_best_prices(exchange: Exchange) -> None:
    _, ask = best(exchange)
    error = one(exchange.order("SOL", True, 1.0, round(ask * 1.02, 1), ALO))["error"]
    assert error.startswith("Post only order would have immediately matched, bbo was ")
    assert error.endswith(f". asset={asset(exchange)}")
    assert "@" in error


@pytest.mark.parametrize(
    ("price", "size", "text"),
    [
        (150.123, 1.0, "Price must be divisible by tick size. asset={asset}"),
        (150.0, 0.01, "Order must have minimum value of $10. asset={asset}"),
        (150.0, 0.001, "Order has invalid size."),
        (150.0, 30_000.0, "Insufficient margin to place order. asset={asset}"),
        (150.0, 40_000.0, "Order value too large. Max is $5000000."),
        (5.0, 10.0, "Order price cannot be more than 95% away from the reference price"),
    ],
)
def test_a_refusal_has_the_venues_words(exchange: Exchange, price: float, size: float, text: str) -> None:
    reply = exchange.order("SOL", True, size, price, GTC)
    assert one(reply) == {"error": text.format(asset=asset(exchange))}


def test_gtc_takes_what_it_crosses_and_ioc_leaves_nothing(exchange: Exchange) -> None:
    _, ask = best(exchange)
    filled = one(exchange.order("SOL", True, 1.0, round(ask * 1.01, 1), GTC))["filled"]
    assert filled["totalSz"] == "1.0"
    assert float(filled["avgPx"]) <= ask * 1.01
    bid, _ = best(exchange)
    assert one(exchange.order("SOL", False, 1.0, round(bid * 0.99, 1), IOC))["filled"]["totalSz"] == "1.0"
    assert exchange.info.open_orders(exchange.account_address) == []
    assert exchange.info.user_state(exchange.account_address)["assetPositions"] == []


def test_an_ioc_that_meets_nobody_is_refused(exchange: Exchange) -> None:
    text = "Order could not immediately match against any resting orders. asset={asset}"
    assert one(exchange.order("SOL", True, 1.0, 150.0, IOC)) == {"error": text.format(asset=asset(exchange))}


def test_a_reduce_only_order_needs_a_position(exchange: Exchange) -> None:
    reply = exchange.order("SOL", True, 1.0, 150.0, GTC, reduce_only=True)
    assert one(reply) == {"error": f"Reduce only order would increase position. asset={asset(exchange)}"}


def test_modify_gives_a_new_order_and_the_old_is_gone(exchange: Exchange) -> None:
    oid = rest(exchange)
    resting = one(exchange.modify_order(oid, "SOL", True, 2.0, 151.0, ALO))["resting"]
    assert resting["oid"] != oid
    (order,) = exchange.info.open_orders(exchange.account_address)
    assert (order["oid"], order["limitPx"], order["sz"]) == (resting["oid"], "151.0", "2.0")
    again = one(exchange.modify_order(oid, "SOL", True, 2.0, 152.0, ALO))
    assert again == {"error": "Cannot modify canceled or filled order"}


def test_cancel_by_either_id_and_not_twice(exchange: Exchange) -> None:
    gone = {"error": f"Order was never placed, already canceled, or filled. asset={asset(exchange)}"}
    oid, cloid = rest(exchange), Cloid.from_int(72)
    rest(exchange, cloid)
    assert one(exchange.cancel("SOL", oid), "cancel") == "success"
    assert one(exchange.cancel("SOL", oid), "cancel") == gone
    assert one(exchange.cancel_by_cloid("SOL", cloid), "cancel") == "success"
    assert one(exchange.cancel_by_cloid("SOL", cloid), "cancel") == gone
    assert exchange.info.query_order_by_cloid(exchange.account_address, cloid)["order"]["status"] == "canceled"
    assert exchange.info.query_order_by_oid(exchange.account_address, 5) == {"status": "unknownOid"}


def test_a_batch_has_a_status_for_each_order_in_order(exchange: Exchange) -> None:
    rows = [("SOL", 150.0), ("SOL", 150.123), ("ETH", 3000.0)]
    reply = exchange.bulk_orders(
        [
            {"coin": coin, "is_buy": True, "sz": 0.5, "limit_px": price, "order_type": ALO, "reduce_only": False}
            for coin, price in rows
        ]
    )
    first, second, third = statuses(reply)
    assert "resting" in first
    assert second == {"error": f"Price must be divisible by tick size. asset={asset(exchange)}"}
    assert "resting" in third
    cancels = [{"coin": "SOL", "oid": first["resting"]["oid"]}, {"coin": "ETH", "oid": third["resting"]["oid"]}]
    assert statuses(exchange.bulk_cancel(cancels), "cancel") == ["success", "success"]


def test_schedule_cancel_is_for_those_who_traded(ready: dict[str, Any], exchange: Exchange) -> None:
    soon = time.time_ns() // 1_000_000 + 60_000
    done = {"status": "ok", "response": {"type": "default"}}
    assert exchange.schedule_cancel(soon) == done
    assert exchange.schedule_cancel(None) == done
    assert trader(ready, 1).schedule_cancel(soon) == {
        "status": "err",
        "response": "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0.",
    }


def test_an_unknown_wallet_is_told_its_own_address(ready: dict[str, Any]) -> None:
    wallet = eth_account.Account.create()
    stranger = Exchange(wallet, ready["url"])
    assert stranger.cancel("SOL", 1) == {
        "status": "err",
        "response": f"User or API Wallet {wallet.address.lower()} does not exist.",
    }


def test_an_action_after_its_deadline_is_refused(ready: dict[str, Any]) -> None:
    late = trader(ready)
    late.set_expires_after(time.time_ns() // 1_000_000 - 1_000)
    assert late.cancel("SOL", 1) == {"status": "err", "response": "Action already expired"}


def test_what_the_venue_does_not_know_is_no_request(exchange: Exchange) -> None:
    with pytest.raises(ClientError) as caught:
        exchange.info.post("/info", {"type": "nonsense"})
    assert caught.value.status_code == 422
    assert caught.value.error_message == "Failed to deserialize the JSON body into the target type"


def test_leverage_limits_what_an_account_may_hold(ready: dict[str, Any]) -> None:
    other = trader(ready, 2)
    assert other.update_leverage(21, "SOL") == {"status": "err", "response": "Invalid leverage value"}
    assert other.update_leverage(1, "SOL") == {"status": "ok", "response": {"type": "default"}}
    text = f"Insufficient margin to place order. asset={asset(other)}"
    assert one(other.order("SOL", True, 700.0, 150.0, ALO)) == {"error": text}
    assert other.update_leverage(20, "SOL")["status"] == "ok"
    oid = one(other.order("SOL", True, 700.0, 150.0, ALO))["resting"]["oid"]
    assert one(other.cancel("SOL", oid), "cancel") == "success"
