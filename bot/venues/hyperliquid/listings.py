"""The markets the venue lists, and how its words about orders, trades and positions become the core's integers.

Prices of our orders are exact; those of liquidations and averages may be finer than a tick and are rounded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from bot.errors import CannotStart
from bot.market.reports import NewOrder, Resting, Trade, VenuePosition
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.venues.hyperliquid import actions, codec
from bot.venues.hyperliquid.spec import DECIMALS, Wire, spec_of, wire_of

MICROS = 1_000_000
MILLI = 1_000_000
"""Nanoseconds of a millisecond."""
SIDE: dict[codec.BookSide, Side] = {"B": "bid", "A": "ask"}


@dataclass(frozen=True, slots=True)
class Listing:
    """One market: a tick times a lot is a millionth of a USD."""

    spec: Spec
    wire: Wire

    def order(self, order: NewOrder) -> actions.OrderWire:
        """As it is sent."""
        limit = actions.OrderType(actions.Limit(_tif(order.tif)))
        price, size = self.wire.price(order.ticks), self.wire.size(order.lots)
        return actions.OrderWire(self.spec.asset, order.side == "bid", price, size, order.ro, limit, order.cloid)

    def resting(self, told: codec.OpenOrder) -> Resting:
        """Of an order with a cloid."""
        ticks, lots = self.wire.ticks(told.limitPx), self.wire.lots(told.sz)
        return Resting(told.coin, SIDE[told.side], ticks, lots, told.cloid or "", str(told.oid))

    def filled(self, told: codec.OpenOrder) -> Lots:
        """What was traded of an order, by what is left of it."""
        return Lots(self.wire.lots(told.origSz) - self.wire.lots(told.sz))

    def trade(self, fill: codec.Fill) -> Trade:
        ticks = Ticks(round(Decimal(fill.px) / self.spec.tick))
        side, lots = SIDE[fill.side], self.wire.lots(fill.sz)
        return Trade(str(fill.tid), fill.coin, side, ticks, lots, fill.cloid or "", micros(fill.fee), fill.time * MILLI)

    def position(self, held: codec.Position) -> VenuePosition:
        """Value less gain is what was paid: exact, where the venue's entry price is rounded."""
        value = micros(held.positionValue)
        paid = (-value if held.szi.startswith("-") else value) - micros(held.unrealizedPnl)
        return VenuePosition(held.coin, self.wire.lots(held.szi), paid)


def read(meta: codec.Meta) -> dict[str, Listing]:
    """All markets that are traded, by name. One that was delisted keeps its asset number and is left out."""
    assets = enumerate(meta.universe)
    return {
        one.name: Listing(spec_of(one.name, number, one.szDecimals), wire_of(one.szDecimals))
        for number, one in assets
        if not one.isDelisted and one.szDecimals <= DECIMALS
    }


def specs(listed: Mapping[str, Listing]) -> dict[str, Spec]:
    """What the core knows of them."""
    return {market: listing.spec for market, listing in listed.items()}


def check(markets: Collection[str], listed: Mapping[str, Listing]) -> None:
    """Raises CannotStart for markets that are not listed: a subscription to one would close the whole socket."""
    reasons = [_unlisted(market, listed) for market in markets if market not in listed]
    if reasons:
        raise CannotStart("; ".join(reasons))


def micros(text: str) -> int:
    """Millionths of a USD, rounded."""
    return round(Decimal(text) * MICROS)


def _unlisted(market: str, listed: Collection[str]) -> str:
    by_lower = {name.lower(): name for name in listed}
    near = [by_lower[name] for name in get_close_matches(market.lower(), by_lower, n=3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "choose one that is"
    return f"{market} is not listed on Hyperliquid: {hint}"


def _tif(tif: str) -> actions.Tif:
    match tif:
        case "Alo" | "Ioc" | "Gtc":
            return tif
    raise ValueError(f"{tif}: no time in force that we send")
