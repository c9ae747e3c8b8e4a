"""Events of an order's life: placed, answered, retried, cancelled, filled.

Each carries `seq`, `cloid`, `tif` and `ro` (reduce only) where it has them, so that a join needs no text search.
"""

from __future__ import annotations

from bot.events.event import (
    Count,
    Event,
    Market,
    Millis,
    Money,
    OrderSeq,
    Price,
    Ratio,
    Seconds,
    Side,
    Size,
    State,
    Strategy,
)


class QuotePlace(Event, tag="quote_place", frozen=True, kw_only=True):
    """An order was sent. `vwap` and `tp` are those of the position held, null when flat.

    `tp_err` is how far `tp` lies from where `vwap` puts it, never negative. `retry_of` is the cloid of the refused
    order that this one replaces.
    """

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    cancels_30: Count
    vwap: Price | None = None
    tp: Price | None = None
    tp_err: Price | None = None
    strategy: Strategy | None = None
    retry_of: str | None = None


class ShadowQuote(Event, tag="shadow_quote", frozen=True, kw_only=True):
    """An order that shadow mode kept back. `would_cross`: it would have traded at once against `best`."""

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    seq: OrderSeq
    tif: str
    ro: bool
    would_cross: bool
    cancels_30: Count
    best: Price | None = None
    vwap: Price | None = None
    tp: Price | None = None
    tp_err: Price | None = None
    strategy: Strategy | None = None


class OrderAck(Event, tag="order_ack", frozen=True, kw_only=True):
    """The venue accepted an order; `latency_ms` runs from send to acknowledgement."""

    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    oid: str
    latency_ms: Millis


class OrderReject(Event, tag="order_reject", frozen=True, kw_only=True):
    """The venue refused an order. `code` is ours (`E_TICK`, `E_POST_ONLY` ...), `reason` is the venue's text.

    `E_LOST` is the one refusal without a text: no answer came, and asked for the order the venue knew none.
    """

    level = "error"
    market: Market
    side: Side
    price: Price
    size: Size
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    code: str
    reason: str
    latency_ms: Millis


class OrderMoot(Event, tag="order_moot", frozen=True, kw_only=True):
    """A replacement that came to nothing: the order `replaces` had left the book before it could be replaced.

    Nothing is wrong with this one. What became of the other is told by its FILL, or was asked of the venue.
    """

    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    replaces: str
    reason: str
    latency_ms: Millis


class OrderUnknown(Event, tag="order_unknown", frozen=True, kw_only=True):
    """Nobody knows whether it rests: a send or cancel without an answer, or a doubt of the venue's own.

    The venue is asked under the same `cloid`; it is never sent again.
    """

    level = "warn"
    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    reason: str


class RetryAttempt(Event, tag="retry_attempt", frozen=True, kw_only=True):
    """A refused order is sent once more on a fresh grid; `cloid` and `seq` are the new order's, `retry_of` the old."""

    level = "warn"
    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    retry_of: str
    attempt: Count
    code: str
    price_before: Price
    price: Price


class RetryExhausted(Event, tag="retry_exhausted", frozen=True, kw_only=True):
    """The retry guard gave an order up; `attempts` were made beside the first send, `cloid` is the last one's."""

    level = "error"
    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    tif: str
    ro: bool
    attempts: Count
    code: str
    reason: str


class QuoteCancel(Event, tag="quote_cancel", frozen=True, kw_only=True):
    """A working order was asked to leave the book. `reason`: requote, kill, risk, stale, orphan, shutdown."""

    market: Market
    side: Side
    seq: OrderSeq
    cloid: str
    reason: str
    rested_s: Seconds
    cancels_30: Count


class Fill(Event, tag="FILL", frozen=True, kw_only=True):
    """A trade of ours. `position` is signed and already includes it, `pos_frac` is its size over the limit.

    `state` is the one that its order was sent in: what was left of an entry may fill after the position was opened, and
    is no leak. Of an order that this run did not send it is the state before the trade. `gate_err` is how far inside
    the price gates an entry traded: 0 where it may, null for exits and where no gates are set. `pnl` is what it
    realised of what it closed, less its own fee.
    """

    market: Market
    state: State
    side: Side
    price: Price
    size: Size
    position: Size
    fee: Price
    seq: OrderSeq
    cloid: str
    tid: str
    vwap: Price | None = None
    tp: Price | None = None
    pos_frac: Ratio | None = None
    gate_err: Price | None = None
    pnl: Money | None = None
    strategy: Strategy | None = None


FAMILY = (
    QuotePlace,
    ShadowQuote,
    OrderAck,
    OrderReject,
    OrderMoot,
    OrderUnknown,
    RetryAttempt,
    RetryExhausted,
    QuoteCancel,
    Fill,
)
