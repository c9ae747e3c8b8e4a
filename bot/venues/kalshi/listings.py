"""Markets as the venue lists them, and how its words about orders, trades and positions become the core's integers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import msgspec

from bot.market.contract import Contract
from bot.market.fees import DOLLAR
from bot.market.reports import NewOrder, Resting, Settlement, Trade, VenuePosition
from bot.market.spec import Spec
from bot.market.units import Ticks
from bot.venues.kalshi import codec, numbers
from bot.venues.kalshi.frames import FillNews
from bot.venues.kalshi.numbers import nanos
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.spec import spec_of

MILLI = 1_000_000
OPEN, SETTLED = ("active", "open"), ("finalized", "settled")
PAYOUTS = {"yes": Ticks(DOLLAR), "no": Ticks(0)}
_OWN = re.compile("0x[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Listing:
    """One market: its spec, whether it trades, and when (ns) it closes, which the venue does not tell again.

    `over`: it paid out or is listed no more, and has no book. `payout` is what it paid for each YES, None if unknown.
    """

    spec: Spec
    trades: bool
    closes: int
    over: bool = False
    payout: Ticks | None = None


def read(told: codec.Market, contract: Contract) -> Listing:
    """Raises BadNumber or ImpossibleRanges."""
    over = told.status in SETTLED
    payout = _payout(told.result, told.settlement_value_dollars) if over else None
    return Listing(spec_of(told, contract), told.status in OPEN, nanos(told.close_time), over, payout)


def gone(listing: Listing) -> Listing:
    """A market that is listed no more."""
    return replace(listing, trades=False, over=True)


def settlement(told: codec.Settlement, listing: Listing) -> Settlement | None:
    """None where nobody says what was paid. The listing knows parts of a cent, this does not."""
    in_cents = None if told.value is None else Ticks(told.value * DOLLAR // 100)
    ticks = PAYOUTS.get(told.market_result, in_cents if listing.payout is None else listing.payout)
    return None if ticks is None else Settlement(told.ticker, ticks, nanos(told.settled_time))


def _payout(result: str, value: str | None) -> Ticks | None:
    return PAYOUTS.get(result) if value is None else numbers.ticks(value)


def own(cloid: str | None) -> str:
    """The cloid of an order that a bot sent; nothing for one sent by hand."""
    return cloid if cloid is not None and _OWN.fullmatch(cloid) else ""


def create(order: NewOrder, expires: int, group: str) -> Create:
    """As it is sent; `expires` in seconds, of orders that rest. What reduces a position is in no group.

    The venue takes "reduce only" of orders that never rest: one that rests is held to it by whoever sends it.
    """
    price, count = numbers.price(order.ticks), numbers.contracts(order.lots)
    group = "" if order.ro else group
    if order.tif == "Ioc":
        wish = Create(order.market, order.side, count, price, "immediate_or_cancel", "taker_at_cross", order.cloid)
        return _with(wish, reduce_only=order.ro or None, order_group_id=group or None)
    wish = Create(order.market, order.side, count, price, "good_till_canceled", "taker_at_cross", order.cloid)
    return _with(
        wish,
        post_only=order.tif == "Alo" or None,
        expiration_time=expires,
        cancel_order_on_pause=True,
        order_group_id=group or None,
    )


def resting(told: codec.Order) -> Resting:
    ticks, lots = numbers.ticks(told.yes_price_dollars), numbers.lots(told.remaining_count_fp)
    return Resting(told.ticker, told.book_side, ticks, lots, told.client_order_id, told.order_id)


def trade(fill: codec.Fill | FillNews, cloid: str) -> Trade:
    ticker = fill.market_ticker if isinstance(fill, FillNews) else fill.ticker
    ticks, lots = numbers.ticks(fill.yes_price_dollars), numbers.lots(fill.count_fp)
    return Trade(fill.trade_id, ticker, fill.book_side, ticks, lots, cloid, numbers.micros(fill.fee_cost), at(fill))


def at(fill: codec.Fill | FillNews) -> int:
    """When it happened (ns), to the millisecond."""
    if isinstance(fill, FillNews):
        return fill.ts_ms * MILLI
    if fill.created_time is not None:
        return nanos(fill.created_time) // MILLI * MILLI
    return (fill.ts or 0) * 1_000 * MILLI


def position(held: codec.Position) -> VenuePosition:
    """What NO cost is what is missing to a dollar a contract."""
    lots, exposure = numbers.lots(held.position_fp), numbers.micros(held.market_exposure_dollars)
    return VenuePosition(held.ticker, lots, exposure if lots >= 0 else exposure + DOLLAR * lots)


def _with(wish: Create, **given: object) -> Create:
    """The fields that are not None set."""
    changes = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(wish, **changes)
