"""The log files and the parts of them that are looked at, in the order of time over all files.

Only whole lines count. A file is read as a stream, so its size does not matter; a compressed one only from its start.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from firedrill.shipping.entry import Entry, entries
from firedrill.shipping.errors import CannotSay
from firedrill.store.files import BLOCK, UNREADABLE, LogFile, find


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes [start, end) of a log's text, both at the start of a line; end None: to the last whole line."""

    file: LogFile
    start: int = 0
    end: int | None = None


def plain(patterns: Sequence[str]) -> list[LogFile]:
    """The files a shipper follows: not compressed, under their own names. Raises CannotSay for one we cannot read."""
    return [file for file in every(patterns) if not file.compressed]


def every(patterns: Sequence[str]) -> list[LogFile]:
    """All logs behind the patterns, compressed ones too, oldest name first. Raises CannotSay."""
    found = find(patterns)
    if found.problems:
        raise CannotSay("; ".join(f"{path}: {why}" for path, why in found.problems.items()))
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


def in_time_order(parts: Sequence[Part]) -> Iterator[Entry]:
    """The lines of all parts, merged by time; each file's own order is kept. Raises CannotSay for a damaged file."""
    return heapq.merge(*(_read(part) for part in parts), key=attrgetter("at"))


def _read(part: Part) -> Iterator[Entry]:
    try:
        yield from entries(_raws(part), part.file.mtime)
    except FileNotFoundError:
        return  # deleted meanwhile: whoever deletes a log waits until it was read
    except UNREADABLE as error:
        raise CannotSay(f"{part.file.path} cannot be read to its end: {error}; restore or remove it") from None


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
