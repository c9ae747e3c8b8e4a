"""A recorded market in the place of the weather: its best prices and sizes come again, at the times they came.

Behind the best, and for takers, the crowd is the weather's: a bot's recording does not hold what others traded. After
the last moment the price stands still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import SIDES, Lots, Side, sign
from bot.venues.simulators.flow import Flow, Weather


@dataclass(frozen=True, slots=True)
class Best:
    """One side of a moment: price in quote currency, size in base units (0: not recorded)."""

    price: Fraction
    size: Fraction


@dataclass(frozen=True, slots=True)
class Moment:
    """Best prices from `after` on, in ns since the tape's beginning. Never crossed, and no side is empty."""

    after: int
    bid: Best
    ask: Best

    @property
    def mid(self) -> float:
        return float((self.bid.price + self.ask.price) / 2)


Tape = Sequence[Moment]


class Played(Flow):
    """A market that follows a tape, `pace` ns of it a step; the same tape and seed give the same steps."""

    def __init__(self, spec: Spec, weather: Weather, seed: str, tape: Tape, pace: int) -> None:
        super().__init__(spec, weather, seed, tape[0].mid)
        self._spec, self._tape, self._pace = spec, tape, pace
        self._played, self._at = -pace, 0

    def step(self) -> list[tuple[Side, Quote]]:
        """Go on to what was best by then; returns the quotes the crowd's makers now stand with."""
        self._played += self._pace
        while self._at + 1 < len(self._tape) and self._tape[self._at + 1].after <= self._played:
            self._at += 1
        now = self._tape[self._at]
        self.price = now.mid
        ladder = super().step()
        self.price = now.mid  # the weather does not move it
        return [rung for side in SIDES for rung in self._side(side, now.bid if side == "bid" else now.ask, ladder)]

    def _side(self, side: Side, best: Best, ladder: list[tuple[Side, Quote]]) -> list[tuple[Side, Quote]]:
        """The best, then the weather's rungs behind it, of one of which it has its size where none was recorded."""
        ticks = self._spec.toward_safety(side, best.price / Fraction(self._spec.tick))
        if ticks <= 0:  # a price too small for this market's grid
            return []
        rungs = [rung for rung in ladder if rung[0] == side]
        lots = int(best.size / Fraction(self._spec.lot)) or rungs[0][1].lots
        behind = [rung for rung in rungs if sign(side) * (ticks - rung[1].ticks) > 0]
        return [(side, Quote(ticks, Lots(lots))), *behind]
