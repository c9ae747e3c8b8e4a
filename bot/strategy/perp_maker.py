"""A maker: two quotes around a fair price, never placed nearer than fees and edge, leaned against the position, calm.

Fair is the microprice: the mid, drawn toward the side with less size on it, as that side is lifted first. Where the
book leans hard, the side it leans upon also stands back. A quote that rests stays while it is near its wish; fair may
come nearer to it than the edge, but not nearer than the fee. It sets no limits (it is told its room, and risk cuts
again afterwards) and knows no orders (execution compares and sends). Prices are integers in millionths of a tick
here, and the last rounding is the grid's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.units import NO_LOTS, SIDES, Lots, Side, Ticks, sign
from bot.strategy.view import NOTHING, View, Wanted

MICRO = 1_000_000
BPS, PPM = 10_000, 100
WHOLE = 100_000_000
"""Shares are counted in parts of this: a basis point is 10,000 of them, a part per million 100."""


@dataclass(frozen=True, slots=True)
class Params:
    """Distances in basis points of fair, `size_usd` in quote currency per quote.

    `min_edge_bps` is what a quote must earn beyond the maker fee: the floor under its distance from fair, also when
    inventory leans it. `requote_bps` is the hysteresis: a working quote stays while it is nearer than this to the
    wished price. `capital_pct` bounds a quote's value by the account's equity, where the venue says it;
    `standback_pct` is how much of the half spread a side yields to a book that leans wholly against it.
    """

    half_spread_bps: Decimal = Decimal(3)
    requote_bps: Decimal = Decimal(2)
    size_usd: Decimal = Decimal(500)
    min_edge_bps: Decimal = Decimal("0.5")
    capital_pct: Decimal = Decimal(100)
    standback_pct: int = 20
    legacy: bool = False

    @property
    def name(self) -> Literal["perp_maker", "legacy_skew"]:
        """Which of the two strategies these are for."""
        return "legacy_skew" if self.legacy else "perp_maker"


@dataclass(frozen=True, slots=True)
class _Scene:
    """One moment, in millionths of a tick; `against` is how far the book leans upon a side: 0 to WHOLE."""

    fair: int
    half: int
    floor: int
    fee: int
    near: int
    against_bid: int
    against_ask: int


def quotes(view: View, params: Params) -> Wanted:
    """The two quotes wanted now. Never crosses the opposite best, never off the grid, never nearer than the floor."""
    scene = _scene(view, params)
    if scene is None:
        return NOTHING
    bid, ask = (_quote(view, params, scene, side) for side in SIDES)
    return Wanted(bid, ask)


def fair(top: Top, bound: int = WHOLE) -> int | None:
    """The microprice in millionths of a tick, at most `bound` parts of the mid away from it; the mid without sizes.

    None while a side is empty or the book is crossed.
    """
    if top.bid is None or top.ask is None or top.bid >= top.ask:
        return None
    mid = (top.bid + top.ask) * MICRO // 2
    drawn = (top.ask - top.bid) * MICRO // 2 * _leaning(top) // WHOLE
    most = mid * bound // WHOLE
    return mid + max(-most, min(drawn, most))


def _leaning(top: Top) -> int:
    """Parts by which size on the bid outweighs size on the ask: -WHOLE to WHOLE, 0 when a size is not known."""
    if top.bid_lots <= 0 or top.ask_lots <= 0:
        return 0
    return (top.bid_lots - top.ask_lots) * WHOLE // (top.bid_lots + top.ask_lots)


def _scene(view: View, params: Params) -> _Scene | None:
    half, edge, near = _parts(params)
    fee = view.maker_fee_ppm * PPM
    floor = max(fee + edge, 0)
    half = max(half, floor)
    seen = view.others or view.top
    price = fair(seen, half)
    if price is None:
        return None
    leaning = _leaning(seen)
    return _Scene(
        fair=price,
        half=_share(price, half),
        floor=_share(price, floor),
        fee=_share(price, max(min(fee, floor), 0)),
        near=price * near // WHOLE,
        against_bid=max(-leaning, 0),
        against_ask=max(leaning, 0),
    )


@lru_cache(maxsize=8)
def _parts(params: Params) -> tuple[int, int, int]:
    """Half spread, edge and hysteresis in parts of WHOLE."""
    return int(params.half_spread_bps * BPS), int(params.min_edge_bps * BPS), int(params.requote_bps * BPS)


def _share(price: int, parts: int) -> int:
    """Rounded away from us, so that a floor holds to the last digit."""
    return -(-price * parts // WHOLE)


def _quote(view: View, params: Params, scene: _Scene, side: Side) -> Quote | None:
    wish = _wish(view, params, scene, side)
    room = view.room_bid if side == "bid" else view.room_ask
    lots = _size(view, params, wish, room)
    if wish <= 0 or not view.spec.worth_sending(wish, lots):
        return None
    working = view.working_bid if side == "bid" else view.working_ask
    if working is not None and _stays(view, scene, side, working, Quote(wish, lots)):
        return working
    return Quote(wish, lots)


def _wish(view: View, params: Params, scene: _Scene, side: Side) -> Ticks:
    """Half the spread from fair, leaned by the position (by one half spread at the cap), never below the floor."""
    lean = scene.half * view.position // view.cap if view.cap else 0
    against = scene.against_bid if side == "bid" else scene.against_ask
    back = scene.half * params.standback_pct * against // (100 * WHOLE)
    away = max(scene.half + back + sign(side) * lean, scene.floor)
    best = view.top.ask if side == "bid" else view.top.bid
    return view.spec.maker_price(side, _ticks(scene.fair, side, away), best)


def _ticks(price: int, side: Side, away: int) -> int:
    """Whole ticks at least so far from the price on a side."""
    return (price - away) // MICRO if side == "bid" else -(-(price + away) // MICRO)


def _size(view: View, params: Params, wish: Ticks, room: Lots) -> Lots:
    """What the capital for one quote buys, within the room."""
    if wish <= 0:
        return NO_LOTS
    usd = params.size_usd
    if view.equity is not None:
        usd = min(usd, view.equity * params.capital_pct / (100 * MICRO))
    return view.spec.sendable(min(view.spec.whole_lots(usd / (wish * view.spec.tick)), room))


def _stays(view: View, scene: _Scene, side: Side, working: Quote, wish: Quote) -> bool:
    """Near its wish, no nearer to fair than its fee, uncrossed, and neither half eaten nor far too large."""
    limit = _ticks(scene.fair, side, scene.fee)
    inside = view.spec.maker_price(side, limit, view.top.ask if side == "bid" else view.top.bid)
    uneager = working.ticks <= inside if side == "bid" else working.ticks >= inside
    near = abs(working.ticks - wish.ticks) * MICRO <= scene.near
    return uneager and near and wish.lots <= 2 * working.lots and working.lots <= 2 * wish.lots
