"""A market of a game, and what tests ask about it, in cents and whole contracts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bot.market.book import Top
from bot.market.fees import schedule
from bot.market.orders import Quote
from bot.market.price_ranges import PriceRanges, Range
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.view import View

CENTS = PriceRanges((Range(0, 10_000, 100),))
TAPERED = PriceRanges((Range(0, 1_000, 10), Range(1_000, 9_000, 100), Range(9_000, 10_000, 10)))
QUADRATIC = schedule("quadratic", Decimal(1))
PARAMS = Params()
CAP = 20


def spec(grid: PriceRanges = CENTS) -> Spec:
    """Whole contracts."""
    return Spec("GAME", 0, tick=Decimal("0.0001"), lot=Decimal(1), min_notional=Decimal(0), grid=grid)


def top(bid: int | None, ask: int | None) -> Top:
    """Best prices in cents."""
    return Top("GAME", None if bid is None else Ticks(bid * 100), None if ask is None else Ticks(ask * 100), 0)


def held(side: Side, cents: int, contracts: int, at: int = 0) -> Held:
    return Held().after(side, Ticks(cents * 100), Lots(contracts), at)


def quote(cents: int, contracts: int) -> Quote:
    return Quote(Ticks(cents * 100), Lots(contracts))


def look(
    bid: int | None = 55, ask: int | None = 57, position: Held | None = None, age_s: int = 60, **more: Any
) -> View:
    """A look at the market `age_s` after the start, when positions of these tests are opened."""
    position = Held() if position is None else position
    given: dict[str, Any] = {
        "spec": spec(),
        "top": top(bid, ask),
        "held": position.marked(top(bid, ask).mid),
        "fees": QUADRATIC,
        "league": "NHL",
        "now": age_s * SECOND,
        "room_bid": Lots(max(CAP - position.holding.lots, 0)),
        "room_ask": Lots(max(CAP + position.holding.lots, 0)),
    }
    return View(**{**given, **more})
