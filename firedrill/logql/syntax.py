"""The syntax tree of LogQL: what a query says, with the place in the text where it says it.

It knows nothing of SQL, of files, or of how the text was read. Times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SECOND = 1_000_000_000


class QueryError(Exception):
    """A query that cannot be answered: `line` and `column` (from 1) say where, `reason` says why."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.reason, self.line, self.column = reason, line, column


@dataclass(frozen=True, slots=True)
class Place:
    line: int = 1
    column: int = 1

    def error(self, reason: str) -> QueryError:
        return QueryError(reason, self.line, self.column)


@dataclass(frozen=True, slots=True)
class Matcher:
    """`name op value` of a stream selector, op one of = != =~ !~."""

    name: str
    op: str
    value: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class LineFilter:
    """`|= "a" or "b"`: any of `values` for |= and |~, none of them for != and !~."""

    op: str
    values: tuple[str, ...]
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Json:
    """`| json` (no fields: all of them) or `| json name="path", ...`."""

    fields: tuple[tuple[str, str], ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class TextTest:
    """`name op "value"` on a label, op one of = != =~ !~."""

    name: str
    op: str
    value: str
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class NumberTest:
    """`name op number` on a label, op one of == != > >= < <=."""

    name: str
    op: str
    value: float
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class BothTests:
    """Two label tests joined by `op`: and | or."""

    op: str
    left: LabelTest
    right: LabelTest


LabelTest = TextTest | NumberTest | BothTests


@dataclass(frozen=True, slots=True)
class Unwrap:
    """`| unwrap name`: the label's number becomes the sample."""

    name: str
    place: Place = Place()


Stage = LineFilter | Json | TextTest | NumberTest | BothTests | Unwrap


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A stream selector and the stages behind it."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...]
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Grouping:
    """`by (names)` or `without (names)`."""

    names: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True, slots=True)
class RangeAgg:
    """`op(query[range] offset d)`, with `parameter` for quantile_over_time."""

    op: str
    query: LogQuery
    range: int
    offset: int = 0
    parameter: float | None = None
    grouping: Grouping | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class VectorAgg:
    """`op by (names) (of)`."""

    op: str
    of: Metric
    grouping: Grouping | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors are paired: `on (names)`, `ignoring (names)` or by all labels."""

    names: tuple[str, ...] = ()
    on: bool = False


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`; `as_bool` turns a comparison into 0 or 1."""

    op: str
    left: Metric
    right: Metric
    as_bool: bool = False
    matching: Matching = Matching()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Vector:
    """`vector(number)`: one series without labels."""

    value: float
    place: Place = Place()


Metric = RangeAgg | VectorAgg | Binary | Number | Vector
Query = LogQuery | Metric


def is_scalar(query: Query) -> bool:
    """Whether a query is arithmetic on numbers alone, without any series."""
    match query:
        case Number():
            return True
        case Binary():
            return is_scalar(query.left) and is_scalar(query.right)
    return False


def range_aggs(query: Query) -> Iterator[RangeAgg]:
    """Every range aggregation in a query, left to right."""
    match query:
        case RangeAgg():
            yield query
        case VectorAgg():
            yield from range_aggs(query.of)
        case Binary():
            yield from range_aggs(query.left)
            yield from range_aggs(query.right)


def log_queries(query: Query) -> Iterator[LogQuery]:
    """Every log query in a query, left to right."""
    if isinstance(query, LogQuery):
        yield query
    for agg in range_aggs(query):
        yield agg.query


def reach(query: Query) -> int:
    """How many nanoseconds before its evaluation time a query looks back."""
    return max((agg.range + agg.offset for agg in range_aggs(query)), default=0)


def label_tests(test: LabelTest) -> Iterator[TextTest | NumberTest]:
    """The single tests inside a label filter."""
    if isinstance(test, BothTests):
        yield from label_tests(test.left)
        yield from label_tests(test.right)
    else:
        yield test
