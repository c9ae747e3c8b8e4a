"""The seed's success metrics after 24 hours: what is green, what is a red flag, and how a period stands to them.

A metric between its green band and its red flag is amber; one for which nothing happened has no verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Literal

from firedrill.report.figures import Figures

Verdict = Literal["green", "amber", "red", "no data"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`wanted` and `red_flag` are the seed's words; the bands hold their ends, unless `above` excludes the lower."""

    name: str
    unit: str
    value: Callable[[Figures], float | None]
    wanted: str
    green: tuple[float, float]
    red_flag: str = ""
    red_below: float = -inf
    red_above: float = inf
    above: bool = False

    def verdict(self, value: float | None) -> Verdict:
        if value is None:
            return "no data"
        low, high = self.green
        if (value > low if self.above else value >= low) and value <= high:
            return "green"
        return "red" if value < self.red_below or value > self.red_above else "amber"


def share(part: int, whole: int) -> float | None:
    """Percent with two decimals; None of nothing."""
    return round(100 * part / whole, 2) if whole else None


METRICS = (
    Metric(
        "avg_hold_time_min", "min", lambda found: found.avg_hold_time_min,
        "8-12 min", (8, 12), "> 30 min: exits are not firing", red_above=30,
    ),
    Metric(
        "exits_in_sweet_spot", "%", lambda found: share(found.total("sweet_spot_exits"), found.total("exits")),
        "> 50% of exits", (50, 100), above=True,
    ),
    Metric(
        "cb_activations", "", lambda found: float(found.total("cb_triggers")),
        "0-2", (0, 2), "> 5: runaway loops", red_above=5,
    ),
    Metric(
        "fills_in_zone", "%", lambda found: share(found.total("entries_in_zone"), found.total("entries")),
        ">= 90% of entries", (90, 100), "< 70%: price gates are failing", red_below=70,
    ),
)  # fmt: skip
"""In the seed's order. An exit may trade anywhere, so fills_in_zone is of entries."""
