"""What is sent to /exchange: one struct an action, its fields in the order that the hash covers.

Prices and sizes are the wire's texts (see `spec.Wire`); client order ids are "0x" and 32 hex digits; times are ms.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from bot.venues.hyperliquid.signing import Signature

Tif = Literal["Alo", "Ioc", "Gtc", "FrontendMarket"]


class Limit(msgspec.Struct, frozen=True):
    """Time in force of a limit order."""

    tif: Tif


class Trigger(msgspec.Struct, frozen=True):
    """A take-profit or stop-loss order; we send none, the simulator refuses them."""

    isMarket: bool
    triggerPx: str
    tpsl: Literal["tp", "sl"]


class OrderType(msgspec.Struct, frozen=True):
    """Exactly one of the two."""

    limit: Limit | UnsetType = UNSET
    trigger: Trigger | UnsetType = UNSET


class OrderWire(msgspec.Struct, frozen=True):
    """One order: asset, is-buy, price, size, reduce-only, type, client order id."""

    a: int
    b: bool
    p: str
    s: str
    r: bool
    t: OrderType
    c: str | UnsetType = UNSET


class Builder(msgspec.Struct, frozen=True):
    """Who gets a builder's fee, and how much (tenths of a basis point)."""

    b: str
    f: int


class PlaceOrders(msgspec.Struct, frozen=True, tag="order"):
    """One status comes back for each order, except where one of them is refused before all others."""

    orders: list[OrderWire]
    grouping: str = "na"
    builder: Builder | UnsetType = UNSET


class CancelWire(msgspec.Struct, frozen=True):
    """Asset and order id."""

    a: int
    o: int


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Cancel by the venue's order ids."""

    cancels: list[CancelWire]


class CloidWire(msgspec.Struct, frozen=True):
    """The same as CancelWire under other names: that is how the venue has it."""

    asset: int
    cloid: str


class CancelByCloid(msgspec.Struct, frozen=True, tag="cancelByCloid"):
    """Cancel by our order ids."""

    cancels: list[CloidWire]


class Modify(msgspec.Struct, frozen=True, tag="modify"):
    """Cancel and replace: the replacement has a new order id and waits behind all others of its price."""

    oid: int | str
    order: OrderWire


class ModifyWire(msgspec.Struct, frozen=True):
    """One element of BatchModify."""

    oid: int | str
    order: OrderWire


class BatchModify(msgspec.Struct, frozen=True, tag="batchModify"):
    """Several at once, one status each."""

    modifies: list[ModifyWire]


class ScheduleCancel(msgspec.Struct, frozen=True, tag="scheduleCancel"):
    """Cancel everything at `time`; without one, take an earlier wish back."""

    time: int | UnsetType = UNSET


class UpdateLeverage(msgspec.Struct, frozen=True, tag="updateLeverage"):
    """Leverage of one market."""

    asset: int
    isCross: bool
    leverage: int


class Noop(msgspec.Struct, frozen=True, tag="noop"):
    """Uses its nonce up, and with it whatever was sent under the same nonce and has not arrived."""


Action = PlaceOrders | Cancel | CancelByCloid | Modify | BatchModify | ScheduleCancel | UpdateLeverage | Noop


class Envelope(msgspec.Struct, frozen=True):
    """The body of a POST to /exchange."""

    action: Action
    nonce: int
    signature: Signature
    vaultAddress: str | None = None
    expiresAfter: int | None = None


def requests(action: Action) -> int:
    """What an action counts toward its address."""
    match action:
        case PlaceOrders(orders=orders):
            return len(orders)
        case Cancel(cancels=cancels):
            return len(cancels)
        case CancelByCloid(cancels=by_cloid):
            return len(by_cloid)
        case BatchModify(modifies=modifies):
            return len(modifies)
    return 1
