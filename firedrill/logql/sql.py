"""Syntax tree to DuckDB SQL: one SELECT over the relation `lines` (see `pipeline.py`).

A metric query answers at every step of a grid; a range vector at t holds the lines of
(t - range, t]. What Loki answers with an error while running (an __error__ that survives,
ambiguous matching) stops the statement with a message that starts with `quote.ERROR_MARK`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.aggregates import of_vector, over_time
from firedrill.logql.binary import combine, fold
from firedrill.logql.columns import Fields
from firedrill.logql.filters import ERROR, matcher_condition
from firedrill.logql.pipeline import Pipeline
from firedrill.logql.relation import LABELS, Relation, column
from firedrill.logql.template import fields

PUSHED_DOWN = ("count_over_time", "rate", "sum_over_time", "bytes_over_time", "bytes_rate")
_LAST_WORDS = (
    ' survives in the result: filter it with | __error__="" behind the stage that parses, or group by __error__'
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Evaluation times: start, start + step ... up to end, in nanoseconds.

    `origin`: an expression added to all of them, so that one statement serves many times.
    """

    start: int
    end: int
    step: int
    origin: str = ""

    @classmethod
    def at(cls, time: int) -> Grid:
        return cls(time, time, 1)

    @classmethod
    def anywhere(cls) -> Grid:
        """One time, the first parameter of the statement."""
        return cls(0, 0, 1, "$1::BIGINT")

    def time(self, nanoseconds: int) -> str:
        return f"({self.origin} + {nanoseconds})" if self.origin else str(nanoseconds)

    @classmethod
    def aligned(cls, start: int, end: int, step: int) -> Grid:
        """Loki's range query: start goes down and end up to multiples of the step since the epoch."""
        return cls(start // step * step, -(-end // step) * step, step)

    @property
    def count(self) -> int:
        return (self.end - self.start) // self.step + 1


def scalar(query: s.Metric) -> float | None:
    """The value of a query that is arithmetic on numbers alone, else None."""
    folded = fold(query)
    return folded.value if isinstance(folded, s.Number) else None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query's relation, the relations it names that are worked out once: (name, SQL), and what it reads of
    the JSON of the lines."""

    relation: Relation
    shared: tuple[tuple[str, str], ...] = ()
    fields: Fields = field(default_factory=Fields)

    def over(self, lines: str) -> str:
        """The whole statement over `lines`, the SQL of the lines themselves."""
        parts = [
            f"lines AS NOT MATERIALIZED ({lines})",
            *(f"{name} AS MATERIALIZED ({sql})" for name, sql in self.shared),
        ]
        return f"WITH {', '.join(parts)} {self.relation.sql}"


def compile_metric(
    query: s.Metric, stream: Sequence[str], grid: Grid, flat: bool = False, fields: Fields | None = None
) -> Compiled:
    """The statement that answers a metric query; `stream` names the columns that are stream labels.

    `flat`: the columns of every line hold all its fields (see `columns.py`). `fields`: what other queries ask for
    already, where one source is to supply them all.
    """
    compiler = _Compiler(stream, grid, Counter(_parts(query)), fields=fields or Fields(flat))
    relation = compiler.compile(query)
    return Compiled(relation, tuple(compiler.shared.values()), compiler.fields)


def compile_alike(aggs: Sequence[s.RangeAgg], stream: Sequence[str], grid: Grid, fields: Fields) -> Compiled:
    """One statement for aggregations of the same samples: its v is the list of their values.

    They differ in nothing but what they do with the samples, which is none of `KEEPS_PARSED`.
    """
    return Compiled(_range_agg(aggs[0], stream, fields, grid, None, aggs[1:]), (), fields)


def _parts(query: s.Metric) -> Iterator[s.Metric]:
    """Every part of a query that costs something."""
    match query:
        case s.RangeAgg():
            yield query
        case s.VectorAgg() | s.LabelReplace():
            yield query
            yield from _parts(query.of)
        case s.Binary():
            yield query
            yield from _parts(query.left)
            yield from _parts(query.right)


@dataclass(slots=True)
class _Compiler:
    """`times`: how often each part stands in the query; what stands there again is compiled once."""

    stream: Sequence[str]
    grid: Grid
    times: Counter[s.Metric]
    shared: dict[s.Metric, tuple[str, str]] = field(default_factory=dict)
    fields: Fields = field(default_factory=Fields)
    _names: dict[s.Metric, tuple[str, ...] | None] = field(default_factory=dict)
    _around: int = 1

    def compile(self, query: s.Metric) -> Relation:
        if self.times[query] <= self._around:
            return self._compile(query)
        if query not in self.shared:
            around, self._around = self._around, self.times[query]
            relation = self._compile(query)
            self._around = around
            self.shared[query] = f"shared{len(self.shared)}", relation.sql
            self._names[query] = relation.names
        return Relation(f"FROM {self.shared[query][0]}", self._names[query])

    def _compile(self, query: s.Metric) -> Relation:
        match query:
            case s.RangeAgg():
                return _range_agg(query, self.stream, self.fields, self.grid, None)
            case s.VectorAgg():
                return self._vector_agg(query)
            case s.LabelReplace():
                return self.compile(query.of).replaced(query)
            case s.Vector():
                steps = f"range({self.grid.count}) AS steps(k)"
                return Relation(f"SELECT k, {quote.number(query.value)} AS v FROM {steps}", ())
            case s.Binary():
                return combine(query, self.compile)
        raise query.place.error("a scalar has no series: this is answered without a statement")

    def _vector_agg(self, agg: s.VectorAgg) -> Relation:
        """Sums over counts and rates group the lines at once, as Loki does: no label set is built in between."""
        if agg.op == "sum" and isinstance(agg.of, s.RangeAgg) and agg.of.op in PUSHED_DOWN and not agg.of.grouping:
            inner = _range_agg(agg.of, self.stream, self.fields, self.grid, agg.grouping or s.Grouping(()))
        else:
            inner = self.compile(agg.of)
        if agg.op in ("sort", "sort_desc"):
            return inner
        if agg.parameter:
            return inner.top(agg)
        picked, names = inner.grouped(agg.grouping)
        keys = [LABELS] if names is None else [column(name) for name in names]
        listed = ", ".join(["k", *keys])
        rows = f"SELECT k, {picked}v FROM ({inner.sql})"
        return Relation(f"SELECT {listed}, {of_vector(agg.op)} AS v FROM ({rows}) GROUP BY {listed}", names)


def compile_logs(
    query: s.LogQuery, stream: Sequence[str], start: int, end: int, limit: int, backward: bool
) -> Compiled:
    """The statement for the first or last lines of [start, end): rows of ts, line, labels (a MAP), in order."""
    for stage in query.stages:
        if isinstance(stage, s.Unwrap):
            raise stage.place.error("unwrap belongs into a range aggregation")
    fields = Fields()
    pipeline = _pipeline(query, Pipeline(stream, fields, few=True))
    where = " AND ".join([f"ts >= {start} AND ts < {end}", *pipeline.where])
    order = "ORDER BY ts DESC, seq DESC" if backward else "ORDER BY ts, seq"
    chosen = f"SELECT * FROM {pipeline.source} WHERE {where} {order} LIMIT {limit}"
    rows = f"SELECT ts, {pipeline.line} AS line, {pipeline.label_map()} AS {LABELS} FROM ({chosen}) {order}"
    return Compiled(Relation(rows, None), fields=fields)


def _pipeline(query: s.LogQuery, pipeline: Pipeline, skip_json: bool = False) -> Pipeline:
    pipeline.where += [matcher_condition(matcher, pipeline.stream) for matcher in query.matchers]
    for stage in query.stages:
        pipeline.apply(stage, skip_json)
    return pipeline


def _range_agg(
    agg: s.RangeAgg,
    stream: Sequence[str],
    fields: Fields,
    grid: Grid,
    pushed: s.Grouping | None,
    alike: Sequence[s.RangeAgg] = (),
) -> Relation:
    grouping = agg.grouping or pushed
    by = grouping.names if grouping and not grouping.without else None
    asked = _names_asked(agg.query)
    pipeline = _pipeline(agg.query, Pipeline(stream, fields), skip_json=by == () and not asked)
    names, picked = _labels(agg, pipeline, grouping)
    preserved = by is not None and ERROR in {*asked, *by}
    rows = _rows(agg, pipeline, picked, grid, guarded=not preserved)
    if agg.op == "absent_over_time":
        return _absent(agg, rows, grid)
    keys = [LABELS] if names is None else [column(name) for name in names]
    listed = ", ".join(["k", *keys])
    value = f"[{', '.join(map(over_time, (agg, *alike)))}]" if alike else over_time(agg)
    return Relation(f"SELECT {listed}, {value} AS v FROM ({rows}) GROUP BY {listed}", names)


def _names_asked(query: s.LogQuery) -> set[str]:
    """Labels that the stages themselves look at."""
    names: set[str] = set()
    for stage in query.stages:
        match stage:
            case s.Unwrap():
                names.add(stage.name)
            case s.LineFormat():
                names |= fields(stage.template)
            case s.LabelFormat():
                for part in stage.parts:
                    names |= {part.value} if isinstance(part.value, str) else fields(part.value)
            case s.TextTest() | s.NumberTest() | s.IpTest() | s.BothTests():
                names.update(test.name for test in s.label_tests(stage))
    return names


def _labels(agg: s.RangeAgg, pipeline: Pipeline, grouping: s.Grouping | None) -> tuple[tuple[str, ...] | None, str]:
    """Names of the label columns of the result (None: open) and their select list."""
    dropped = [*(grouping.names if grouping else ()), *([pipeline.unwrapped] if pipeline.unwrapped else [])]
    if grouping and not grouping.without:
        names = grouping.names
    elif pipeline.open:
        return None, f"{pipeline.label_map(dropped)} AS {LABELS}, "
    else:
        names = tuple(name for name in pipeline.names() if name not in dropped)
    return names, "".join(f"coalesce({pipeline.label(n)}, '') AS {column(n)}, " for n in names)


def _rows(agg: s.RangeAgg, pipeline: Pipeline, picked: str, grid: Grid, guarded: bool) -> str:
    """The lines of all windows, one row for each step that sees them: k, labels, ts, seq, v."""
    value = pipeline.value or (f"strlen({pipeline.line})" if agg.op.startswith("bytes_") else "1")
    if pipeline.error and guarded:
        message = f"'pipeline error: ' || {pipeline.error} || {quote.text(_LAST_WORDS)}"
        value = f"CASE WHEN {pipeline.error.none} THEN {value} ELSE {quote.error(message)} END"
    first, last = (grid.time(at - agg.offset) for at in (grid.start - agg.range, grid.end))
    steps, seen = _steps(agg, grid)
    where = " AND ".join([f"ts > {first} AND ts <= {last}", *seen, *pipeline.where])
    return f"SELECT {steps} AS k, {picked}ts, seq, {value} AS v FROM {pipeline.source} WHERE {where}"


def _steps(agg: s.RangeAgg, grid: Grid) -> tuple[str, list[str]]:
    """The steps that see a line, as an expression that makes a row of each, and the conditions that one does."""
    if grid.count == 1:
        return "0", []
    since = f"ts + {agg.offset - grid.start}"
    first = f"({since} + {grid.step - 1}) // {grid.step}"
    last = f"({since} + {agg.range - 1}) // {grid.step}"
    if agg.range == grid.step:  # no two windows overlap: each line is in one, without an unnest, which is slow
        return first, []
    if agg.range < grid.step:
        return first, [f"{first} = {last}"]
    return f"unnest(range(greatest(0, {first}), least({grid.count - 1}, {last}) + 1))", []


def _absent(agg: s.RangeAgg, rows: str, grid: Grid) -> Relation:
    """1 at every step without a line, labelled by the equality matchers."""
    labels = {m.name: m.value for m in agg.query.matchers if m.op == "=" and m.value}
    picked = "".join(f"{quote.text(value)} AS {column(name)}, " for name, value in labels.items())
    present = f"SELECT k FROM ({rows}) GROUP BY k HAVING count(v) > 0"
    steps = f"SELECT k, {picked}1::DOUBLE AS v FROM range({grid.count}) AS steps(k)"
    return Relation(f"{steps} WHERE k NOT IN ({present})", tuple(labels))
