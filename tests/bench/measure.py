"""A row of the bench table, and how a time is taken: the median of a few runs, because these machines are noisy."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` says how many times better ours is than the other, whatever the unit."""

    name: str
    ours: float
    other: float
    other_name: str
    unit: str

    @property
    def ratio(self) -> float:
        """other / ours: above 1 is better."""
        return self.other / self.ours

    def as_json(self) -> dict[str, object]:
        """The row as it stands in bench.json."""
        return {**asdict(self), "ratio": round(self.ratio, 2)}


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Median wall-clock seconds of `work` after one run that is not counted."""
    work()
    return statistics.median(_once(work) for _ in range(runs))


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
