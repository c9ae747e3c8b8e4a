"""The log files themselves as the relation that compiled LogQL reads, for questions older than the window.

DuckDB reads the files; a last line without its line end is left out, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from firedrill.logql import quote
from firedrill.store.files import LogFile, Position, added_lines
from firedrill.store.lines import parsed

FILE_SHIFT = 1 << 40  # lines of one file are numbered below this, so that files do not overlap
_LINES = "read_csv({path}, columns = {{'line': 'VARCHAR'}}, delim = '', quote = '', escape = '', header = false,"
_OPTIONS = " auto_detect = false, new_line = '\\n', max_line_size = 8388608, compression = {compression})"


def lines(files: Sequence[LogFile], since: int) -> str:
    """A relation of seq, ts, level, action, doc, line over all files that may hold lines after `since`."""
    parts = [_file(number, file) for number, file in enumerate(files) if file.mtime > since]
    return " UNION ALL ".join(parts) or _nothing()


def _nothing() -> str:
    return f"SELECT * FROM ({parsed('SELECT 0 AS seq, NULL::VARCHAR AS line', '0')}) WHERE false"


def _file(number: int, file: LogFile) -> str:
    compression = "'gzip'" if file.compressed else "'none'"
    read = _LINES.format(path=quote.text(_literal(file.path))) + _OPTIONS.format(compression=compression)
    numbered = f"SELECT line, row_number() OVER () + {number * FILE_SHIFT} AS seq FROM {read}"
    whole = f" AND seq <= {number * FILE_SHIFT + whole_lines(file)}" if _has_open_end(file) else ""
    kept = f"SELECT seq, line FROM ({numbered}) WHERE line <> ''{whole}"
    return f"SELECT * FROM ({parsed(kept, str(file.mtime))})"


def _literal(path: str) -> str:
    """A path that DuckDB takes as it is, not as a pattern."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def _has_open_end(file: LogFile) -> bool:
    if file.compressed:
        with file.open() as handle:
            last = b"\n"
            while block := handle.read(1 << 20):
                last = block[-1:]
            return last != b"\n"
    with file.open() as handle:
        if file.size == 0:
            return False
        handle.seek(-1, 2)
        return handle.read(1) != b"\n"


def whole_lines(file: LogFile) -> int:
    """How many line ends a file has."""
    with file.open() as handle:
        count = 0
        while block := handle.read(1 << 20):
            count += block.count(b"\n")
        return count


def read_all(file: LogFile) -> list[str]:
    """Every whole line of a file, for one that DuckDB cannot read as text."""
    return [line for block in added_lines(file, Position()) for line in block]
