"""When and how a position leaves before its take-profit is filled. The first reason that holds wins.

- hard cap: older than it may get, or the game began; takes the best price there is.
- take-profit: somebody bids that much; takes it.
- sweet spot: as old as it should get; rests at the middle of the market, later as near to the other side as it can.
- trim: it went against us; takes the best price for the part that is too much.
"""

from __future__ import annotations

from fractions import Fraction

from bot.market.orders import Quote
from bot.market.units import Lots, Side, Ticks, opposite
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.trim import surplus
from bot.strategy.edge_locked.view import Exit, View

CENTS = 100


def leave(view: View, params: Params, side: Side, tp: Ticks) -> Exit | None:
    """How the position leaves now, on `side`, if it does."""
    age, best = view.held.age(view.now), view.best(opposite(side))
    if best is not None and (view.started or age >= params.hard_cap_s * SECOND):
        return Exit("hard_cap_exit", side, Quote(best, view.held.lots), "Ioc")
    if best is not None and (best >= tp if side == "ask" else best <= tp):
        return Exit("tp_exit", side, Quote(tp, view.held.lots), "Ioc")
    if age >= params.sweet_from_s * SECOND:
        return _sweet(view, params, side, tp, eager=age >= params.sweet_to_s * SECOND)
    lots = _trimmed(view, params)
    return Exit("mae_trim", side, Quote(best, lots), "Ioc") if best is not None and lots else None


def adverse_cents(view: View) -> Fraction:
    """How far the position went against us at its worst, in cents."""
    return view.held.adverse * Fraction(view.spec.tick) * CENTS


def _sweet(view: View, params: Params, side: Side, tp: Ticks, eager: bool) -> Exit | None:
    mid, best, lots = view.top.mid, view.best(opposite(side)), view.held.lots
    if mid is None or best is None:
        return None
    price = view.spec.inside(side, best) if eager else view.spec.maker_price(side, mid, best)
    price = _no_further(side, price, tp)
    working = view.working(side)
    if working is not None and working.lots == lots and _stays(view, params, side, working.ticks, price, eager):
        price = working.ticks if working.ticks == _no_further(side, working.ticks, tp) else price
    return Exit("sweet_spot_exit", side, Quote(price, lots), "Alo") if view.spec.legal(price) else None


def _no_further(side: Side, price: Ticks, tp: Ticks) -> Ticks:
    return min(price, tp) if side == "ask" else max(price, tp)


def _stays(view: View, params: Params, side: Side, working: Ticks, price: Ticks, eager: bool) -> bool:
    """Whether what rests is as good as the price wished now: a move smaller than a requote is not worth a place."""
    near = working == price if eager else abs(working - price) * view.spec.tick < params.requote
    return near and view.spec.maker_price(side, working, view.best(opposite(side))) == working


def _trimmed(view: View, params: Params) -> Lots:
    cents = adverse_cents(view)
    if cents < Fraction(params.trim_from) * CENTS:
        return Lots(0)
    lots = surplus(view.held.lots, view.held.peak, cents, params.mae_rate)
    return view.spec.whole_lots(lots * view.spec.lot)
