"""The recent lines of all log files, in memory, followed as the files grow.

The window equals a fresh reading of the files for every time after its `horizon`: lines of a
deleted or rewritten file leave with it. It is bounded by age and by bytes; when the bytes do not
suffice the horizon moves up, and older questions go to the files (`scan.py`).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import duckdb

from firedrill.logql.columns import Fields, paths
from firedrill.logql.syntax import SECOND
from firedrill.store import parquet
from firedrill.store.archive import Archive, Chosen, Part
from firedrill.store.engine import Limits, ask
from firedrill.store.files import UNREADABLE, LogFile, Position, added_lines, rewritten, skip_before
from firedrill.store.lines import FROM_LINE, parsed, with_fields
from firedrill.store.store import StoreError

COMPACT_EVERY = 60 * SECOND
LOOSE = 16 << 20
"""Bytes of new lines after which the window is compressed anew, when it is first read above all."""
SLACK = 60 * SECOND
"""Lines of one file may be this far out of order before old ones are overlooked at the first reading."""

_TABLE = "(file INTEGER, seq BIGINT, ts BIGINT, level VARCHAR, action VARCHAR, doc VARCHAR, raw VARCHAR)"


@dataclass(slots=True)
class _Followed:
    """A file being followed: its number in the table, how far it was read, the time of its last line."""

    number: int
    position: Position
    last: int


@dataclass(slots=True)
class Window:
    """`horizon`: lines at or before this time may be missing. `read`: lines taken in since the start."""

    connection: duckdb.DuckDBPyConnection
    archive: Archive
    limits: Limits
    horizon: int = 0
    read: int = 0
    size: int = 0
    found: Chosen = field(default_factory=Chosen)
    _followed: dict[tuple[int, int], _Followed] = field(default_factory=dict)
    _numbers: int = 0
    _seq: int = 0
    _compacted: int = 0
    _loose: int = 0

    def __post_init__(self) -> None:
        self.connection.execute(f"CREATE TABLE recent {_TABLE}")

    @property
    def mark(self) -> int:
        """The `seq` of the next line that comes in."""
        return self._seq

    def lines(self, fields: Fields) -> str:
        """The window as a relation of seq, ts, level, action, doc, line and the asked fields."""
        found = paths(fields.keys())
        labels = ", ".join(FROM_LINE)
        kept = f"SELECT seq, ts, {labels}, doc, coalesce(doc, raw) AS line, json_extract_string(doc, {found}) AS x"
        return with_fields(f"{kept} FROM recent", fields, fields.keys())

    def refresh(self, now: int) -> None:
        """Takes in what the files gained and lost since the last call."""
        if not self._compacted:
            self.horizon, self._compacted = now - self.limits.recent_s * SECOND, now
        self.found = self.archive.choose(self.connection, logs_first=True)
        here = {part.file.inode for part in self.found.parts}
        for inode in [inode for inode in self._followed if inode not in here]:
            self._forget(inode)
        for part in self.found.parts:
            try:
                self._follow(part)
            except FileNotFoundError:
                self._forget(part.file.inode)
            except (*UNREADABLE, parquet.Damaged) as error:
                self.found.problems[part.file.path] = str(error)
                self._forget(part.file.inode)
        if now - self._compacted >= COMPACT_EVERY:
            self._compact(now)

    def _follow(self, part: Part) -> None:
        if part.facts:
            self._follow_parquet(part.file, part.facts)
        else:
            self._follow_log(part.file)

    def _follow_parquet(self, file: LogFile, facts: parquet.Facts) -> None:
        """Takes a closed file's recent lines, once: its log has been deleted."""
        if file.inode in self._followed or facts.last <= self.horizon:
            return
        self._numbers += 1
        rows = parquet.lines(file, facts, self._seq, Fields(), ())
        taken = f"SELECT ?::INTEGER, seq, ts, {', '.join(FROM_LINE)}, doc, CASE WHEN doc IS NULL THEN line END"
        insert = f"INSERT INTO recent {taken} FROM ({rows}) WHERE ts > ?"
        try:
            ask(self.connection, insert, [self._numbers, self.horizon])
        except StoreError as error:
            raise parquet.Damaged(f"damaged: {error}") from None
        self._followed[file.inode] = _Followed(self._numbers, Position(), facts.last)
        self._seq += facts.lines + 1
        self._measure()

    def _follow_log(self, file: LogFile) -> None:
        known = self._followed.get(file.inode)
        if known and rewritten(file, known.position):
            self._forget(file.inode)
            known = None
        if known is None:
            if file.mtime <= self.horizon:
                return
            self._numbers += 1
            position = skip_before(file, self._is_old)
            known = _Followed(self._numbers, position, 0 if position.offset else file.mtime)
            self._followed[file.inode] = known
        elif file.compressed or file.size == known.position.offset:
            return
        for lines in added_lines(file, known.position):
            self._take(lines, known)

    def _is_old(self, line: str) -> bool | None:
        """Whether a line is older than the window; None when it does not say."""
        source = "SELECT 0 AS seq, ?::VARCHAR AS line"
        ((time,),) = ask(self.connection, f"SELECT ts FROM ({parsed(source, '-1')})", [line])
        return None if time < 0 else bool(time <= self.horizon - SLACK)

    def _take(self, lines: list[str], file: _Followed) -> None:
        if not lines:
            return
        source = "SELECT unnest(?::VARCHAR[]) AS line, unnest(range(?::BIGINT, ?::BIGINT)) AS seq"
        rows = parsed(source, str(file.last))
        staged = f"CREATE OR REPLACE TEMP TABLE staged AS {rows}"
        ask(self.connection, staged, [lines, self._seq, self._seq + len(lines)])
        taken = "SELECT ?::INTEGER, seq, ts, level, action, doc, CASE WHEN doc IS NULL THEN line END FROM staged"
        ask(self.connection, f"INSERT INTO recent {taken} WHERE ts > ?", [file.number, self.horizon])
        facts = "SELECT max_by(ts, seq), coalesce(sum(strlen(line)) FILTER (WHERE ts > ?), 0)::BIGINT FROM staged"
        ((file.last, size),) = ask(self.connection, facts, [self.horizon])
        self.size += size
        self._loose += size
        self.read += len(lines)
        self._seq += len(lines)
        if self._loose > LOOSE:
            self._squeeze()
        if self.size > self.limits.recent_mb << 20:
            self._compact(self._compacted)

    def _forget(self, inode: tuple[int, int]) -> None:
        if gone := self._followed.pop(inode, None):
            ask(self.connection, "DELETE FROM recent WHERE file = ?", [gone.number])

    def _compact(self, now: int) -> None:
        """Drops what is too old, then the oldest until half of the bytes are free."""
        self.horizon = max(self.horizon, now - self.limits.recent_s * SECOND)
        if self.size > self.limits.recent_mb << 20:
            self.horizon = max(self.horizon, self._time_of_byte((self.limits.recent_mb << 20) // 2))
        ask(self.connection, "DELETE FROM recent WHERE ts <= ?", [self.horizon])
        self._squeeze()
        self._measure()
        self._compacted = now

    def _squeeze(self) -> None:
        """Frees what was deleted and compresses the rest, to about a quarter."""
        self._loose = 0
        with contextlib.suppress(StoreError):  # refused while a question holds an older state: next time then
            ask(self.connection, "CHECKPOINT")

    def _measure(self) -> None:
        total = "SELECT coalesce(sum(strlen(coalesce(doc, raw))), 0)::BIGINT FROM recent"
        ((self.size,),) = ask(self.connection, total)

    def _time_of_byte(self, size: int) -> int:
        """The latest time that has more than `size` bytes of lines behind it."""
        summed = "SELECT ts, sum(strlen(coalesce(doc, raw))) OVER (ORDER BY ts DESC) AS bytes FROM recent"
        ((time,),) = ask(self.connection, f"SELECT max(ts) FROM ({summed}) WHERE bytes > ?", [size])
        return int(time or 0)
