"""The log files and the parts of them that are looked at, in the order of time over all files.

Only whole lines count. A file is read as a stream, so its size does not matter; a compressed one only from its start.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter

from firedrill.shipping.entry import Entry, entries
from firedrill.store.files import BLOCK, UNREADABLE, LogFile, find

Complain = Callable[[str, str], None]
"""Told of a file that cannot be read, and why; the others are read all the same."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes [start, end) of a log's text, both at the start of a line; end None: to the last whole line."""

    file: LogFile
    start: int = 0
    end: int | None = None


def every(patterns: Sequence[str], complain: Complain) -> list[LogFile]:
    """All logs behind the patterns, compressed ones too, oldest name first."""
    found = find(patterns)
    for path, why in found.problems.items():
        complain(path, why)
    return [file for file in found.files if not file.parquet]


def whole_end(file: LogFile) -> int:
    """Where the last whole line of a plain file ends."""
    at = file.size
    with file.open() as handle:
        while at > 0:
            first = max(0, at - BLOCK)
            handle.seek(first)
            end = handle.read(at - first).rfind(b"\n") + 1
            if end:
                return first + end
            at = first
    return 0


def line_start(file: LogFile, offset: int) -> int:
    """The first start of a line at or after an offset of a plain file."""
    if offset <= 0:
        return 0
    with file.open() as handle:
        handle.seek(offset - 1)
        return offset - 1 + len(handle.readline())


def in_time_order(parts: Sequence[Part], complain: Complain) -> Iterator[Entry]:
    """The lines of all parts, merged by time, each file's own order kept. A damaged file ends at its damage."""
    return heapq.merge(*(_read(part, complain) for part in parts), key=attrgetter("at"))


def _read(part: Part, complain: Complain) -> Iterator[Entry]:
    with looking_at(part.file, complain):
        yield from entries(_raws(part), part.file.mtime)


@contextmanager
def looking_at(file: LogFile, complain: Complain) -> Iterator[None]:
    """Within, a file may turn out to be damaged, or gone: that is said, and it is not taken for complete."""
    try:
        yield
    except UNREADABLE as error:
        complain(file.path, f"cannot be read to its end: {error}")


def _raws(part: Part) -> Iterator[bytes]:
    at = part.start
    with part.file.open() as handle:
        if at:
            handle.seek(at)
        for raw in handle:
            at += len(raw)
            if (part.end is not None and at > part.end) or (raw[-1:] != b"\n" and not part.file.compressed):
                return
            yield raw.rstrip(b"\n")
