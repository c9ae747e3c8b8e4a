"""What Kalshi's REST answers, as structs: names are the venue's own, numbers the texts it sends.

Decoding ignores keys nobody asked for, because the venue adds some without notice. Times are RFC 3339 texts unless
their name ends in _ms or ts. Turning texts into ticks and lots is `numbers`' business.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.venues.kalshi.orders import BookSide

OutcomeSide = Literal["yes", "no"]
OrderStatus = Literal["resting", "canceled", "executed"]


class PriceRange(msgspec.Struct, frozen=True):
    """Prices from `start` to `end` in steps."""

    start: str
    end: str
    step: str


class Market(msgspec.Struct, frozen=True):
    """A market; `close_time` of a game is the deadline of its settlement, not the game's start."""

    ticker: str
    event_ticker: str
    status: str
    open_time: str
    close_time: str
    price_ranges: list[PriceRange]
    price_level_structure: str = ""
    settlement_value_dollars: str | None = None
    yes_bid_dollars: str = "0.0000"
    yes_ask_dollars: str = "1.0000"
    result: str = ""
    expected_expiration_time: str | None = None
    occurrence_datetime: str | None = None
    fee_waiver_expiration_time: str | None = None
    fractional_trading_enabled: bool = False


class MarketAnswer(msgspec.Struct, frozen=True):
    """GET /markets/{ticker}."""

    market: Market


class Markets(msgspec.Struct, frozen=True):
    """A page of GET /markets; the last has an empty cursor."""

    markets: list[Market]
    cursor: str = ""


class Event(msgspec.Struct, frozen=True):
    """What markets bet on; its fees where they are not those of its series."""

    event_ticker: str
    series_ticker: str
    fee_type_override: str | None = None
    fee_multiplier_override: float | int | None = None


class EventAnswer(msgspec.Struct, frozen=True):
    """GET /events/{ticker}."""

    event: Event


class Series(msgspec.Struct, frozen=True):
    """What all events of one kind share."""

    ticker: str
    fee_type: str
    fee_multiplier: float | int


class SeriesAnswer(msgspec.Struct, frozen=True):
    """GET /series/{ticker}."""

    series: Series


class Levels(msgspec.Struct, frozen=True):
    """Bids of both legs, the best last: price and count. An ask of YES is a bid of NO at a dollar less."""

    yes_dollars: list[tuple[str, str]] = []
    no_dollars: list[tuple[str, str]] = []


class Orderbook(msgspec.Struct, frozen=True):
    """GET /markets/{ticker}/orderbook."""

    orderbook_fp: Levels


class Order(msgspec.Struct, frozen=True):
    """An order of ours. One that was cancelled may have filled in part; none is ever "rejected"."""

    order_id: str
    client_order_id: str
    ticker: str
    book_side: BookSide
    status: OrderStatus
    yes_price_dollars: str
    initial_count_fp: str
    fill_count_fp: str
    remaining_count_fp: str
    expiration_time: str | None = None
    created_time: str | None = None
    last_update_time: str | None = None
    order_group_id: str | None = None


class OrderAnswer(msgspec.Struct, frozen=True):
    """GET /portfolio/orders/{id}."""

    order: Order


class Orders(msgspec.Struct, frozen=True):
    """A page of GET /portfolio/orders."""

    orders: list[Order]
    cursor: str = ""


class Fill(msgspec.Struct, frozen=True):
    """A trade of ours; `fee_cost` in dollars, `ts` in seconds."""

    trade_id: str
    order_id: str
    ticker: str
    book_side: BookSide
    count_fp: str
    yes_price_dollars: str
    is_taker: bool
    fee_cost: str
    created_time: str | None = None
    ts: int | None = None


class Fills(msgspec.Struct, frozen=True):
    """A page of GET /portfolio/fills."""

    fills: list[Fill]
    cursor: str = ""


class Position(msgspec.Struct, frozen=True):
    """`position_fp` is signed: below zero is NO."""

    ticker: str
    position_fp: str
    market_exposure_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str


class Positions(msgspec.Struct, frozen=True):
    """A page of GET /portfolio/positions."""

    market_positions: list[Position]
    cursor: str = ""


class Settlement(msgspec.Struct, frozen=True):
    """A market that paid out while we held something of it; `value` in whole cents for each contract of YES."""

    ticker: str
    market_result: str
    settled_time: str
    value: int | None = None


class Settlements(msgspec.Struct, frozen=True):
    """A page of GET /portfolio/settlements."""

    settlements: list[Settlement]
    cursor: str = ""


class Balance(msgspec.Struct, frozen=True):
    """GET /portfolio/balance; the integers are cents."""

    balance_dollars: str
    balance: int
    portfolio_value: int


class Bucket(msgspec.Struct, frozen=True):
    """Tokens, and how many come back in a second."""

    bucket_capacity: int
    refill_rate: int


class Limits(msgspec.Struct, frozen=True):
    """GET /account/limits."""

    usage_tier: str
    read: Bucket
    write: Bucket


class EndpointCost(msgspec.Struct, frozen=True):
    """Tokens of one call."""

    method: str
    path: str
    cost: int


class EndpointCosts(msgspec.Struct, frozen=True):
    """GET /account/endpoint_costs."""

    default_cost: int
    endpoint_costs: list[EndpointCost]


class ExchangeStatus(msgspec.Struct, frozen=True):
    """GET /exchange/status. Without trading, cancels may pass; with neither, nothing does."""

    exchange_active: bool
    trading_active: bool
    exchange_estimated_resume_time: str | None = None
