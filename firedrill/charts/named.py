"""Series of a store under the names people call them: Grafana's legend formats, filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from firedrill.store.store import Labels, Series

_LABEL = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Named:
    """One curve, bar or row: its name and its samples as (nanoseconds, value) in time order."""

    name: str
    points: tuple[tuple[int, float], ...]

    @property
    def last(self) -> float:
        return self.points[-1][1]


def named(series: Sequence[Series], legend: str = "") -> list[Named]:
    """`{{market}} p95` for each series; without a legend all its labels."""
    return [Named(_name(one.labels, legend), one.points) for one in series]


def _name(labels: Labels, legend: str) -> str:
    if legend:
        return _LABEL.sub(lambda match: labels.get(match.group(1), ""), legend).strip() or "—"
    return ", ".join(f"{name}={text}" for name, text in labels.items()) or "all"
