"""The old logic (USE_LEGACY_LOGIC): two quotes around the mid, leaned against the position, and blind to fees.

It sets no limits (it is told its room, and risk cuts again afterwards) and knows no orders (execution compares and
sends).
"""

from __future__ import annotations

from fractions import Fraction

from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import SIDES, Lots, Side, Ticks, sign
from bot.strategy.perp_maker import Params
from bot.strategy.view import NOTHING, View, Wanted

BPS = Fraction(1, 10_000)


def quotes(view: View, params: Params) -> Wanted:
    """The two quotes wanted now. Never crosses the opposite best, never off the grid."""
    mid = view.top.mid
    if mid is None:
        return NOTHING
    bid, ask = (_quote(view, params, side, mid) for side in SIDES)
    return Wanted(bid, ask)


def _quote(view: View, params: Params, side: Side, mid: Fraction) -> Quote | None:
    wish = _wish(view, params, side, mid)
    room = view.room_bid if side == "bid" else view.room_ask
    lots = view.spec.sendable(min(_size(params, view.spec, mid), room))
    if wish <= 0 or not view.spec.worth_sending(wish, lots):
        return None
    working = view.working_bid if side == "bid" else view.working_ask
    if working is not None and _keep(working, wish, lots, mid * Fraction(params.requote_bps) * BPS):
        return working
    return Quote(wish, lots)


def _wish(view: View, params: Params, side: Side, mid: Fraction) -> Ticks:
    """Half the spread away from a mid that is leaned by the position: at the cap by one whole half spread."""
    half = mid * Fraction(params.half_spread_bps) * BPS
    lean = half * Fraction(view.position, view.cap) if view.cap else Fraction(0)
    best = view.top.ask if side == "bid" else view.top.bid
    return view.spec.maker_price(side, mid - lean - sign(side) * half, best)


def _size(params: Params, spec: Spec, mid: Fraction) -> int:
    return int(Fraction(params.size_usd) / (mid * Fraction(spec.unit_value)))


def _keep(working: Quote, wish: Ticks, lots: Lots, threshold: Fraction) -> bool:
    """Near enough in price, and neither half eaten nor far too large."""
    return abs(working.ticks - wish) <= threshold and lots <= 2 * working.lots and working.lots <= 2 * lots
