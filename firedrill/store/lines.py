"""A text line as the relation `lines` that compiled LogQL reads: time, labels, JSON text.

The time is the column `ts` (unix seconds); a line without one takes that of the line before it
in its file, as a shipper would. A line that is no JSON object has no labels of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.events import STREAM_LABELS
from firedrill.logql import quote

FROM_LINE = ("level", "action")
"""Stream labels read from the line; the others are the same for all lines of a store."""

_LATEST = 9_000_000_000  # seconds; later than this is no time, and would not fit into nanoseconds


def parsed(source: str, before: str) -> str:
    """SELECT of seq, ts, level, action, doc, line from a relation with seq and line in file order.

    `before` is the time of the line in front of the first, in nanoseconds.
    """
    keys = ", ".join(quote.text(f"$.{key}") for key in ("ts", *FROM_LINE))
    read = f"SELECT seq, line, TRY(json_extract_string(line, [{keys}])) AS x FROM ({source})"
    labels = ", ".join(f"x[{n}] AS {name}" for n, name in enumerate(FROM_LINE, 2))
    doc = "CASE WHEN x IS NOT NULL AND left(ltrim(line), 1) = '{' THEN line END"
    time = f"CASE WHEN TRY_CAST(x[1] AS DOUBLE) BETWEEN 0 AND {_LATEST} THEN TRY_CAST(x[1] AS DOUBLE) END"
    typed = f"SELECT seq, line, {labels}, {doc} AS doc, round({time} * 1e6)::BIGINT * 1000 AS own FROM ({read})"
    carried = f"coalesce(last_value(own IGNORE NULLS) OVER (ROWS UNBOUNDED PRECEDING), {before})"
    return f"SELECT seq, {carried} AS ts, {', '.join(FROM_LINE)}, doc, line FROM ({typed})"


def with_given(source: str, given: Mapping[str, str]) -> str:
    """The same lines with the labels that are given to the whole store; empty ones are absent."""
    names = [name for name in stream_labels(given) if name not in FROM_LINE]
    columns = [f"{_text(given.get(name))} AS {quote.name(name)}" for name in names]
    return f"SELECT ts, seq, doc, line, {', '.join([*columns, *FROM_LINE])} FROM ({source})"


def _text(value: str | None) -> str:
    return quote.text(value) if value else "NULL::VARCHAR"


def stream_labels(given: Mapping[str, str]) -> Sequence[str]:
    """Names of all stream labels of a store with these given labels."""
    return (*STREAM_LABELS, *(name for name in given if name not in STREAM_LABELS))
