"""The price grid of a market that lists ranges, each with a step of its own, as Kalshi does.

Names of structures are never asked for, only the ranges, so that a structure nobody has seen yet works. A market's
ranges can change while it lives: that makes a new grid, and prices are rounded anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import msgspec

from bot.errors import BotError
from bot.market.units import Ticks

_NONE = Ticks(0)


class ImpossibleRanges(BotError):
    """Ranges that hold no price."""


class Range(msgspec.Struct, frozen=True):
    """Prices `start`, `start + step` ... up to `end`, in ticks."""

    start: int
    end: int
    step: int


class PriceRanges(msgspec.Struct, frozen=True, tag=True):
    """Every price of every range that lies strictly between the lowest start and the highest end.

    The highest end (a dollar) is no price: `ceil` returns it when there is no legal price that high, and
    `spec.Spec.legal` says no to it.
    """

    ranges: tuple[Range, ...]

    def __post_init__(self) -> None:
        """Raises ImpossibleRanges."""
        if not self.ranges or any(one.step <= 0 or not 0 <= one.start < one.end for one in self.ranges):
            raise ImpossibleRanges(f"no prices are in {self.ranges}: each range needs start < end and a step above 0")

    def floor(self, price: Fraction | int) -> Ticks:
        prices, _ = _listed(self.ranges)
        at = bisect_right(prices, floor(price))
        return prices[at - 1] if at else _NONE

    def ceil(self, price: Fraction | int) -> Ticks:
        prices, end = _listed(self.ranges)
        at = bisect_left(prices, ceil(price))
        return prices[at] if at < len(prices) else end

    def __str__(self) -> str:
        steps = sorted({one.step for one in self.ranges})
        return f"steps of {', '.join(map(str, steps))} ticks in {len(self.ranges)} ranges"


@lru_cache(maxsize=64)
def _listed(ranges: tuple[Range, ...]) -> tuple[tuple[Ticks, ...], Ticks]:
    """All prices in order, and the highest end. A venue has few structures, and markets share them."""
    low, high = min(one.start for one in ranges), max(one.end for one in ranges)
    found = {price for one in ranges for price in range(one.start, one.end + 1, one.step)}
    return tuple(Ticks(price) for price in sorted(found) if low < price < high), Ticks(high)
