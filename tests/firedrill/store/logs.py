"""A log written line by line for a test, and short forms of what a store answers about it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from firedrill.logql.syntax import SECOND
from firedrill.store.embedded import Embedded
from firedrill.store.store import Scalar, Span, Store, Vector

NOW = 1_767_225_600
"""The second around which test logs are written: a multiple of 3600."""

GIVEN = {"job": "bot", "host": "h"}
Shown = dict[str, float]


def line(at: float = 0, **fields: Any) -> str:
    """A JSON line at NOW + `at` seconds."""
    return json.dumps({"ts": round(NOW + at, 6), "level": "info", **fields})


class Log:
    """A file of lines in a folder, and a store that reads it."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.path = folder / "events.jsonl"
        self.path.write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
        os.utime(self.path, (NOW + 1000, NOW + 1000))
        self.store = Embedded((str(self.path),), GIVEN)

    def at(self, query: str, at: float = 0) -> Shown | float:
        return instant(self.store, query, at)

    def range(self, query: str, start: float, end: float, step: float) -> dict[str, dict[float, float]]:
        answer = self.store.range(query, ns(start), ns(end), int(step * SECOND))
        return {shown(one.labels): {(at - ns(0)) / SECOND: value for at, value in one.points} for one in answer.series}

    def lines(self, query: str, start: float = -3600, end: float = 3600, limit: int = 100) -> list[str]:
        answer = self.store.logs(query, Span(ns(start), ns(end), limit, backward=False))
        pairs = sorted((pair for stream in answer.streams for pair in stream.lines), key=lambda pair: pair[0])
        return [text for _, text in pairs]

    def streams(self, query: str) -> list[dict[str, str]]:
        return [stream.labels for stream in self.store.logs(query, Span(ns(-3600), ns(3600))).streams]


def ns(seconds: float) -> int:
    return NOW * SECOND + round(seconds * SECOND)


def shown(labels: dict[str, str]) -> str:
    """Labels as `a=1,b=2`, without those every line of a test has."""
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items()) if k not in ("job", "host", "level"))


def instant(store: Store, query: str, at: float = 0) -> Shown | float:
    """Value by labels; a scalar by itself."""
    answer = store.instant(query, ns(at))
    if isinstance(answer, Scalar):
        return answer.value
    assert isinstance(answer, Vector)
    return {shown(one.labels): one.points[0][1] for one in answer.series}
