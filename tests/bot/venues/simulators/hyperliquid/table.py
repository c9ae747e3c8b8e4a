"""The engine with two accounts and no crowd, so that every trade is ours."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.venues.hyperliquid.actions import Limit, OrderType, OrderWire, Tif
from bot.venues.hyperliquid.codec import OrderUpdate, Status
from bot.venues.simulators.hyperliquid import market
from bot.venues.simulators.hyperliquid.accounts import Account
from bot.venues.simulators.hyperliquid.engine import Engine, Told

SOL = 0
NOW = 1_795_000_000_000


class Table:
    """An exchange with two accounts, a and b."""

    def __init__(self) -> None:
        self.now = NOW
        self.a, self.b = Account("0xa"), Account("0xb")
        self.engine = Engine(market.universe(3), (self.a, self.b), lambda: self.now)
        self.sol = self.engine.markets["SOL"]

    def buy(self, account: Account, price: str, size: str, tif: Tif = "Gtc", **more: Any) -> Status:
        return self.engine.place(account, wire(True, price, size, tif, **more))

    def sell(self, account: Account, price: str, size: str, tif: Tif = "Gtc", **more: Any) -> Status:
        return self.engine.place(account, wire(False, price, size, tif, **more))

    def told(self, account: Account) -> list[tuple[int, str]]:
        """Updates of an account's orders, and forget all news."""
        news = [item for item in self.engine.take_news() if isinstance(item, Told) and item.address == account.address]
        return [(item.what.order.oid, item.what.status) for item in news if isinstance(item.what, OrderUpdate)]


def wire(buy: bool, price: str, size: str, tif: Tif = "Gtc", ro: bool = False, cloid: str = "") -> OrderWire:
    made = OrderWire(SOL, buy, price, size, ro, OrderType(Limit(tif)))
    return msgspec.structs.replace(made, c=cloid) if cloid else made


def oid(status: Status) -> int:
    assert status.resting is not None, status
    return status.resting.oid
