"""The log files themselves as the relation that compiled LogQL reads, for questions older than the window.

DuckDB reads the files, in parallel and without a copy. It wants clean text: a file with bytes
that are no UTF-8, with NULs or with huge lines is read here and handed over as a table. A last
line without its line end is left out, as everywhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import PurePath

import duckdb

from firedrill.logql import quote
from firedrill.store.engine import OddText, ask
from firedrill.store.files import LogFile, Position, added_lines
from firedrill.store.lines import parsed
from firedrill.store.store import StoreError

FILE_SHIFT = 1 << 40  # lines of one file are numbered below this, so that files do not overlap
_READ = (
    "read_csv({path}, columns = {{'line': 'VARCHAR'}}, delim = '', quote = '', escape = '', header = false,"
    " auto_detect = false, new_line = '\\n', compression = {compression})"
)


def lines(connection: duckdb.DuckDBPyConnection, files: Sequence[LogFile], since: int, careful: bool = False) -> str:
    """A relation of seq, ts, level, action, doc, line over all files that may hold lines after `since`.

    `careful`: first finds the files DuckDB cannot read and reads those here.
    """
    parts = []
    for number, file in enumerate(files):
        if file.mtime > since:
            source = _read(file)
            if careful and _is_odd(connection, source):
                source = _copied(connection, file, f"odd{number}")
            parts.append(_numbered(number, file, source))
    return " UNION ALL ".join(parts) or _nothing()


def _nothing() -> str:
    return f"SELECT * FROM ({parsed('SELECT 0 AS seq, NULL::VARCHAR AS line', '0')}) WHERE false"


def _read(file: LogFile) -> str:
    compression = "'gzip'" if file.compressed else "'none'"
    return _READ.format(path=quote.text(_literal(file.path)), compression=compression)


def _numbered(number: int, file: LogFile, source: str) -> str:
    first = number * FILE_SHIFT
    numbered = f"SELECT line, row_number() OVER () + {first} AS seq FROM {source}"
    whole = f" AND seq <= {first + _line_ends(file)}" if _has_open_end(file) else ""
    # rtrim is slow enough to double the time of a scan, so only lines that need it pay for it.
    text = "CASE WHEN suffix(line, chr(13)) THEN rtrim(line, chr(13)) ELSE line END"
    kept = f"SELECT seq, {text} AS line FROM ({numbered}) WHERE {text} <> ''{whole}"
    return f"SELECT * FROM ({parsed(kept, str(file.mtime))})"


def _is_odd(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    try:
        ask(connection, f"SELECT count(line) FROM {source}")
    except OddText:
        return True
    return False


def _copied(connection: duckdb.DuckDBPyConnection, file: LogFile, table: str) -> str:
    """The whole lines of a file as a table of this connection, in their order."""
    ask(connection, f"CREATE OR REPLACE TEMP TABLE {table} (line VARCHAR)")
    try:
        for block in added_lines(file, Position()):
            ask(connection, f"INSERT INTO {table} SELECT unnest(?::VARCHAR[])", [block])
    except (OSError, EOFError, zlib.error) as error:
        raise StoreError(f"{PurePath(file.path).name} cannot be read ({error}): remove or repair it") from None
    return table


def _literal(path: str) -> str:
    """A path that DuckDB takes as it is, not as a pattern."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


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
