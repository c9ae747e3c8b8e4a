"""The venue's own Python client, unmodified, and short words for what tests do with it."""

from __future__ import annotations

import warnings
from typing import Any

import eth_account

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # those of the client's own dependencies are not ours to mend
    from hyperliquid.exchange import Exchange
    from hyperliquid.info import Info
    from hyperliquid.utils.error import ClientError
    from hyperliquid.utils.types import Cloid

__all__ = ["ClientError", "Cloid", "Exchange", "Info"]
ALO, GTC, IOC = ({"limit": {"tif": tif}} for tif in ("Alo", "Gtc", "Ioc"))


def trader(ready: dict[str, Any], number: int = 0) -> Exchange:
    account = ready["accounts"][number]
    wallet = eth_account.Account.from_key(account["agent_key"])
    return Exchange(wallet, ready["url"], account_address=account["address"])


def statuses(reply: Any, kind: str = "order") -> list[Any]:
    assert (reply["status"], reply["response"]["type"]) == ("ok", kind), reply
    found: list[Any] = reply["response"]["data"]["statuses"]
    return found


def one(reply: Any, kind: str = "order") -> Any:
    (status,) = statuses(reply, kind)
    return status


def best(exchange: Exchange, coin: str = "SOL") -> tuple[float, float]:
    bids, asks = exchange.info.l2_snapshot(coin)["levels"]
    return float(bids[0]["px"]), float(asks[0]["px"])


def rest(exchange: Exchange, cloid: Cloid | None = None, price: float = 150.0) -> int:
    """A bid far below the market; its order id."""
    oid: int = one(exchange.order("SOL", True, 1.0, price, ALO, cloid=cloid))["resting"]["oid"]
    return oid


def asset(exchange: Exchange, coin: str = "SOL") -> int:
    number: int = exchange.info.name_to_asset(coin)
    return number
