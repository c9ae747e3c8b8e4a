"""The price grid of a market that lists ranges, each with a step of its own, as Kalshi does.

Names of structures are never asked for, only the ranges, so that a structure nobody has seen yet works. A market's
ranges can change while it lives: that makes a new grid, and prices are rounded anew.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from bot.errors import BotError
from bot.market.units import Ticks

_NONE = Ticks(0)


class ImpossibleRanges(BotError):
    """Ranges that hold no price."""


@dataclass(frozen=True, slots=True)
class Range:
    """Prices `start`, `start + step` ... up to `end`, in ticks."""

    start: int
    end: int
    step: int


@dataclass(frozen=True, slots=True)
class PriceRanges:
    """Every price of every range that lies strictly between the lowest start and the highest end.

    The highest end (a dollar) is no price: `ceil` returns it when there is no legal price that high, and
    `spec.Spec.legal` says no to it.
    """

    ranges: tuple[Range, ...]
    _end: Ticks = field(init=False, repr=False, compare=False)
    _prices: tuple[Ticks, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ImpossibleRanges."""
        if not self.ranges or any(one.step <= 0 or not 0 <= one.start < one.end for one in self.ranges):
            raise ImpossibleRanges(f"no prices are in {self.ranges}: each range needs start < end and a step above 0")
        low, high = min(one.start for one in self.ranges), max(one.end for one in self.ranges)
        found = {price for one in self.ranges for price in range(one.start, one.end + 1, one.step)}
        object.__setattr__(self, "_end", Ticks(high))
        object.__setattr__(self, "_prices", tuple(Ticks(price) for price in sorted(found) if low < price < high))

    def floor(self, price: Fraction | int) -> Ticks:
        at = bisect_right(self._prices, floor(price))
        return self._prices[at - 1] if at else _NONE

    def ceil(self, price: Fraction | int) -> Ticks:
        at = bisect_left(self._prices, ceil(price))
        return self._prices[at] if at < len(self._prices) else self._end

    def __str__(self) -> str:
        steps = sorted({one.step for one in self.ranges})
        return f"steps of {', '.join(map(str, steps))} ticks in {len(self.ranges)} ranges"
