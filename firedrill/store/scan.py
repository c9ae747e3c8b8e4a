"""The log files themselves as the relation that compiled LogQL reads, for questions older than the window.

DuckDB reads the files, in parallel and without a copy. It wants clean text: a file with bytes
that are no UTF-8, with NULs or with huge lines is read here and handed over as a table. A last
line without its line end is left out, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import duckdb

from firedrill.logql.columns import Fields
from firedrill.store import parquet
from firedrill.store.archive import Part
from firedrill.store.engine import OddText, ask
from firedrill.store.files import UNREADABLE, LogFile, Position, added_lines
from firedrill.store.lines import keys, parsed, with_fields
from firedrill.store.store import StoreError

FILE_SHIFT = 1 << 40  # lines of one file are numbered below this, so that files do not overlap
_READ = (
    "read_csv({path}, columns = {{'line': 'VARCHAR'}}, delim = '', quote = '', escape = '', header = false,"
    " auto_detect = false, new_line = '\\n', compression = '{compression}')"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question reads of the lines: the fields of their JSON; and the names of the stream labels."""

    fields: Fields
    stream: Sequence[str]


def lines(connection: duckdb.DuckDBPyConnection, parts: Sequence[Part], asked: Asked, careful: bool = False) -> str:
    """A relation of the lines of all parts, in their order.

    `careful`: first finds the files DuckDB cannot read and reads those here, and expects lines without a time.
    """
    found = []
    for number, part in enumerate(parts):
        first = number * FILE_SHIFT
        if part.facts:
            found.append(parquet.lines(part.file, part.facts, first, asked.fields, asked.stream))
        else:
            found.append(_log(connection, part.file, first, asked, careful))
    return " UNION ALL ".join(found) or _nothing(asked)


def _nothing(asked: Asked) -> str:
    empty = parsed("SELECT 0 AS seq, NULL::VARCHAR AS line", "0", asked.fields.keys())
    return f"SELECT * FROM ({_fields(empty, asked)}) WHERE false"


def _fields(source: str, asked: Asked) -> str:
    return with_fields(source, asked.fields, keys(asked.fields.keys()))


def _log(connection: duckdb.DuckDBPyConnection, file: LogFile, first: int, asked: Asked, careful: bool) -> str:
    source, timed = _read(file), not careful
    if careful and _is_odd(connection, source):
        source = _copied(connection, file, f"odd{first // FILE_SHIFT}")
    elif careful:
        timed = _is_timed(connection, file, source)
    numbered = _numbered(file, source, first)
    return _fields(parsed(numbered, str(file.mtime), asked.fields.keys(), timed), asked)


def raw(connection: duckdb.DuckDBPyConnection, file: LogFile) -> str:
    """The whole lines of a log in their order, as a relation of seq and line."""
    source = _read(file)
    if _is_odd(connection, source):
        source = _copied(connection, file, "odd")
    return _numbered(file, source, 0)


def _read(file: LogFile) -> str:
    return _READ.format(path=parquet.literal(file.path), compression=file.compression)


def _numbered(file: LogFile, source: str, first: int) -> str:
    counted = f"SELECT line, row_number() OVER () + {first} AS seq FROM {source}"
    whole = f" AND seq <= {first + _line_ends(file)}" if _has_open_end(file) else ""
    # rtrim is slow enough to double the time of a scan, so only lines that need it pay for it.
    text = "CASE WHEN suffix(line, chr(13)) THEN rtrim(line, chr(13)) ELSE line END"
    return f"SELECT seq, {text} AS line FROM ({counted}) WHERE {text} <> ''{whole}"


def _is_odd(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    try:
        ask(connection, f"SELECT count(line) FROM {source}")
    except OddText:
        return True
    return False


def _is_timed(connection: duckdb.DuckDBPyConnection, file: LogFile, source: str) -> bool:
    """Whether every line has a time of its own; holding all lines in their order costs time and memory."""
    try:
        ask(connection, f"SELECT max(ts) FROM ({parsed(_numbered(file, source, 0), '0', timed=True)})")
    except OddText:
        return False
    return True


def _copied(connection: duckdb.DuckDBPyConnection, file: LogFile, table: str) -> str:
    """The whole lines of a file as a table of this connection, in their order."""
    ask(connection, f"CREATE OR REPLACE TEMP TABLE {table} (line VARCHAR)")
    try:
        for block in added_lines(file, Position()):
            ask(connection, f"INSERT INTO {table} SELECT unnest(?::VARCHAR[])", [block])
    except UNREADABLE as error:
        raise StoreError(f"{PurePath(file.path).name} cannot be read ({error}): remove or repair it") from None
    return table


def _has_open_end(file: LogFile) -> bool:
    if file.compressed or file.size == 0:
        return False  # what has been compressed is no longer written
    with file.open() as handle:
        handle.seek(-1, 2)
        return handle.read(1) != b"\n"


def _line_ends(file: LogFile) -> int:
    with file.open() as handle:
        count = 0
        while block := handle.read(1 << 20):
            count += block.count(b"\n")
        return count
