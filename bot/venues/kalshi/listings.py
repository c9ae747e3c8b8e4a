"""Markets as the venue lists them, and how its words about orders, trades and positions become the core's integers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from bot.errors import CannotStart
from bot.market.fees import DOLLAR
from bot.market.reports import NewOrder, Resting, Trade, VenuePosition
from bot.market.spec import Spec
from bot.venues.kalshi import codec, numbers
from bot.venues.kalshi.frames import FillNews
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.spec import spec_of

MILLI = 1_000_000
OPEN = ("active", "open")
_OWN = re.compile("0x[0-9a-f]{32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listing:
    """One market: its spec, whether it trades, and when (ns) it closes, which the venue does not tell again."""

    spec: Spec
    trades: bool
    closes: int


def read(markets: Iterable[codec.Market]) -> dict[str, Listing]:
    """By ticker. Raises BadNumber or ImpossibleRanges."""
    return {one.ticker: Listing(spec_of(one), one.status in OPEN, nanos(one.close_time)) for one in markets}


def specs(listed: Mapping[str, Listing]) -> dict[str, Spec]:
    """What the core knows of them."""
    return {market: listing.spec for market, listing in listed.items()}


def check(markets: Collection[str], listed: Collection[str]) -> None:
    """Raises CannotStart for markets that are not listed."""
    missing = [market for market in markets if market not in listed]
    if missing:
        raise CannotStart(f"{', '.join(missing)}: not listed on Kalshi, name tickers of markets, not of events")


def own(cloid: str | None) -> str:
    """The cloid of an order that a bot sent; nothing for one sent by hand."""
    return cloid if cloid is not None and _OWN.fullmatch(cloid) else ""


def create(order: NewOrder, expires: int, group: str) -> Create:
    """As it is sent; `expires` in seconds, of orders that rest."""
    price, count = numbers.price(order.ticks), numbers.contracts(order.lots)
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


def nanos(text: str) -> int:
    """An RFC 3339 time, to the microsecond. Raises ValueError."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1) * 1_000


def _with(wish: Create, **given: object) -> Create:
    """The fields that are not None set."""
    changes = {name: value for name, value in given.items() if value is not None}
    return msgspec.structs.replace(wish, **changes)
