"""What a log store answers, and how: the interface of both backends and the shapes of their answers.

`data()` of an answer is the `data` object of Loki's HTTP API. Times are nanoseconds since the
epoch. It knows nothing of files, HTTP or SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from firedrill.logql.text import print_number

Labels = dict[str, str]


class StoreError(Exception):
    """The store could not answer: the message says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Series:
    """One label set and its samples as (time, value), in time order."""

    labels: Labels
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """One label set and its lines as (time, line)."""

    labels: Labels
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    time: int
    value: float

    def data(self) -> dict[str, Any]:
        return {"resultType": "scalar", "result": _point(self.time, self.value)}


@dataclass(frozen=True, slots=True)
class Vector:
    """The answer of an instant query: a point for each series, ordered by labels."""

    series: tuple[Series, ...]

    def data(self) -> dict[str, Any]:
        rows = [{"metric": one.labels, "value": _point(*one.points[0])} for one in self.series]
        return {"resultType": "vector", "result": rows}


@dataclass(frozen=True, slots=True)
class Matrix:
    """The answer of a metric query over a range."""

    series: tuple[Series, ...]

    def data(self) -> dict[str, Any]:
        rows = [{"metric": one.labels, "values": [_point(*point) for point in one.points]} for one in self.series]
        return {"resultType": "matrix", "result": rows}


@dataclass(frozen=True, slots=True)
class Streams:
    """The answer of a log query."""

    streams: tuple[Stream, ...]

    def data(self) -> dict[str, Any]:
        rows = [
            {"stream": one.labels, "values": [[str(time), line] for time, line in one.lines]} for one in self.streams
        ]
        return {"resultType": "streams", "result": rows}


Answer = Scalar | Vector | Matrix | Streams


@dataclass(frozen=True, slots=True)
class Span:
    """A log query's time range [start, end), how many lines at most, and from which end."""

    start: int
    end: int
    limit: int = 100
    backward: bool = True


class Store(Protocol):
    """Asked with LogQL text. QueryError: the query is wrong. StoreError: the store cannot answer."""

    def instant(self, query: str, at: int) -> Scalar | Vector:
        """A metric query at one time."""
        ...

    def range(self, query: str, start: int, end: int, step: int) -> Matrix:
        """A metric query at every multiple of `step` around [start, end]."""
        ...

    def logs(self, query: str, span: Span) -> Streams:
        """The lines of a log query."""
        ...

    def tail(self, query: str, start: int, limit: int = 100) -> Iterator[Streams]:
        """The last `limit` lines of a log query since `start`, then those that come, for ever.

        While none come it gives an answer without streams now and then, so that the caller can look around.
        """
        ...

    def label_sets(self, selectors: Sequence[str], start: int, end: int) -> list[Labels]:
        """The streams seen in [start, end) that meet any of the selectors (none: all streams)."""
        ...


def label_names(sets: Sequence[Mapping[str, str]]) -> list[str]:
    return sorted({name for labels in sets for name in labels})


def label_values(sets: Sequence[Mapping[str, str]], name: str) -> list[str]:
    return sorted({labels[name] for labels in sets if name in labels})


def _point(time: int, value: float) -> list[int | float | str]:
    milliseconds = time // 1_000_000
    return [milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000, print_number(value)]
