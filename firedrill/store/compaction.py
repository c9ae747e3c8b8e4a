"""Makes the Parquet form of one closed log (its columns: `parquet.py`).

Memory is bounded: lines stream through in the order of the file, and only a file whose times are out of order
is sorted, on disk. The result is written aside and renamed, so that a crash leaves nothing half.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import duckdb

from firedrill.logql import json_fields, quote
from firedrill.store import scan
from firedrill.store.engine import Limits, ask, connect
from firedrill.store.files import UNREADABLE, LogFile
from firedrill.store.lines import FROM_LINE, parsed
from firedrill.store.lines import keys as read_keys
from firedrill.store.parquet import Facts, footer
from firedrill.store.store import StoreError

LIMITS = Limits(threads=1, memory_mb=256)
ROWS = 60_000
"""Lines of one row group: what is held in memory while it is written, and the least that is read."""
MOST_COLUMNS = 200
ASIDE = ".part"

_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a log holds: how many lines, from when to when, in order of time or not, and which keys are columns."""

    lines: int
    first: int
    last: int
    ordered: bool
    keys: tuple[str, ...]
    mixed: tuple[str, ...]
    flat: bool


def target(file: LogFile, folder: Path) -> Path:
    """Where the Parquet form of a log stands."""
    return folder / f"{file.stem}.parquet"


def compact(file: LogFile, folder: Path, limits: Limits = LIMITS) -> Facts:
    """Writes the Parquet form of a log into a folder. StoreError: it cannot be read or written; nothing was changed."""
    made = target(file, folder)
    aside = folder / f".{made.name}{ASIDE}"
    spill = folder / f".{made.name}.spill"
    try:
        size = _text_size(file)
        with connect(limits, spill) as connection:
            source = scan.raw(connection, file)
            survey = _survey(connection, file, source)
            facts = _facts(file, size, survey)
            _write(connection, file, source, survey, facts, aside)
        _place(file, aside, made)
    except UNREADABLE as error:
        raise StoreError(f"{PurePath(file.path).name} cannot be compacted: {error}") from None
    finally:
        aside.unlink(missing_ok=True)
        _remove(spill)
    return facts


def _text_size(file: LogFile) -> int:
    """Bytes of the whole text; a compressed file is read to its end, which shows that it is whole."""
    if not file.compressed:
        return file.size
    with file.open() as text:
        size = 0
        while block := text.read(1 << 20):
            size += len(block)
        return size


def _facts(file: LogFile, size: int, survey: Survey) -> Facts:
    return Facts(
        source=PurePath(file.path).name,
        size=size,
        lines=survey.lines,
        first=survey.first,
        last=survey.last,
        flat=survey.flat,
        keys=survey.keys,
        mixed=survey.mixed,
    )


def _survey(connection: duckdb.DuckDBPyConnection, file: LogFile, source: str) -> Survey:
    """Two passes over the log: one over all lines, one over those that may hold an object or an array."""
    rows = parsed(source, str(file.mtime))
    timed = f"SELECT json_keys(doc) AS keys, ts, lag(ts) OVER () AS before FROM ({rows})"
    facts = "count(*), min(ts), max(ts), coalesce(bool_or(ts < before), FALSE)"
    groups = ask(connection, f"SELECT keys, {facts} FROM ({timed}) GROUP BY keys")
    counted: Counter[str] = Counter()
    odd: set[str] = set()
    for found, count, *_ in groups:
        names = found or []
        odd.update(name for name, times in Counter(names).items() if times > 1)
        for name in names:
            counted[name] += count
    nested, mixed = _composed(connection, rows)
    kept = _columns(counted, odd)
    return Survey(
        lines=sum(group[1] for group in groups),
        first=min((group[2] for group in groups), default=0),
        last=max((group[3] for group in groups), default=0),
        ordered=not any(group[4] for group in groups),
        keys=kept,
        mixed=tuple(sorted(mixed & set(kept))),
        flat=not nested and len(kept) == len(counted),
    )


def _columns(counted: Counter[str], odd: set[str]) -> tuple[str, ...]:
    """The keys that become columns, the most frequent first; the others are read from the line."""
    folded = Counter(key.lower() for key in counted)  # DuckDB takes names that differ in case as one

    def fits(key: str) -> bool:
        return bool(_COLUMN.fullmatch(key)) and key not in odd and folded[key.lower()] == 1

    plain = [key for key, _ in counted.most_common() if fits(key) and not key.endswith("_extracted")]
    return tuple(plain[:MOST_COLUMNS])


def _composed(connection: duckdb.DuckDBPyConnection, rows: str) -> tuple[bool, set[str]]:
    """Whether any line holds an object, and the top-level keys that hold an object or array somewhere."""
    suspects = f"SELECT doc FROM ({rows}) WHERE contains(doc, '[') OR contains(substr(ltrim(doc), 2), '{{')"
    kinds = f"SELECT DISTINCT j.key, j.type FROM ({suspects}) AS s, json_each(s.doc) AS j"
    found = ask(connection, f"{kinds} WHERE j.type IN ('ARRAY', 'OBJECT')")
    return any(kind == "OBJECT" for _, kind in found), {key for key, _ in found}


def _write(
    connection: duckdb.DuckDBPyConnection, file: LogFile, source: str, survey: Survey, facts: Facts, aside: Path
) -> None:
    rows = _texts(parsed(source, str(file.mtime), survey.keys), survey.keys)
    columns = [
        f"{json_fields.as_written('doc', f't{n}', key)} AS {quote.name(key)}" for n, key in enumerate(survey.keys)
    ]
    own = ["seq AS _seq", "ts AS _ts", *(f"{name} AS _{name}" for name in FROM_LINE)]
    own += ["doc IS NOT NULL AS _json", "line AS _line"]
    order = "" if survey.ordered else " ORDER BY _ts, _seq"
    options = f"FORMAT PARQUET, COMPRESSION ZSTD, ROW_GROUP_SIZE {ROWS}, {footer(facts)}"
    selected = f"SELECT {', '.join([*own, *columns])} FROM ({rows}){order}"
    ask(connection, f"COPY ({selected}) TO {quote.text(str(aside))} ({options})")


def _texts(rows: str, keys: Sequence[str]) -> str:
    """The texts at some keys as columns t0, t1 ...; one step after the other, because the expressions multiply."""
    at = {key: number for number, key in enumerate(read_keys(keys), 1)}
    plain = ["seq", "ts", *FROM_LINE, "doc", "line"]
    found = [f"x[{at[key]}] AS f{n}" for n, key in enumerate(keys)]
    direct = [f"{json_fields.direct('doc', key, True, f'f{n}')} AS t{n}" for n, key in enumerate(keys)]
    inner = f"SELECT {', '.join([*plain, *found])} FROM ({rows})"
    return f"SELECT {', '.join([*plain, *direct])} FROM ({inner})"


def _place(file: LogFile, aside: Path, made: Path) -> None:
    """Gives the file its name, unless the log was written to or moved meanwhile."""
    now = os.stat(file.path)
    if (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) != (*file.inode, file.size, file.mtime):
        raise StoreError(f"{PurePath(file.path).name} was written to meanwhile: it is compacted when it rests")
    with aside.open("rb+") as written:
        os.fsync(written.fileno())
    aside.replace(made)


def _remove(spill: Path) -> None:
    if spill.is_dir():
        for left in spill.iterdir():
            left.unlink()
        spill.rmdir()


def clear(folder: Path) -> None:
    """Removes what a compaction that was killed left behind."""
    for left in folder.glob(f".*{ASIDE}"):
        left.unlink()
    for left in folder.glob(".*.spill"):
        _remove(left)
