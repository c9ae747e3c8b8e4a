"""Fills and positions told as events: integers become prices, sizes and money here, and only for the reader.

Decides nothing and keeps nothing.
"""

from __future__ import annotations

from fractions import Fraction

from bot import events
from bot.execution.own_orders import seq_of
from bot.market import position as market_position
from bot.market.orders import Order
from bot.market.reports import Settlement
from bot.market.spec import Spec
from bot.market.units import Lots, Ticks, sign
from bot.session import narration, terms
from bot.session.positions import Counted
from bot.session.state import State
from bot.strategy.edge_locked.held import Held

MICRO = 1_000_000
SECOND = 1_000_000_000


def filled(state: State, counted: Counted, order: Order | None) -> events.Fill:
    """A trade, with the state that its order was sent in."""
    trade, after = counted.trade, counted.after
    spec = state.specs[trade.market]
    pnl = realised(spec, counted)
    return events.Fill(
        market=trade.market,
        state=_sent_in(state, counted, order),
        side=trade.side,
        price=spec.price(trade.ticks),
        size=spec.size(trade.lots),
        position=spec.size(after.holding.lots),
        fee=trade.fee / MICRO,
        seq=seq_of(trade.cloid),
        cloid=trade.cloid,
        tid=trade.tid,
        vwap=narration.vwap(spec, after.holding),
        tp=optional(spec, terms.target(spec, after.holding, state.edge)),
        pos_frac=fraction(after.lots, state.cap(trade.market)),
        gate_err=_breach(state, spec, counted, order),
        pnl=None if pnl is None else round(pnl, 6),
        strategy=state.strategy,
    )


def _sent_in(state: State, counted: Counted, order: Order | None) -> market_position.State:
    """Of an order of an earlier run, or by hand, nobody knows: the state that its trade met.

    But where entries are sent while flat only, one that adds to a position began it: only its first part met nothing.
    """
    if order is not None and order.sent_in is not None:
        return order.sent_in
    adds = counted.before.holding.lots * sign(counted.trade.side) > 0
    return "FLAT" if adds and state.edge is not None and counted.trade.cloid else counted.before.state


def _breach(state: State, spec: Spec, counted: Counted, order: Order | None) -> float | None:
    ours = order is not None and order.sent_in is not None  # of one taken over nobody knows what it was for
    leaves = order.ro if order is not None and ours else realised(spec, counted) is not None
    if state.edge is None or leaves:
        return None
    return terms.breach(spec, state.edge, counted.trade.side, counted.trade.ticks)


def realised(spec: Spec, counted: Counted) -> float | None:
    """What a trade earned on what it closed, less its part of the trade's fee; None when it closed nothing."""
    trade, before = counted.trade, counted.before.holding
    if before.vwap is None or before.lots * sign(trade.side) > 0:
        return None
    closed = min(abs(before.lots), trade.lots)
    won = (trade.ticks - before.vwap) * closed * (1 if before.lots > 0 else -1) * Fraction(spec.unit_value)
    return float(won - Fraction(trade.fee * closed, trade.lots * MICRO))


def turned(state: State, counted: Counted) -> list[events.StateChange]:
    """A trade opened, closed or turned a position. Edge-locked, a turn is told as an end and a beginning."""
    before, after = counted.before, counted.after
    if before.state == after.state:
        return []
    if state.edge is None or not before.lots or not after.lots:
        return [_turned(state, counted.trade.market, before, after)]
    flat = Held()
    return [_turned(state, counted.trade.market, *step) for step in ((before, flat), (flat, after))]


def _turned(state: State, market: str, before: Held, after: Held) -> events.StateChange:
    spec = state.specs[market]
    return events.StateChange(
        market=market,
        state=after.state,
        previous=before.state,
        position=spec.size(after.holding.lots),
        vwap=narration.vwap(spec, after.holding) if state.edge is not None else None,
        tp=optional(spec, terms.target(spec, after.holding, state.edge)),
    )


def settled(spec: Spec, before: Held, settlement: Settlement) -> events.Settlement:
    """A market paid out what was held."""
    vwap = before.holding.vwap or Fraction(0)
    won = (settlement.ticks - vwap) * before.holding.lots * Fraction(spec.unit_value)
    return events.Settlement(
        market=settlement.market,
        state=before.state,
        position=spec.size(before.holding.lots),
        price=spec.price(settlement.ticks),
        vwap=price(spec, vwap),
        pnl=round(float(won), 6),
    )


def inventory(state: State, market: str, now: int) -> events.Inventory | None:
    """What is held, against its limit and at the price of now; None while there is no price."""
    spec, mid = state.specs[market], state.tops[market].mid if market in state.tops else None
    if mid is None:
        return None
    held = state.positions.story(market)
    entry = held.holding.vwap or mid
    value = Fraction(spec.unit_value) * held.holding.lots
    edge = state.edge
    return events.Inventory(
        market=market,
        state=held.state,
        strategy=state.strategy,
        position=spec.size(held.holding.lots),
        limit=spec.size(state.cap(market)),
        pos_frac=fraction(held.lots, state.cap(market)),
        held_s=seconds(now - state.positions.held_since(market)),
        mark=price(spec, mid),
        upnl=round(float((mid - entry) * value), 4),
        vwap=narration.vwap(spec, held.holding),
        tp=optional(spec, terms.target(spec, held.holding, edge)),
        mae_c=None if edge is None else terms.cents(spec, held.adverse),
    )


def price(spec: Spec, ticks: Fraction | None) -> float:
    """To eight decimals; 0 for none."""
    return 0.0 if ticks is None else round(spec.price(ticks), 8)


def optional(spec: Spec, ticks: Ticks | None) -> float | None:
    return None if ticks is None else spec.price(ticks)


def fraction(lots: Lots, cap: Lots) -> float:
    """Part of the limit."""
    return round(lots / cap, 4) if cap else 0.0


def seconds(nanos: int) -> float:
    return round(nanos / SECOND, 3)
