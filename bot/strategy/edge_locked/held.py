"""A position with its story: since when it is held, how large it was, and how far it went against us.

Whole numbers only, so that it can be written down and read back after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from bot.market.position import Holding, State
from bot.market.units import NO_LOTS, Lots, Side, Ticks
from bot.strategy.edge_locked.states import ImpossibleState, Input, step, what_a_fill_does


@dataclass(frozen=True, slots=True)
class Held:
    """`since` is when it was opened (ns), `peak` its largest size; `worst` is twice the worst mid seen, in ticks."""

    holding: Holding = field(default_factory=Holding)
    since: int = 0
    peak: Lots = NO_LOTS
    worst: int | None = None

    @property
    def state(self) -> State:
        return self.holding.state

    @property
    def lots(self) -> Lots:
        """The size without its sign."""
        return Lots(abs(self.holding.lots))

    @property
    def adverse(self) -> Fraction:
        """The furthest a mid was on the wrong side of the average price, in ticks (maximum adverse excursion)."""
        vwap = self.holding.vwap
        if vwap is None or self.worst is None:
            return Fraction(0)
        against = vwap - Fraction(self.worst, 2)
        return max(against if self.holding.lots > 0 else -against, Fraction(0))

    def age(self, now: int) -> int:
        """Nanoseconds since it was opened; 0 when flat, never negative."""
        return max(now - self.since, 0) if self.holding.lots else 0

    def after(self, side: Side, ticks: Ticks, lots: Lots, now: int) -> Held:
        """The position after a fill. Raises ImpossibleState."""
        event = what_a_fill_does(self.holding.lots, side, lots)
        state, holding = step(self.state, event), self.holding.after(side, ticks, lots)
        if holding.state != state:
            raise ImpossibleState(f"{self.state} and {event} make {state}, but {holding.lots} lots are held")
        if event is Input.CLOSED:
            return Held()
        size = Lots(abs(holding.lots))
        if event in (Input.OPENED_LONG, Input.OPENED_SHORT, Input.TURNED):
            return Held(holding, now, size)
        return replace(self, holding=holding, peak=max(self.peak, size))

    def settled(self) -> Held:
        """The position after its market paid out."""
        step(self.state, Input.SETTLED)
        return Held()

    def marked(self, mid: Fraction | None) -> Held:
        """The position after a look at the market; `mid` in ticks, None where there is none."""
        if mid is None or not self.holding.lots:
            return self
        seen = int(mid * 2)
        if self.worst is None:
            return replace(self, worst=seen)
        worst = min(self.worst, seen) if self.holding.lots > 0 else max(self.worst, seen)
        return self if worst == self.worst else replace(self, worst=worst)
