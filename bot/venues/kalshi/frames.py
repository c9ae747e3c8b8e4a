"""What Kalshi streams, as structs: names are the venue's own, numbers the texts it sends.

A sequence number belongs to a subscription and counts over all its markets, answers to commands about it included: a
gap means that books are wrong. Own fills and orders have none that can be relied on.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from bot.venues.kalshi.codec import OrderStatus, OutcomeSide, PriceRange
from bot.venues.kalshi.orders import BookSide


class Snapshot(msgspec.Struct, frozen=True):
    """A whole book; a side that is missing is empty. NO is priced in NO dollars unless YES was asked for."""

    market_ticker: str
    yes_dollars_fp: list[tuple[str, str]] = []
    no_dollars_fp: list[tuple[str, str]] = []


class Delta(msgspec.Struct, frozen=True):
    """A level changed by `delta_fp`, which is signed; with a client order id when an order of ours did it."""

    market_ticker: str
    price_dollars: str
    delta_fp: str
    side: OutcomeSide
    ts_ms: int = 0
    client_order_id: str | None = None


class PublicTrade(msgspec.Struct, frozen=True):
    """A trade of anybody."""

    trade_id: str
    market_ticker: str
    yes_price_dollars: str
    count_fp: str
    taker_book_side: BookSide
    ts_ms: int = 0


class FillNews(msgspec.Struct, frozen=True):
    """A trade of ours."""

    trade_id: str
    order_id: str
    market_ticker: str
    book_side: BookSide
    count_fp: str
    yes_price_dollars: str
    is_taker: bool
    fee_cost: str
    post_position_fp: str
    ts_ms: int = 0
    client_order_id: str | None = None


class OrderNews(msgspec.Struct, frozen=True):
    """What became of an order of ours."""

    order_id: str
    ticker: str
    status: OrderStatus
    book_side: BookSide
    yes_price_dollars: str
    fill_count_fp: str
    remaining_count_fp: str
    initial_count_fp: str
    client_order_id: str = ""


class PositionNews(msgspec.Struct, frozen=True):
    """What is held now."""

    market_ticker: str
    position_fp: str


class Lifecycle(msgspec.Struct, frozen=True):
    """What became of a market. Opening and closing by the clock say nothing."""

    event_type: str
    market_ticker: str
    result: str | None = None
    settlement_value: str | None = None
    price_level_structure: str | None = None
    price_ranges: list[PriceRange] | None = None
    close_ts: int | None = None


class EventFees(msgspec.Struct, frozen=True):
    """An event got other fees than its series has, or lost them."""

    event_ticker: str


class Subscribed(msgspec.Struct, frozen=True):
    """A channel has its subscription id."""

    channel: str
    sid: int


class StreamError(msgspec.Struct, frozen=True):
    """1 to 26; 25 means that we read too slowly and must subscribe anew."""

    code: int
    msg: str = ""


MARKET_NOT_FOUND, BUFFER_OVERFLOW = 16, 25

TYPES: dict[str, Any] = {
    "orderbook_snapshot": Snapshot,
    "orderbook_delta": Delta,
    "trade": PublicTrade,
    "fill": FillNews,
    "user_order": OrderNews,
    "market_position": PositionNews,
    "market_lifecycle_v2": Lifecycle,
    "event_fee_update": EventFees,
    "subscribed": Subscribed,
    "error": StreamError,
}
"""What each type of frame that we read carries."""

Streamed = (
    Snapshot
    | Delta
    | PublicTrade
    | FillNews
    | OrderNews
    | PositionNews
    | Lifecycle
    | EventFees
    | Subscribed
    | StreamError
    | None
)


class _Frame(msgspec.Struct, frozen=True):
    type: str
    sid: int | None = None
    seq: int | None = None
    id: int | None = None
    msg: msgspec.Raw = msgspec.Raw(b"null")


class Frame(msgspec.Struct, frozen=True):
    """One message: `id` answers a command of ours, `sid` and `seq` belong to a subscription."""

    type: str
    content: Streamed
    sid: int | None = None
    seq: int | None = None
    id: int | None = None


class Command(msgspec.Struct, frozen=True):
    """What we send."""

    id: int
    cmd: Literal["subscribe", "unsubscribe", "update_subscription", "list_subscriptions"]
    params: dict[str, Any] = {}


_frame = msgspec.json.Decoder(_Frame)
_contents = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


def frame(text: str | bytes) -> Frame:
    """A message, without content where its type is none that we read. Raises msgspec.DecodeError."""
    found = _frame.decode(text)
    decoder = _contents.get(found.type)
    content = None if decoder is None else decoder.decode(found.msg)
    return Frame(found.type, content, found.sid, found.seq, found.id)
