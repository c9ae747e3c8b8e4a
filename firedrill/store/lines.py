"""A text line as the relation `lines` that compiled LogQL reads: time, labels, JSON text and its fields.

The time is the column `ts` (unix seconds); a line without one takes that of the line before it
in its file, as a shipper would. A line that is no JSON object has no labels of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.events import STREAM_LABELS
from firedrill.logql import quote
from firedrill.logql.columns import OBJECT, TREE, Fields, over_text, paths
from firedrill.store.engine import UNTIMED

FROM_LINE = ("level", "action")
"""Stream labels read from the line; the others are the same for all lines of a store."""

_LATEST = 9_000_000_000  # seconds; later than this is no time, and would not fit into nanoseconds
_ONCE = "CASE WHEN random() < 2 THEN {} END"
"""An expression worked out once a line: what is not the same twice is not copied into every filter on it."""
_BEFORE = "arg_max(own, seq) OVER (ROWS UNBOUNDED PRECEDING)"
"""The last time at or before a line. A window of this form runs along the lines; others hold them all in memory."""


def parsed(source: str, before: str, names: Sequence[str] = (), timed: bool = False) -> str:
    """SELECT of seq, ts, level, action, doc, line, x from a relation with seq and line in file order.

    `before`: the time of the line in front of the first, in nanoseconds. x: the texts at `keys(names)`.
    `timed`: every line is taken to have a time; the statement stops with UNTIMED where that is not so.
    """
    found = f"TRY(json_extract_string(line, {paths(keys(names))}))"
    read = f"SELECT seq, line, {_ONCE.format(found)} AS x FROM ({source})"
    labels = ", ".join(f"x[{n}] AS {name}" for n, name in enumerate(FROM_LINE, 2))
    doc = "CASE WHEN x IS NOT NULL AND left(ltrim(line), 1) = '{' THEN line END"
    time = f"CASE WHEN TRY_CAST(x[1] AS DOUBLE) BETWEEN 0 AND {_LATEST} THEN TRY_CAST(x[1] AS DOUBLE) END"
    own = f"round({time} * 1e6)::BIGINT * 1000"
    typed = f"SELECT seq, line, x, {labels}, {doc} AS doc, {own} AS own FROM ({read})"
    carried = f"error({quote.text(UNTIMED)})" if timed else f"{_BEFORE}, {before}"
    return f"SELECT seq, coalesce(own, {carried}) AS ts, {', '.join(FROM_LINE)}, doc, line, x FROM ({typed})"


def keys(names: Sequence[str]) -> list[str]:
    """The keys whose texts are read of a line, in their order in x."""
    return list(dict.fromkeys(["ts", *FROM_LINE, *names]))


def with_fields(source: str, fields: Fields, found: Sequence[str]) -> str:
    """A relation with doc and x, the texts at the keys `found`, with a column for each asked field in place of x."""
    at = {key: f"x[{number}]" for number, key in enumerate(found, 1)}
    made = [f"{over_text(asked, found=at.get(asked.key))} AS {name}" for asked, name in fields.columns.items()]
    columns = ["seq", "ts", *FROM_LINE, "doc", "line", f"doc IS NOT NULL AS {OBJECT}", f"doc AS {TREE}", *made]
    return f"SELECT {', '.join(columns)} FROM ({source})"


def with_given(source: str, given: Mapping[str, str], fields: Fields) -> str:
    """The same lines with the labels that are given to the whole store; empty ones are absent."""
    names = [name for name in stream_labels(given) if name not in FROM_LINE]
    columns = [f"{_text(given.get(name))} AS {quote.name(name)}" for name in names]
    return f"SELECT ts, seq, doc, line, {', '.join([*fields.names(), *columns, *FROM_LINE])} FROM ({source})"


def _text(value: str | None) -> str:
    return quote.text(value) if value else "NULL::VARCHAR"


def stream_labels(given: Mapping[str, str]) -> Sequence[str]:
    """Names of the stream labels that a line of a store with these given labels can have."""
    known = {name for name, value in given.items() if value} | set(FROM_LINE)
    return sorted(known, key=lambda name: (name not in STREAM_LABELS, name))
