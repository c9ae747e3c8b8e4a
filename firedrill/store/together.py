"""Several questions over one reading of the logs: what they ask of the lines is put into a narrow Parquet file first.

Text costs the same each time it is read, whatever is asked; its fields as columns cost next to nothing. The file holds
no line's text, so a question that looks at the text itself is none of these.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.columns import OBJECT, PLAIN, Fields
from firedrill.logql.text import json_path

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


@contextmanager
def narrow_file() -> Iterator[Path]:
    """Where the columns stand while they are asked; some 15 bytes a line."""
    with tempfile.TemporaryDirectory(prefix="firedrill-") as folder:
        yield Path(folder, "columns.parquet")


def copy(lines: str, stream: Sequence[str], fields: Fields, after: int, until: int, target: Path) -> str:
    """The statement that writes what is asked of the lines of (after, until], nanoseconds, in their order.

    Without their numbers: to number lines, DuckDB reads them one after another instead of side by side.
    """
    columns = ["ts", *map(quote.name, stream), OBJECT, *fields.columns.values()]
    rows = f"SELECT {', '.join(columns)} FROM ({lines}) WHERE ts > {after} AND ts <= {until}"
    return f"COPY ({rows}) TO {quote.text(str(target))} (FORMAT parquet, COMPRESSION lz4)"


def over(target: Path) -> str:
    """The columns as the relation that compiled LogQL reads."""
    return f"SELECT *, file_row_number AS seq FROM read_parquet({quote.text(str(target))}, file_row_number = true)"
