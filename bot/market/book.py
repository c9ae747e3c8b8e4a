"""The best prices of a market, what stands there, and how old they are. Depth is not kept: no strategy reads it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bot.market.units import NO_LOTS, Lots, Ticks


@dataclass(frozen=True, slots=True)
class Top:
    """Best bid and ask of one market, None for an empty side; `at` is when we received it (ns).

    `bid_lots` and `ask_lots` stand at the best prices; 0 where the feed does not say.
    """

    market: str
    bid: Ticks | None
    ask: Ticks | None
    at: int
    bid_lots: Lots = NO_LOTS
    ask_lots: Lots = NO_LOTS

    @property
    def mid(self) -> Fraction | None:
        """Halfway between the best prices, in ticks; None while a side is empty or the book is crossed."""
        if self.bid is None or self.ask is None or self.bid >= self.ask:
            return None
        return Fraction(self.bid + self.ask, 2)

    def age(self, now: int) -> int:
        """Nanoseconds since it was received; never negative, also when the host's clock was set back."""
        return max(now - self.at, 0)
