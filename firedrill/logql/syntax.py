"""The syntax tree of LogQL: what a query says, with the place in the text where it says it.

It knows nothing of SQL, of files, or of how the text was read. Times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from firedrill.logql.stages import (
    BothTests as BothTests,
)
from firedrill.logql.stages import (
    Decolorize as Decolorize,
)
from firedrill.logql.stages import (
    Drop as Drop,
)
from firedrill.logql.stages import (
    IpLine as IpLine,
)
from firedrill.logql.stages import (
    IpTest as IpTest,
)
from firedrill.logql.stages import (
    Json as Json,
)
from firedrill.logql.stages import (
    Keep as Keep,
)
from firedrill.logql.stages import (
    LabelFormat as LabelFormat,
)
from firedrill.logql.stages import (
    LabelPart as LabelPart,
)
from firedrill.logql.stages import (
    LabelTest as LabelTest,
)
from firedrill.logql.stages import (
    LineFilter as LineFilter,
)
from firedrill.logql.stages import (
    LineFormat as LineFormat,
)
from firedrill.logql.stages import (
    Logfmt as Logfmt,
)
from firedrill.logql.stages import (
    NumberTest as NumberTest,
)
from firedrill.logql.stages import (
    Parser as Parser,
)
from firedrill.logql.stages import (
    Pattern as Pattern,
)
from firedrill.logql.stages import (
    Pick as Pick,
)
from firedrill.logql.stages import (
    Place as Place,
)
from firedrill.logql.stages import (
    QueryError as QueryError,
)
from firedrill.logql.stages import (
    Regexp as Regexp,
)
from firedrill.logql.stages import (
    SingleTest as SingleTest,
)
from firedrill.logql.stages import (
    Stage as Stage,
)
from firedrill.logql.stages import (
    TextTest as TextTest,
)
from firedrill.logql.stages import (
    Unpack as Unpack,
)
from firedrill.logql.stages import (
    Unwrap as Unwrap,
)
from firedrill.logql.stages import (
    label_tests as label_tests,
)

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Matcher:
    """`name op value` of a stream selector, op one of = != =~ !~."""

    name: str
    op: str
    value: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A stream selector and the stages behind it."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...]
    place: Place = field(default=Place(), compare=False)


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
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class VectorAgg:
    """`op by (names) (of)`, with `parameter` (how many) for topk and bottomk."""

    op: str
    of: Metric
    grouping: Grouping | None = None
    parameter: int = 0
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class LabelReplace:
    """`label_replace(of, name, new, source, pattern)`: Go's replacement, the pattern matching all of the source."""

    of: Metric
    name: str
    new: str
    source: str
    pattern: str
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors are paired: `on (names)`, `ignoring (names)` or by all labels.

    `many`: the side, left or right, of which several series may share one of the other side; its
    labels stay, and those of `include` come from the other.
    """

    names: tuple[str, ...] = ()
    on: bool = False
    many: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`; `as_bool` turns a comparison into 0 or 1."""

    op: str
    left: Metric
    right: Metric
    as_bool: bool = False
    matching: Matching = Matching()
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    place: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Vector:
    """`vector(number)`: one series without labels."""

    value: float
    place: Place = field(default=Place(), compare=False)


Metric = RangeAgg | VectorAgg | LabelReplace | Binary | Number | Vector
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
        case VectorAgg() | LabelReplace():
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
