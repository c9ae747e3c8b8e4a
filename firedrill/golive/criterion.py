"""What one criterion is: a number from the logs and the bounds it must keep."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Criterion:
    """One number, or one for each market or run: all must lie in [low, high] and in (above, below).

    `query` is LogQL with [$over] for the period; no answer means that the logs do not say, and `lacking` what they
    lack. `edge_locked`: of no concern where that strategy does not run.
    """

    name: str
    query: str
    wanted: str
    remedy: str
    lacking: str = "the logs hold no line of the bot"
    unit: str = ""
    low: float = -inf
    high: float = inf
    above: float = -inf
    below: float = inf
    edge_locked: bool = False

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high and self.above < value < self.below

    def ask(self, over: str) -> str:
        """The query for a period written as LogQL writes it."""
        return self.query.replace("$over", over)


@dataclass(frozen=True, slots=True)
class Phase:
    """`since`: how far back the phase is looked at, unless told otherwise. `next`: what a GO allows."""

    since: str
    next: str
    criteria: tuple[Criterion, ...]
