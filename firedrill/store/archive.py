"""Which file is read for each log: its Parquet form where that is whole, else the log as it was written.

A Parquet file stands for a log of the same name that is as long as it was when the Parquet file was made;
one whose log has been deleted stands for it alone. Nothing is ever read twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import duckdb

from firedrill.store.files import Found, LogFile, find
from firedrill.store.parquet import Damaged, Facts, check, read_facts

_FOUR_GIB = 1 << 32

Identity = tuple[tuple[int, int], int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A file to read; `facts` of a Parquet file, None of a log."""

    file: LogFile
    facts: Facts | None = None

    @property
    def last(self) -> int:
        """No line is later, in nanoseconds."""
        return self.facts.last if self.facts else self.file.mtime


@dataclass(slots=True)
class Chosen:
    """What is read, in the order of names, and what is not, by path with the reason."""

    parts: list[Part] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    """The problems of Parquet files without their logs: what these held is missing."""


@dataclass(slots=True)
class Archive:
    """The files behind the patterns, and the Parquet files of `folder` beside them."""

    patterns: Sequence[str]
    folder: Path | None = None
    _known: dict[Identity, Facts | Damaged] = field(default_factory=dict)

    def found(self) -> Found:
        """All of them, Parquet files among them."""
        return find([*self.patterns, *([f"{self.folder}/*.parquet"] if self.folder else [])])

    def choose(self, connection: duckdb.DuckDBPyConnection, logs_first: bool = False) -> Chosen:
        """What to read for every log. `logs_first`: Parquet only of logs that are gone."""
        found = self.found()
        chosen = Chosen(problems=found.problems)
        logs: dict[str, list[LogFile]] = {}
        for file in found.files:
            if not file.parquet:
                logs.setdefault(file.stem, []).append(file)
        for file in (file for file in found.files if file.parquet):
            self._place(connection, file, logs, chosen, logs_first)
        chosen.parts += [Part(file) for files in logs.values() for file in files]
        chosen.parts.sort(key=lambda part: (part.file.stem, part.file.path))
        return chosen

    def _place(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: LogFile,
        logs: dict[str, list[LogFile]],
        chosen: Chosen,
        logs_first: bool,
    ) -> None:
        """Puts a Parquet file in the place of its log, or passes it over."""
        mine = logs.get(file.stem)
        if mine is not None and logs_first:
            return
        facts = self.facts(connection, file)
        if isinstance(facts, Damaged):
            chosen.problems[file.path] = f"{facts}; {'the log is read instead' if mine else 'its log is gone'}"
            if mine is None:
                chosen.lost[file.path] = chosen.problems[file.path]
            return
        if mine is None:
            if not any(part.facts and part.file.stem == file.stem for part in chosen.parts):
                chosen.parts.append(Part(file, facts))
            return
        same = next((log for log in mine if _is_source(log, facts)), None)
        if same is None:
            chosen.problems[file.path] = f"older than {PurePath(mine[0].path).name}, which is read instead"
            return
        mine.remove(same)
        chosen.parts.append(Part(file, facts))

    def facts(self, connection: duckdb.DuckDBPyConnection, file: LogFile) -> Facts | Damaged:
        """What a Parquet file's footer says, read once for as long as the file stays the same."""
        identity = (file.inode, file.size, file.mtime)
        if identity not in self._known:
            try:
                self._known[identity] = read_facts(connection, file)
            except Damaged as error:
                self._known[identity] = error
        return self._known[identity]

    def unreadable(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Reads the Parquet files to their end; whether one is damaged, which is passed over from now on."""
        worse = False
        for part in self.choose(connection).parts:
            if part.facts:
                try:
                    check(connection, part.file, part.facts)
                except Damaged as error:
                    self._known[part.file.inode, part.file.size, part.file.mtime] = error
                    worse = True
        return worse


def _is_source(log: LogFile, facts: Facts) -> bool:
    try:
        size = log.text_size()
    except OSError:  # it has been deleted just now
        return True
    return size is not None and size == (facts.size % _FOUR_GIB if log.compression == "gzip" else facts.size)
