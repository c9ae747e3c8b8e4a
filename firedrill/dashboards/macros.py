"""Grafana's variables in a query, filled in as its Loki data source does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from firedrill.logql.syntax import SECOND

_VARIABLE = re.compile(r"\$\{(?P<braced>\w+)(?::\w+)?\}|\$(?P<plain>\w+)|\[\[(?P<old>\w+)\]\]")
_INTERVALS_S = (
    (1, 1), (3, 2), (7.5, 5), (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600),
    (1050, 900), (1500, 1200), (2700, 1800), (5400, 3600), (9000, 7200), (16200, 10800), (32400, 21600),
    (86400, 43200), (604800, 86400),
)  # fmt: skip
"""Grafana's choice: a distance of points below the first number of seconds becomes the second."""


class UnknownVariable(ValueError):
    """A query has a variable that neither the dashboard nor Grafana knows."""


@dataclass(frozen=True, slots=True)
class Times:
    """What is shown, in nanoseconds."""

    start: int
    end: int

    def step(self, points: int, least: int = 0) -> int:
        """Distance of the points in nanoseconds, when at most about `points` are wanted and never below `least`."""
        seconds = (self.end - self.start) / max(1, points) / SECOND
        rounded = next((to for below, to in _INTERVALS_S if seconds < below), 604800)
        return max(rounded * SECOND, least)


def filled(query: str, variables: Mapping[str, str], times: Times, step: int, instant: bool) -> str:
    """The query as the store is asked it. UnknownVariable names one that nobody knows."""
    whole = f"{round((times.end - times.start) / SECOND)}s"
    seconds = f"{step // SECOND}s"
    known = {
        "__range": whole,
        "__range_s": whole[:-1],
        "__range_ms": f"{whole[:-1]}000",
        "__interval": seconds,
        "__interval_ms": f"{seconds[:-1]}000",
        "__rate_interval": seconds,
        "__auto": whole if instant else seconds,
        **variables,
    }

    def value(match: re.Match[str]) -> str:
        name = match["braced"] or match["plain"] or match["old"]
        if name not in known:
            raise UnknownVariable(f"${name} is neither a variable of this dashboard nor a macro of Grafana's")
        return known[name]

    return _VARIABLE.sub(value, query)
