"""Stops a market that cancels or fails too often, before the venue or the account does. Time is an argument.

Trips, the first that holds counts; all are over the last 30 s of one market:
- hard_errors, hard_cancels: far too many.
- soft_errors, soft_cancels: too many. The third soft trip within ten minutes is hard_repeats instead.

What a level means: soft lets what rests rest and moves no entry; hard takes entries off. Exits go on under both.

Too many cancels is a multiple of what the market usually needs, learnt over ten minutes, between a floor and a ceiling:
a lively game is no fault, and a loop that grows slowly cannot teach the breaker that it is usual. What happens while it
is tripped is not learnt. It never trips on cancels before there were more than ten.

Clearing: when its pause is over and both counts are at most half of what would trip it softly; a hard one also by hand.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

SECOND = 1_000_000_000
NEVER_UNDER = 10
"""Cancels in 30 s that are always allowed, whatever the settings say."""

Level = Literal["closed", "soft", "hard"]
Name = Literal["soft_cancels", "soft_errors", "hard_cancels", "hard_errors", "hard_repeats"]


@dataclass(frozen=True, slots=True)
class Params:
    """Counts are over `window_s`; a count trips when it is larger than its limit. Factors are times the usual."""

    window_s: int = 30
    soft_cancels: int = 10
    hard_cancels: int = 20
    soft_factor: int = 3
    hard_factor: int = 6
    most_soft_cancels: int = 40
    most_hard_cancels: int = 80
    soft_errors: int = 3
    hard_errors: int = 6
    soft_pause_s: int = 30
    hard_pause_s: int = 300
    repeats: int = 3
    repeats_s: int = 600
    learn_s: int = 600


@dataclass(frozen=True, slots=True)
class Trip:
    """It tripped: `limit` is what a count passed, or how many soft trips made a hard one."""

    name: Name
    level: Level
    cancels: int
    errors: int
    limit: int
    pause_s: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """Quotes may go on; `after` is how long it was tripped (ns)."""

    after: int
    cancels: int


class Breaker:
    """One market's. Tell it of every cancel and every error, and `look` at every turn."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._cancels: deque[int] = deque()
        self._errors: deque[int] = deque()
        self._usual: deque[int] = deque()
        self._soft_trips: deque[int] = deque()
        self.level: Level = "closed"
        self._tripped_at = self._until = 0

    def cancelled(self, now: int) -> None:
        """An order of ours was asked to leave the book."""
        self._forget(now)
        self._cancels.append(now)

    def failed(self, now: int) -> None:
        """An order was refused, or nobody knows what became of it."""
        self._forget(now)
        self._errors.append(now)

    def cancels(self, now: int) -> int:
        """Cancels in the last 30 s."""
        self._forget(now)
        return len(self._cancels)

    def look(self, now: int) -> Trip | Cleared | None:
        """What changed by now, if anything: a trip to a higher level, or the end of one."""
        self._forget(now)
        trip = self._trip(now)
        if trip is not None:
            self._tripped_at = now if self.level == "closed" else self._tripped_at
            self.level, self._until = trip.level, now + trip.pause_s * SECOND
            return trip
        return self._clear(now) if self.level != "closed" and now >= self._until and self._calm() else None

    def reset(self, now: int) -> Cleared | None:
        """Clear it by hand; counts start anew. None when it is not tripped."""
        if self.level == "closed":
            return None
        self._forget(now)
        cleared = self._clear(now)
        self._cancels.clear()
        self._errors.clear()
        return cleared

    def limits(self) -> tuple[int, int]:
        """How many cancels are allowed now: softly and hard."""
        p, windows = self._params, max(self._params.learn_s // self._params.window_s, 1)
        usual = -(-len(self._usual) // windows)
        soft = min(max(p.soft_cancels, p.soft_factor * usual), p.most_soft_cancels)
        hard = min(max(p.hard_cancels, p.hard_factor * usual), p.most_hard_cancels)
        return max(soft, NEVER_UNDER), max(hard, NEVER_UNDER)

    def _trip(self, now: int) -> Trip | None:
        p, (soft, hard), errors, cancels = self._params, self.limits(), len(self._errors), len(self._cancels)
        if self.level != "hard" and errors > p.hard_errors:
            return self._made("hard_errors", p.hard_errors)
        if self.level != "hard" and cancels > hard:
            return self._made("hard_cancels", hard)
        if self.level == "closed" and (errors > p.soft_errors or cancels > soft):
            self._soft_trips.append(now)
            if len(self._soft_trips) >= p.repeats:
                self._soft_trips.clear()
                return self._made("hard_repeats", p.repeats)
            by_errors = errors > p.soft_errors
            return self._made("soft_errors", p.soft_errors) if by_errors else self._made("soft_cancels", soft)
        return None

    def _made(self, name: Name, limit: int) -> Trip:
        level: Level = "soft" if name in ("soft_errors", "soft_cancels") else "hard"
        pause = self._params.soft_pause_s if level == "soft" else self._params.hard_pause_s
        return Trip(name, level, len(self._cancels), len(self._errors), limit, pause)

    def _calm(self) -> bool:
        return 2 * len(self._cancels) <= self.limits()[0] and 2 * len(self._errors) <= self._params.soft_errors

    def _clear(self, now: int) -> Cleared:
        self.level = "closed"
        return Cleared(now - self._tripped_at, len(self._cancels))

    def _forget(self, now: int) -> None:
        """Let time pass: what leaves the window of a quiet breaker is what is usual."""
        window = now - self._params.window_s * SECOND
        while self._cancels and self._cancels[0] <= window:
            gone = self._cancels.popleft()
            if self.level == "closed":
                self._usual.append(gone)
        _drop(self._errors, window)
        _drop(self._usual, now - self._params.learn_s * SECOND)
        _drop(self._soft_trips, now - self._params.repeats_s * SECOND)


def _drop(times: deque[int], until: int) -> None:
    while times and times[0] <= until:
        times.popleft()
