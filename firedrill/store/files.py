"""The log files behind a pattern, and the lines that were added to one since it was last read.

A file is known by its inode, so a link to it, a second pattern that matches it, or a new name
change nothing. A compressed file beside its own original is not read: gzip or zstd is still writing
it. Only whole lines are read; a last line without its line end waits for it. What a Parquet file
holds is not known here (`parquet.py`).
"""

from __future__ import annotations

import glob
import gzip
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, cast

import zstandard

from firedrill.store.zstd_file import ZstdFile

BLOCK = 4 << 20
PROBE = 1 << 20
FINGERPRINT = 64
PACKED = (".gz", ".zst")
"""How the names of compressed files end; the first that is there beside the others is read."""
_ENDS = re.compile(r"(\.parquet|(\.jsonl)?(\.\d+)?(\.gz|\.zst)?)$")  # logrotate adds the number
UNREADABLE = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading a file raises that is damaged or cannot be reached."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was found: `mtime` in nanoseconds, `inode` as (device, number)."""

    path: str
    inode: tuple[int, int]
    size: int
    mtime: int

    @property
    def compression(self) -> str:
        """none, gzip or zstd."""
        return {".gz": "gzip", ".zst": "zstd"}.get(PurePath(self.path).suffix, "none")

    @property
    def compressed(self) -> bool:
        return self.compression != "none"

    @property
    def parquet(self) -> bool:
        return self.path.endswith(".parquet")

    @property
    def stem(self) -> str:
        """What a log, its compressed forms and its Parquet file have in common in their names."""
        return _ENDS.sub("", PurePath(self.path).name)

    def open(self) -> BinaryIO:
        """Its text, unpacked. UNREADABLE lists what reading raises."""
        match self.compression:
            case "gzip":
                return gzip.open(self.path, "rb")  # type: ignore[return-value]  # reads bytes like any other
            case "zstd":
                return cast(BinaryIO, io.BufferedReader(ZstdFile(self.path), BLOCK))
        return open(self.path, "rb")

    def text_size(self) -> int | None:
        """Bytes of its text, as far as its end or head says; None where that cannot be told."""
        if not self.compressed:
            return self.size
        with open(self.path, "rb") as packed:
            if self.compression == "gzip":
                packed.seek(-min(4, self.size), os.SEEK_END)
                return int.from_bytes(packed.read(4), "little")  # without what is above 4 GiB
            told = zstandard.frame_content_size(packed.read(18))
            return told if told >= 0 else None


@dataclass(slots=True)
class Found:
    """Files that can be read, and why others cannot, by path."""

    files: list[LogFile] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def find(patterns: Sequence[str]) -> Found:
    """All files behind the patterns, each inode once, in the order of their names."""
    found, seen = Found(), set()
    paths = sorted({path for pattern in patterns for path in glob.glob(pattern)}, key=_real_first)
    for path in paths:
        file = _inspect(path, found.problems)
        if file and file.inode not in seen:
            seen.add(file.inode)
            found.files.append(file)
    found.files.sort(key=lambda file: (file.stem, file.path))
    return found


def _real_first(path: str) -> tuple[bool, str]:
    return os.path.islink(path), path


def _inspect(path: str, problems: dict[str, str]) -> LogFile | None:
    if _has_original(path):
        return None
    try:
        facts = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        problems[path] = error.strerror or str(error)
        return None
    if not os.path.isfile(path):
        problems[path] = "not a regular file"
        return None
    if not os.access(path, os.R_OK):
        problems[path] = "permission denied: the store's user needs to be in the group that owns the logs"
        return None
    return LogFile(path, (facts.st_dev, facts.st_ino), facts.st_size, facts.st_mtime_ns)


def _has_original(path: str) -> bool:
    """Whether a compressed file stands beside what it was made of, or is being made of."""
    for number, suffix in enumerate(PACKED):
        if path.endswith(suffix):
            plain = path.removesuffix(suffix)
            return any(os.path.exists(plain + other) for other in ("", *PACKED[:number]))
    return False


@dataclass(slots=True)
class Position:
    """How far one file has been read, and the bytes just before, which tell a rewritten file."""

    offset: int = 0
    before: bytes = b""


def rewritten(file: LogFile, position: Position) -> bool:
    """Whether the file no longer holds what was read from it: truncated, or another under the same inode."""
    if file.size < position.offset and not file.compressed:
        return True
    if not position.before or file.compressed:
        return False
    with file.open() as handle:
        handle.seek(position.offset - len(position.before))
        return handle.read(len(position.before)) != position.before


def added_lines(file: LogFile, position: Position) -> Iterator[list[str]]:
    """Blocks of whole lines behind `position`, which moves along. Empty lines are left out."""
    with file.open() as handle:
        handle.seek(position.offset)
        rest = b""
        while added := handle.read(BLOCK - len(rest)):
            block = rest + added
            end = block.rfind(b"\n") + 1
            if end == 0:
                if len(block) < BLOCK:
                    return
                end = len(block)
            start = 3 if position.offset == 0 and block.startswith(b"\xef\xbb\xbf") else 0
            position.offset += end
            position.before = (position.before + block[max(0, end - FINGERPRINT) : end])[-FINGERPRINT:]
            rest = block[end:]
            yield split_lines(block[start:end])


def split_lines(block: bytes) -> list[str]:
    """Lines without their ends; bytes that are no UTF-8 become the replacement character."""
    lines = block.decode("utf-8", errors="replace").replace("\x00", "\ufffd").split("\n")
    return [line for line in (line.rstrip("\r") for line in lines) if line]


def skip_before(file: LogFile, is_old: Callable[[str], bool | None]) -> Position:
    """Where reading must start to see every line that is not old.

    The file is looked at backwards, a block at a time: once a block starts with an old line, all
    before it is taken as older still.
    """
    if file.compressed:
        return Position()
    at = file.size
    with file.open() as handle:
        while at > 0:
            at = max(0, at - PROBE)
            handle.seek(at)
            block = handle.read(PROBE)
            first = block.find(b"\n") + 1 if at else 0
            verdict = next((old for line in split_lines(block[first:]) if (old := is_old(line)) is not None), None)
            if verdict:
                return Position(at + first, block[max(0, first - FINGERPRINT) : first])
    return Position()
