"""What to rest and what to take in one market, from one look at it.

FLAT: two entries at or outside the gates. Otherwise the take-profit alone, and an exit where one is due. Nothing that
rests ever crosses, and nothing that adds ever rests beside a position.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from bot.market.orders import Quote
from bot.market.units import Lots, Side, Ticks, opposite
from bot.strategy.edge_locked.exits import leave
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.states import MAY_QUOTE
from bot.strategy.edge_locked.take_profit import offset, take_profit
from bot.strategy.edge_locked.view import Decision, Exit, View


def decide(view: View, params: Params) -> Decision:
    """What is wanted now."""
    if not view.held.lots:
        return Decision(bid=_entry(view, params, "bid"), ask=_entry(view, params, "ask"))
    tp = take_profit(view.spec, view.held.holding, offset(view.spec, view.fees, params))
    assert tp is not None, "something is held"
    (side,) = MAY_QUOTE[view.held.state]
    leaving = leave(view, params, side, tp)
    resting = _take_profit(view, leaving, tp)
    if side == "bid":
        return Decision(bid=resting, exit=leaving, tp=tp)
    return Decision(ask=resting, exit=leaving, tp=tp)


def _take_profit(view: View, leaving: Exit | None, tp: Ticks) -> Quote | None:
    """The whole position at its take-profit, less what leaves otherwise. It cannot cross: that would be a tp_exit."""
    lots = view.held.lots - (leaving.quote.lots if leaving is not None else 0)
    return Quote(tp, Lots(lots)) if lots > 0 else None


def _entry(view: View, params: Params, side: Side) -> Quote | None:
    gate, best, across = params.gates.get(view.league), view.best(side), view.best(opposite(side))
    if gate is None or not view.entries or view.top.mid is None or best is None or across is None:
        return None
    limit = view.spec.toward_safety(side, _in_ticks(gate.low if side == "bid" else gate.high, view.spec.tick))
    wish = min(limit, best) if side == "bid" else max(limit, best)
    price = view.spec.maker_price(side, wish, across)
    lots = view.spec.whole_lots(min(params.size, view.room(side) * view.spec.lot))
    wished = Quote(price, lots) if view.spec.legal(price) and view.spec.worth_sending(price, lots) else None
    return _calm(view, params, side, wished, limit)


@lru_cache(maxsize=256)
def _in_ticks(price: Decimal, tick: Decimal) -> Fraction:
    """The same few gates are asked for at every look."""
    return Fraction(price) / Fraction(tick)


def _calm(view: View, params: Params, side: Side, wished: Quote | None, limit: Ticks) -> Quote | None:
    """The wish, or what rests already while that is still allowed and a move is too small or too soon."""
    working = view.working(side)
    waits = view.still or view.now - view.quoted_at < params.cooldown_s * SECOND
    if working is None:
        return None if waits else wished
    if wished is None or working.lots > view.room(side) or not _allowed(view, side, working.ticks, limit):
        return None if waits else wished
    near = abs(working.ticks - wished.ticks) * view.spec.tick < params.requote and working.lots * 2 >= wished.lots
    return working if waits or near else wished


def _allowed(view: View, side: Side, ticks: Ticks, limit: Ticks) -> bool:
    """Whether what rests is still a price that could be sent now: outside the gate, on the grid, not crossing."""
    outside = ticks <= limit if side == "bid" else ticks >= limit
    return outside and view.spec.maker_price(side, ticks, view.best(opposite(side))) == ticks
