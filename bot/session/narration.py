"""Orders and rules told as events: integers become prices and sizes here, and only for the reader.

Decides nothing and keeps nothing.
"""

from __future__ import annotations

from bot import events, messages
from bot.execution.retry_guard import Retry
from bot.market.orders import Order
from bot.market.overrides import Applied
from bot.market.position import Holding
from bot.market.reports import Rejected
from bot.market.spec import Spec
from bot.market.units import Ticks

MILLI = 1_000_000
SECOND = 1_000_000_000


def vwap(spec: Spec, holding: Holding) -> float | None:
    """Average entry price in quote currency, None when flat."""
    return None if holding.vwap is None else round(spec.price(holding.vwap), 8)


def placed(
    spec: Spec, order: Order, holding: Holding, cancels: int, strategy: events.Strategy, retry_of: str | None = None
) -> events.QuotePlace:
    """An order goes out."""
    return events.QuotePlace(
        market=order.market,
        state=holding.state,
        side=order.side,
        price=spec.price(order.ticks),
        size=spec.size(order.lots),
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        cancels_30=cancels,
        vwap=vwap(spec, holding),
        strategy=strategy,
        retry_of=retry_of,
    )


def shadowed(spec: Spec, placed: events.QuotePlace, best: Ticks | None) -> events.ShadowQuote:
    """An order that would have gone out; `best` is the best price against it, as last heard."""
    against = None if best is None else spec.price(best)
    eager = against is not None and (placed.price >= against if placed.side == "bid" else placed.price <= against)
    return events.ShadowQuote(
        market=placed.market,
        state=placed.state,
        side=placed.side,
        price=placed.price,
        size=placed.size,
        seq=placed.seq,
        tif=placed.tif,
        ro=placed.ro,
        would_cross=eager,
        cancels_30=placed.cancels_30,
        best=against,
        vwap=placed.vwap,
        tp=placed.tp,
        tp_err=placed.tp_err,
        strategy=placed.strategy,
    )


def accepted(order: Order, now: int) -> events.OrderAck:
    """It rests."""
    return events.OrderAck(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        oid=order.oid,
        latency_ms=_millis(now - order.sent_at),
    )


def rejected(spec: Spec, order: Order, result: Rejected, now: int) -> events.OrderReject:
    """It was refused."""
    return events.OrderReject(
        market=order.market,
        side=order.side,
        price=spec.price(order.ticks),
        size=spec.size(order.lots),
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        code=result.code,
        reason=result.reason,
        latency_ms=_millis(now - order.sent_at),
    )


def retrying(spec: Spec, order: Order, retry: Retry) -> events.RetryAttempt:
    """It goes out in the place of one that was refused."""
    return events.RetryAttempt(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        retry_of=retry.retry_of,
        attempt=retry.attempt,
        code=retry.code,
        price_before=spec.price(retry.ticks),
        price=spec.price(order.ticks),
    )


def retries_exhausted(order: Order, result: Rejected, attempts: int) -> events.RetryExhausted:
    """It was refused again, and no retry is left."""
    return events.RetryExhausted(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        attempts=attempts,
        code=result.code,
        reason=result.reason,
    )


def refreshed(spec: Spec, read: messages.SpecsRead, changed: bool, age: int) -> events.SpecRefresh:
    """The rules were read anew; `age` of the old ones in ns."""
    return events.SpecRefresh(
        market=spec.market,
        reason=read.reason,
        tick=float(spec.tick),
        lot=float(spec.lot),
        changed=changed,
        age_ms=_millis(age),
        took_ms=_millis(read.took),
    )


def overridden(applied: Applied) -> events.SpecOverride:
    """What a setting asked for, and what came of it."""
    asked = applied.asked
    return events.SpecOverride(
        market=applied.spec.market,
        tick=float(applied.tick),
        lot=float(applied.lot),
        asked_tick=None if asked.tick is None else float(asked.tick),
        asked_lot=None if asked.lot is None else float(asked.lot),
        venue_tick=float(applied.venue_tick),
        venue_lot=float(applied.venue_lot),
    )


def moot(order: Order, replaces: str, reason: str, now: int) -> events.OrderMoot:
    """What it was to replace was gone."""
    return events.OrderMoot(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        replaces=replaces,
        reason=reason,
        latency_ms=_millis(now - order.sent_at),
    )


def unknown(order: Order, reason: str) -> events.OrderUnknown:
    """Nobody knows whether it rests."""
    return events.OrderUnknown(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        tif=order.tif,
        ro=order.ro,
        reason=reason,
    )


def cancelling(order: Order, reason: str, cancels: int, now: int) -> events.QuoteCancel:
    """It is asked to leave the book."""
    return events.QuoteCancel(
        market=order.market,
        side=order.side,
        seq=order.seq,
        cloid=order.cloid,
        reason=reason,
        rested_s=round((now - order.sent_at) / SECOND, 3),
        cancels_30=cancels,
    )


def _millis(nanos: int) -> float:
    return round(nanos / MILLI, 3)
