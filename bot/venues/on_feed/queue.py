"""One order of ours in a queue that exists elsewhere: who stands before it, and what a print leaves for it.

Rules, each against us where the feed leaves a doubt:
- We stand behind all that the best prices showed at our price when we came. Where they do not reach, we stand behind
  an unknown number until a later picture shows our price: then behind all of that.
- The queue shrinks by prints at our price, and to what is shown there when that is less. What a picture of time T
  shows counts for prints after T only: the print that emptied a level must not find it empty.
- A print at our price fills us with what is left of it after the queue; a print through our price by its own size.
- What was printed before we came, or before the queue was known, is not ours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.market.reports import Resting
from bot.market.units import NO_LOTS, Lots, Side, Ticks
from bot.venues.market_data import Print

CAPS = 64
"""So many pictures wait for a later print; then the oldest counts at once."""


@dataclass(slots=True)
class Waiting:
    """`since` is the venue's time at which we came (ns), `ahead` the lots before us at `known_at` (None: not known).

    `watched` while no print can have been missed; `kept` is what rounding the fees of its trades has added up to.
    """

    cloid: str
    market: str
    side: Side
    ticks: Ticks
    left: Lots
    since: int
    ahead: int | None = None
    known_at: int = 0
    watched: bool = True
    kept: int = 0
    _caps: deque[tuple[int, int]] = field(default_factory=deque)

    def shown(self, lots: Lots | None, stamp: int) -> None:
        """A picture showed so much at our price, or nothing about it (None)."""
        if lots is None or stamp < self.since:
            return
        if self.ahead is None:
            self.ahead, self.known_at = lots, stamp
        elif lots < (self._caps[-1][1] if self._caps else self.ahead):
            self._caps.append((stamp, lots))
            if len(self._caps) > CAPS:
                self._count(*self._caps.popleft())

    def printed(self, print_: Print, lots: Lots) -> Lots:
        """How much of a print fills this order, when earlier orders of ours left it `lots`; counts it."""
        if print_.stamp <= self.since:
            return NO_LOTS
        got = self._through(print_, lots) if self._beyond(print_.ticks) else self._at(print_, lots)
        self.left = Lots(self.left - got)
        return got

    def passed_by(self, best: Ticks | None) -> bool:
        """Whether the best price against us stands at ours or beyond it: to get there it traded with us."""
        return best is not None and (best == self.ticks or self._beyond(best))

    def _beyond(self, ticks: Ticks) -> bool:
        return ticks < self.ticks if self.side == "bid" else ticks > self.ticks

    def _through(self, print_: Print, lots: Lots) -> Lots:
        """Whoever traded there went through our whole price first."""
        self._caps.clear()
        self._count(print_.stamp, 0)
        return Lots(min(self.left, lots))

    def _at(self, print_: Print, lots: Lots) -> Lots:
        """A taker of our own side takes nothing from our queue."""
        while self._caps and self._caps[0][0] < print_.stamp:
            self._count(*self._caps.popleft())
        foreign = print_.ticks != self.ticks or print_.side == self.side
        if foreign or self.ahead is None or print_.stamp <= self.known_at:
            return NO_LOTS
        rest = lots - self.ahead
        self.ahead = max(-rest, 0)
        return Lots(max(min(self.left, rest), 0))

    def _count(self, stamp: int, lots: int) -> None:
        self.ahead = lots if self.ahead is None else min(self.ahead, lots)
        self.known_at = max(self.known_at, stamp)


def restored(resting: Resting, since: int) -> Waiting:
    """An order that rested while nobody watched: the queue before it is not known any more."""
    return Waiting(resting.cloid, resting.market, resting.side, resting.ticks, resting.lots, since=since, watched=False)
