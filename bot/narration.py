"""Orders and trades told as events: integers become prices and sizes here, and only for the reader.

Decides nothing and keeps nothing.
"""

from __future__ import annotations

from fractions import Fraction

from bot import events
from bot.market.orders import Order
from bot.market.position import Holding
from bot.market.reports import Rejected, Trade
from bot.market.spec import Spec
from bot.market.units import Lots

MILLI = 1_000_000
SECOND = 1_000_000_000


def vwap(spec: Spec, holding: Holding) -> float | None:
    """Average entry price in quote currency, None when flat."""
    return None if holding.vwap is None else round(spec.price(holding.vwap), 8)


def placed(spec: Spec, order: Order, holding: Holding, cancels: int) -> events.QuotePlace:
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


def filled(spec: Spec, trade: Trade, holding: Holding, seq: int) -> events.Fill:
    """A trade; `holding` already includes it."""
    return events.Fill(
        market=trade.market,
        state=holding.state,
        side=trade.side,
        price=spec.price(trade.ticks),
        size=spec.size(trade.lots),
        position=spec.size(holding.lots),
        fee=trade.fee / 1_000_000,
        seq=seq,
        cloid=trade.cloid,
        tid=trade.tid,
        vwap=vwap(spec, holding),
    )


def inventory(spec: Spec, holding: Holding, mid: Fraction, cap: Lots, held: int) -> events.Inventory:
    """What is held, against its limit and at the price of now; `held` in ns."""
    entry = holding.vwap or mid
    value = Fraction(spec.unit_value) * holding.lots
    return events.Inventory(
        market=spec.market,
        state=holding.state,
        strategy="perp_maker",
        position=spec.size(holding.lots),
        limit=spec.size(cap),
        pos_frac=round(abs(holding.lots) / cap, 4) if cap else 0.0,
        held_s=round(held / SECOND, 3),
        mark=round(spec.price(mid), 8),
        upnl=round(float((mid - entry) * value), 4),
        vwap=vwap(spec, holding),
    )


def _millis(nanos: int) -> float:
    return round(nanos / MILLI, 3)
