"""A dashboard of one panel as Grafana's JSON, and a store that answers what a test says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firedrill.logql.syntax import SECOND
from firedrill.store.store import Labels, Matrix, Scalar, Series, Span, Streams, Vector

START, END = 1_767_312_000 * SECOND, (1_767_312_000 + 3600) * SECOND


def board(*panels: dict[str, Any], variables: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {"uid": "b", "title": "mm-bot: b", "panels": list(panels), "templating": {"list": list(variables)}}


def panel(kind: str = "stat", *queries: str, unit: str = "short", **more: Any) -> dict[str, Any]:
    defaults = {"unit": unit, **more.pop("defaults", {})}
    targets = [
        {"refId": chr(65 + place), "expr": query, "queryType": "range" if kind == "timeseries" else "instant"}
        for place, query in enumerate(queries or ("q",))
    ]
    place = {"x": 0, "y": 0, "w": 12, "h": 8}
    return {
        "id": 1, "type": kind, "title": "One", "description": "It.", "gridPos": place, "targets": targets,
        "fieldConfig": {"defaults": defaults}, **more,
    }  # fmt: skip


def written(folder: Path, *boards: dict[str, Any]) -> Path:
    for place, one in enumerate(boards):
        (folder / f"{place}.json").write_text(json.dumps(one))
    return folder


@dataclass
class Told:
    """A store that answers every query with the same series (or raises), and remembers what it was asked."""

    series: tuple[Series, ...] = ()
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def instant(self, query: str, at: int) -> Scalar | Vector:
        self._hear(query)
        return Vector(tuple(Series(one.labels, one.points[-1:]) for one in self.series))

    def range(self, query: str, start: int, end: int, step: int) -> Matrix:
        self._hear(query)
        return Matrix(self.series)

    def logs(self, query: str, span: Span) -> Streams:
        raise NotImplementedError

    def label_sets(self, selectors: Sequence[str], start: int, end: int) -> list[Labels]:
        raise NotImplementedError

    def _hear(self, query: str) -> None:
        self.asked.append(query)
        if self.error:
            raise self.error


def told(**values: float) -> tuple[Series, ...]:
    """A series for each market, with its value at the start (which no chart shows), in the middle and at the end."""
    return tuple(
        Series({"market": market}, ((START, 99.0), ((START + END) // 2, value), (END, value)))
        for market, value in values.items()
    )
