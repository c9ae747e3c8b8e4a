"""Several questions over one reading of the logs: what they ask of text is put into narrow Parquet files first.

Text costs the same each time it is read, whatever is asked; its fields as columns cost next to nothing. The files hold
no line's text, so a question that looks at the text itself is none of these. Questions that do different things with
the same samples, such as three quantiles, become one statement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.columns import OBJECT, PLAIN, Fields
from firedrill.logql.sql import Compiled, Grid, compile_alike, compile_metric
from firedrill.logql.text import json_path
from firedrill.store.scan import FILE_SHIFT

_ALIKE = tuple(f"{name}_over_time" for name in ("avg", "first", "last", "max", "min", "quantile", "stddev", "stdvar"))
_OVER_FIELDS = (s.TextTest, s.NumberTest, s.BothTests, s.Unwrap)


def suffices(query: s.Metric) -> bool:
    """Whether a query reads nothing of a line but stream labels and plain top-level fields by name."""
    if isinstance(query, s.VectorAgg) and query.op in ("sort", "sort_desc"):
        return False  # the order of its answer is none of the statement's
    aggs = list(s.range_aggs(query))
    return bool(aggs) and all(
        not agg.op.startswith("bytes_") and all(map(_reads_fields, agg.query.stages)) for agg in aggs
    )


def _reads_fields(stage: s.Stage) -> bool:
    if isinstance(stage, s.Json):
        return bool(stage.fields) and all(_plain(path) for _, path in stage.fields)
    return isinstance(stage, _OVER_FIELDS)


def _plain(path: str) -> bool:
    steps = json_path(path)
    return len(steps) == 1 and isinstance(steps[0], str) and bool(PLAIN.fullmatch(steps[0]))


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for the questions at `places` of a batch; of more than one, its values are lists."""

    compiled: Compiled
    grid: Grid
    places: Sequence[int]

    def values(self, rows: Sequence[tuple[Any, ...]], place: int) -> list[tuple[Any, ...]]:
        """The rows of the question at a place."""
        if len(self.places) == 1:
            return list(rows)
        which = self.places.index(place)
        return [(*row[:-1], row[-1][which]) for row in rows]


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions that are answered together, each with its times; `fields` is what they ask of a line."""

    queries: Sequence[s.Metric]
    grids: Sequence[Grid]
    stream: Sequence[str]
    fields: Fields = field(default_factory=Fields)

    @property
    def since(self) -> int:
        """Lines after this time are looked at, in nanoseconds."""
        return min(grid.start - s.reach(query) for query, grid in zip(self.queries, self.grids, strict=True))

    @property
    def until(self) -> int:
        return max(grid.end for grid in self.grids)

    def statements(self) -> list[Statement]:
        """What to ask, and for whom."""
        alike: dict[Hashable, list[int]] = {}
        for place, (query, grid) in enumerate(zip(self.queries, self.grids, strict=True)):
            alike.setdefault((_samples(query) or place, grid), []).append(place)
        return [self._statement(places) for places in alike.values()]

    def _statement(self, places: Sequence[int]) -> Statement:
        grid, queries = self.grids[places[0]], [self.queries[place] for place in places]
        aggs = [query for query in queries if isinstance(query, s.RangeAgg)]
        if len(aggs) > 1:
            return Statement(compile_alike(aggs, self.stream, grid, self.fields), grid, places)
        compiled = compile_metric(queries[0], self.stream, grid, fields=self.fields)
        return Statement(compiled, grid, places)


def _samples(query: s.Metric) -> s.Metric | None:
    """What questions about the same samples have in common; None for a question that stands alone."""
    if isinstance(query, s.RangeAgg) and query.op in _ALIKE and query.grouping:
        return replace(query, op="", parameter=None)
    return None


@contextmanager
def narrow_folder() -> Iterator[Path]:
    """Where the columns stand while they are asked; some 15 bytes a line."""
    with tempfile.TemporaryDirectory(prefix="firedrill-") as folder:
        yield Path(folder)


def copy(lines: str, batch: Batch, target: Path) -> str:
    """The statement that writes what a batch asks of the lines, in their order.

    Without their numbers: to number lines, DuckDB reads them one after another instead of side by side.
    """
    columns = ["ts", *map(quote.name, batch.stream), OBJECT, *batch.fields.columns.values()]
    rows = f"SELECT {', '.join(columns)} FROM ({lines}) WHERE ts > {batch.since} AND ts <= {batch.until}"
    return f"COPY ({rows}) TO {quote.text(str(target))} (FORMAT parquet, COMPRESSION lz4)"


def over(targets: Sequence[Path]) -> str:
    """The columns of several files, in their order, as the relation that compiled LogQL reads."""
    read = "SELECT *, file_row_number + {} AS seq FROM read_parquet({}, file_row_number = true)"
    parts = (read.format(number * FILE_SHIFT, quote.text(str(target))) for number, target in enumerate(targets))
    return " UNION ALL ".join(parts)
