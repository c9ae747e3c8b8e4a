"""Syntax tree to DuckDB SQL: one SELECT over the relation `lines` (see `pipeline.py`).

A metric query answers at every step of a grid; a range vector at t holds the lines of
(t - range, t]. What Loki answers with an error while running (an __error__ that survives,
ambiguous matching) stops the statement with a message that starts with `quote.ERROR_MARK`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.binary import combine, fold
from firedrill.logql.pipeline import ERROR, Pipeline, matcher_condition
from firedrill.logql.relation import LABELS, Relation, column

PUSHED_DOWN = ("count_over_time", "rate", "sum_over_time")
KEEPS_PARSED = ("count_over_time", "rate", "sum_over_time", "absent_over_time")
_LAST_WORDS = (
    ' survives in the result: filter it with | __error__="" behind the stage that parses, or group by __error__'
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Evaluation times: start, start + step ... up to end, in nanoseconds."""

    start: int
    end: int
    step: int

    @classmethod
    def at(cls, time: int) -> Grid:
        return cls(time, time, 1)

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


def compile_metric(query: s.Metric, stream: Sequence[str], grid: Grid) -> Relation:
    """The statement that answers a metric query; `stream` names the columns that are stream labels."""
    match query:
        case s.RangeAgg():
            return _range_agg(query, stream, grid, None)
        case s.VectorAgg():
            return _vector_agg(query, stream, grid)
        case s.Vector():
            return Relation(f"SELECT k, {quote.number(query.value)} AS v FROM range({grid.count}) AS steps(k)", ())
        case s.Binary():
            return combine(query, lambda side: compile_metric(side, stream, grid))
    raise query.place.error("a scalar has no series: this is answered without a statement")


def compile_logs(query: s.LogQuery, stream: Sequence[str], start: int, end: int, limit: int, backward: bool) -> str:
    """The statement for the first or last lines of [start, end): rows of ts, line, labels (a MAP), in order."""
    for stage in query.stages:
        if isinstance(stage, s.Unwrap):
            raise stage.place.error("unwrap belongs into a range aggregation")
    pipeline = _pipeline(query, stream)
    where = " AND ".join([f"ts >= {start} AND ts < {end}", *pipeline.where])
    order = "ORDER BY ts DESC, seq DESC" if backward else "ORDER BY ts, seq"
    chosen = f"SELECT * FROM lines WHERE {where} {order} LIMIT {limit}"
    return f"SELECT ts, line, {pipeline.label_map()} AS {LABELS} FROM ({chosen}) {order}"


def _pipeline(query: s.LogQuery, stream: Sequence[str], skip_json: bool = False) -> Pipeline:
    pipeline = Pipeline(stream)
    pipeline.where += [matcher_condition(matcher, stream) for matcher in query.matchers]
    for stage in query.stages:
        pipeline.apply(stage, skip_json)
    return pipeline


def _range_agg(agg: s.RangeAgg, stream: Sequence[str], grid: Grid, pushed: s.Grouping | None) -> Relation:
    grouping = agg.grouping or pushed
    by = grouping.names if grouping and not grouping.without else None
    asked = _names_asked(agg.query)
    pipeline = _pipeline(agg.query, stream, skip_json=by == () and not asked)
    names, picked = _labels(agg, pipeline, grouping)
    preserved = by is not None and ERROR in {*asked, *by}
    rows = _rows(agg, pipeline, picked, grid, guarded=not preserved)
    if agg.op == "absent_over_time":
        return _absent(agg, rows, grid)
    keys = [LABELS] if names is None else [column(name) for name in names]
    listed = ", ".join(["k", *keys])
    return Relation(f"SELECT {listed}, {_aggregate(agg)} AS v FROM ({rows}) GROUP BY {listed}", names)


def _names_asked(query: s.LogQuery) -> set[str]:
    """Labels that the stages themselves look at."""
    names: set[str] = set()
    for stage in query.stages:
        if isinstance(stage, s.Unwrap):
            names.add(stage.name)
        elif isinstance(stage, s.TextTest | s.NumberTest | s.BothTests):
            names.update(test.name for test in s.label_tests(stage))
    return names


def _labels(agg: s.RangeAgg, pipeline: Pipeline, grouping: s.Grouping | None) -> tuple[tuple[str, ...] | None, str]:
    """Names of the label columns of the result (None: open) and their select list."""
    dropped = [*(grouping.names if grouping else ()), *([pipeline.unwrapped] if pipeline.unwrapped else [])]
    if grouping and not grouping.without:
        names = grouping.names
    elif grouping is None and agg.op not in KEEPS_PARSED:
        names = tuple(pipeline.stream)
    elif pipeline.all_fields:
        return None, f"{pipeline.label_map(dropped)} AS {LABELS}, "
    else:
        names = tuple(name for name in pipeline.names() if name not in dropped)
    return names, "".join(f"coalesce({pipeline.label(n)}, '') AS {column(n)}, " for n in names)


def _rows(agg: s.RangeAgg, pipeline: Pipeline, picked: str, grid: Grid, guarded: bool) -> str:
    """The lines of all windows, one row for each step that sees them: k, labels, ts, seq, v."""
    value = pipeline.value or "1"
    if pipeline.error and guarded:
        message = f"'pipeline error: ' || {pipeline.error} || {quote.text(_LAST_WORDS)}"
        value = f"CASE WHEN {pipeline.error} <> '' THEN {quote.error(message)} ELSE {value} END"
    first, last = grid.start - agg.range - agg.offset, grid.end - agg.offset
    where = " AND ".join([f"ts > {first} AND ts <= {last}", *pipeline.where])
    return f"SELECT {_steps(agg, grid)} AS k, {picked}ts, seq, {value} AS v FROM lines WHERE {where}"


def _steps(agg: s.RangeAgg, grid: Grid) -> str:
    if grid.count == 1:
        return "0"
    since = f"ts + {agg.offset - grid.start}"
    first = f"greatest(0, ({since} + {grid.step - 1}) // {grid.step})"
    last = f"least({grid.count - 1}, ({since} + {agg.range - 1}) // {grid.step})"
    return f"unnest(range({first}, {last} + 1))"


def _aggregate(agg: s.RangeAgg) -> str:
    in_order = "v ORDER BY ts, seq"
    seconds = quote.number(agg.range / s.SECOND)
    unwrapped = any(isinstance(stage, s.Unwrap) for stage in agg.query.stages)
    match agg.op:
        case "count_over_time":
            return "count(v)::DOUBLE"
        case "rate":
            return f"{f'sum({in_order})' if unwrapped else 'count(v)'} / {seconds}"
        case "avg_over_time":
            return f"list_reduce(list({in_order}), lambda mean, x, n: mean + (x / n - mean / n))"
        case "quantile_over_time":
            return _quantile(agg.parameter or 0.0)
        case "last_over_time":
            return f"last({in_order})"
        case "max_over_time":
            return "coalesce(max(v) FILTER (NOT isnan(v)), 'NaN'::DOUBLE)"
        case "min_over_time":
            return "min(v)"
    return f"sum({in_order})"


def _quantile(q: float) -> str:
    """Linear interpolation over the sorted samples, by Loki's own formula."""
    if q < 0 or q > 1:
        return f"any_value({quote.number(float('-inf') if q < 0 else float('inf'))})"
    rank, ordered = f"({quote.number(q)} * (count(v) - 1))", "list(v ORDER BY v)"
    low, weight = f"floor({rank})::BIGINT", f"({rank} - floor({rank}))"
    upper = f"least({low} + 2, count(v))"
    return f"{ordered}[{low} + 1] * (1 - {weight}) + {ordered}[{upper}] * {weight}"


def _absent(agg: s.RangeAgg, rows: str, grid: Grid) -> Relation:
    """1 at every step without a line, labelled by the equality matchers."""
    labels = {m.name: m.value for m in agg.query.matchers if m.op == "=" and m.value}
    picked = "".join(f"{quote.text(value)} AS {column(name)}, " for name, value in labels.items())
    present = f"SELECT k FROM ({rows}) GROUP BY k HAVING count(v) > 0"
    steps = f"SELECT k, {picked}1::DOUBLE AS v FROM range({grid.count}) AS steps(k)"
    return Relation(f"{steps} WHERE k NOT IN ({present})", tuple(labels))


def _vector_agg(agg: s.VectorAgg, stream: Sequence[str], grid: Grid) -> Relation:
    """Sums over counts and rates group the lines at once, as Loki does: no label set is built in between."""
    if agg.op == "sum" and isinstance(agg.of, s.RangeAgg) and agg.of.op in PUSHED_DOWN and not agg.of.grouping:
        inner = _range_agg(agg.of, stream, grid, agg.grouping or s.Grouping(()))
    else:
        inner = compile_metric(agg.of, stream, grid)
    picked, names = inner.grouped(agg.grouping)
    keys = [LABELS] if names is None else [column(name) for name in names]
    listed = ", ".join(["k", *keys])
    value = {
        "count": "count(v)::DOUBLE",
        "max": "coalesce(max(v) FILTER (NOT isnan(v)), 'NaN'::DOUBLE)",
    }.get(agg.op, f"{agg.op}(v)")
    rows = f"SELECT k, {picked}v FROM ({inner.sql})"
    return Relation(f"SELECT {listed}, {value} AS v FROM ({rows}) GROUP BY {listed}", names)
