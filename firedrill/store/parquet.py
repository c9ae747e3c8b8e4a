"""The Parquet form of one closed log file: what its columns are, what its footer says, how it becomes `lines`.

Columns of ours start with an underscore: _seq, _ts (nanoseconds), _level, _action, _json (whether the
line is a JSON object), _line (the whole text). Every other column is a top-level key with the text that
LogQL's json stage gives for it, NULL where the line has none, or null, an object or an array.
Making one is `compaction.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import duckdb
import msgspec

from firedrill.logql import json_fields, quote
from firedrill.logql.columns import OBJECT, PLAIN, TREE, Field, Fields, over_text
from firedrill.store.engine import ask
from firedrill.store.files import LogFile
from firedrill.store.lines import FROM_LINE
from firedrill.store.store import StoreError

FORMAT = 1
"""Raised when the columns change, or the text that the json stage gives."""
KEY = "mmstack"
_DOC = "CASE WHEN _json THEN _line END"


class Damaged(StoreError):
    """A Parquet file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the footer says. `size`: bytes of the source's text. `first`, `last`: times in nanoseconds.

    `keys` are the columns; those of `mixed` are an object or array in some line. `flat`: no line holds an
    object, or a key that is not a column.
    """

    source: str
    size: int
    lines: int
    first: int
    last: int
    flat: bool
    keys: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    format: int = FORMAT


def footer(facts: Facts) -> str:
    """The options of COPY that write the facts."""
    text = msgspec.json.encode(asdict(facts)).decode()
    return f"KV_METADATA {{{KEY}: {quote.text(text)}}}"


def read_facts(connection: duckdb.DuckDBPyConnection, file: LogFile) -> Facts:
    """Raises Damaged for a file that is none of ours, or none at all."""
    found = f"SELECT decode(value) FROM parquet_kv_metadata({literal(file.path)}) WHERE decode(key) = '{KEY}'"
    try:
        rows = ask(connection, found)
        facts = msgspec.json.decode(rows[0][0], type=Facts) if rows else None
    except (StoreError, msgspec.DecodeError) as error:
        raise Damaged(f"damaged: {str(error).splitlines()[0]}") from None
    if facts is None or facts.format != FORMAT:
        raise Damaged("not made by this release: firedrill store compact makes it anew from the log")
    return facts


def check(connection: duckdb.DuckDBPyConnection, file: LogFile, facts: Facts) -> None:
    """Reads every column once; raises Damaged where one cannot be read."""
    read = f"SELECT count(*), max(COLUMNS(*)) FROM {relation(file)}"
    try:
        ((count, *_),) = ask(connection, read)
    except StoreError as error:
        raise Damaged(f"damaged: {str(error).splitlines()[0]}") from None
    if count != facts.lines:
        raise Damaged(f"damaged: holds {count} lines, and was written with {facts.lines}")


def literal(path: str) -> str:
    """A path as a SQL text that DuckDB takes as it is, not as a pattern."""
    return quote.text("".join(f"[{char}]" if char in "*?[" else char for char in path))


def relation(file: LogFile) -> str:
    return f"read_parquet({literal(file.path)})"


def lines(file: LogFile, facts: Facts, first: int, fields: Fields, stream: Sequence[str]) -> str:
    """SELECT of seq (counted from `first`), ts, level, action, doc, line and the asked fields."""
    made = [f"{_field(asked, facts, stream)} AS {name}" for asked, name in fields.columns.items()]
    labels = [f"_{name} AS {name}" for name in FROM_LINE]
    tree = "NULL::VARCHAR" if facts.flat else _DOC
    columns = [f"_seq + {first} AS seq", "_ts AS ts", *labels, f"{_DOC} AS doc", "_line AS line"]
    return f"SELECT {', '.join([*columns, f'_json AS {OBJECT}', f'{tree} AS {TREE}', *made])} FROM {relation(file)}"


def _field(asked: Field, facts: Facts, stream: Sequence[str]) -> str:
    held = quote.name(asked.key) if asked.key in facts.keys else "NULL::VARCHAR"
    absent, out_of_line = "CASE WHEN _json THEN '' END", over_text(asked, _DOC)
    known = asked.key in facts.keys or (facts.flat and bool(PLAIN.fullmatch(asked.key)))
    match asked.form:
        case "path" if known:
            return f"coalesce({held}, {out_of_line if asked.key in facts.mixed else absent})"
        case "named" if known:
            return held
        case "all" if facts.flat:
            return _entries(facts, stream)
    return out_of_line


def _entries(facts: Facts, stream: Sequence[str]) -> str:
    pairs = ", ".join(
        f"{{'k': {quote.text(key + json_fields.EXTRACTED if key in stream else key)}, 'v': {quote.name(key)}}}"
        for key in facts.keys
    )
    return f"list_filter([{pairs}]::STRUCT(k VARCHAR, v VARCHAR)[], lambda e: e.v IS NOT NULL)"
