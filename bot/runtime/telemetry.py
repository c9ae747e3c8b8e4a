"""The event log: one JSON object a line, one file a UTC day, never renamed, never truncated.

`events.jsonl` is a link to the current file. A line that cannot be written waits in memory, in order; readiness
says why, and only when the buffer is full are lines dropped, and counted (`n` then shows the gap). The lines of one
turn go to the kernel in one write, before anything they tell of is sent. Knows events, and nothing of their meaning.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from errno import EACCES
from pathlib import Path

from bot.errors import CannotStart
from bot.events import Event
from bot.runtime.event_line import EventLines

LINK = "events.jsonl"
BUFFER_BYTES = 4 * 1024 * 1024
WRITE_BYTES = 64 * 1024
"""Of one write at most: a long turn does not wait with its first lines until its last."""
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
NEWLINE = ord("\n")


def file_name(now: int) -> str:
    """The name of the day's file; `now` in ns."""
    return f"events-{datetime.fromtimestamp(now // SECOND, UTC):%Y-%m-%d}.jsonl"


class Telemetry:
    """The one writer of the event log of this process. `complain` writes one line for people.

    `said` is told of each event that comes from beside the session: a recording needs them to be whole.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        release: str,
        complain: Callable[[str], None],
        said: Callable[[Event, int], None] | None = None,
    ) -> None:
        self._folder = folder
        self._lines = EventLines(run, release)
        self._said = said
        self._complain = complain
        self._fd = -1
        self._day = -1
        self._pending = bytearray()
        self._torn = False  # whether the first pending bytes are the rest of a line begun in the file
        self.dropped = 0
        self.problem: str | None = None

    def open(self, now: int) -> None:
        """Open the day's file. Raises CannotStart: a bot that cannot log does not begin to quote."""
        try:
            self._open(now)
        except OSError as error:
            found = f"{error.strerror} ({error.filename or self._folder})"
            raise CannotStart(f"LOG_DIR {self._folder} cannot be written: {found}") from error

    def write(self, event: Event, now: int) -> None:
        """Append one line that no turn of the session made; never raises, see `problem`."""
        if self._said is not None:
            self._said(event, now)
        self.note(event, now)
        self.flush(now)

    def note(self, event: Event, now: int) -> None:
        """Take a line in, to be written with the others of its turn: by `flush`, or when enough wait."""
        line = self._lines.make(event, now)
        if len(self._pending) + len(line) > BUFFER_BYTES:
            self.dropped += 1
        else:
            self._pending += line
        if len(self._pending) >= WRITE_BYTES:
            self.flush(now)

    def flush(self, now: int) -> None:
        """Write what waits; never raises, see `problem`."""
        if not self._pending:
            return
        try:
            self._push(now)
        except OSError as error:
            self._failed(error)

    def inspect(self, now: int) -> None:
        """Once a second: write what waits, and see that the file is still the one under its name, and ours to write."""
        try:
            self._hold_place(now)
            self._push(now)
        except OSError as error:
            self._failed(error)
        else:
            self._recovered()

    def close(self, now: int) -> None:
        """Write what can be written, and say what could not."""
        if self._fd < 0:
            return
        self.inspect(now)
        if self._pending:
            self._complain(f"event log: {len(self._pending)} bytes could not be written and are lost")
        os.close(self._fd)
        self._fd = -1

    @property
    def lines(self) -> int:
        """How many were made, written or not."""
        return self._lines.count

    @property
    def path(self) -> Path:
        """The file written now."""
        return self._folder / file_name(self._day * DAY)

    def _push(self, now: int) -> None:
        """Write what waits; a new day begins its file as soon as no line of the old one is left half written."""
        if self._fd < 0 or (now // DAY != self._day and not self._torn):
            self._open(now)
        while self._pending:
            written = os.write(self._fd, self._pending)
            self._torn = self._pending[written - 1] != NEWLINE
            del self._pending[:written]

    def _hold_place(self, now: int) -> None:
        if self._fd < 0:
            self._open(now)
        try:
            ours = os.stat(self.path).st_ino == os.fstat(self._fd).st_ino
            linked = os.readlink(self._folder / LINK) == self.path.name
        except FileNotFoundError:
            ours = linked = False
        if not (ours and linked):
            self._open(now)
        for place, need in ((self._folder, os.W_OK | os.X_OK), (self.path, os.W_OK)):
            if not os.access(place, need, effective_ids=True):
                raise PermissionError(EACCES, "not writable any more", str(place))

    def _open(self, now: int) -> None:
        name = file_name(now)
        fd = os.open(self._folder / name, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            _mend(fd)
            self._link(name)
        except OSError:
            os.close(fd)
            raise
        if self._fd >= 0:
            os.close(self._fd)
        if self._torn:  # its beginning stands in a file that is gone
            del self._pending[: self._pending.index(NEWLINE) + 1]
            self.dropped, self._torn = self.dropped + 1, False
        self._fd, self._day = fd, now // DAY

    def _link(self, name: str) -> None:
        """Point events.jsonl at the file in one step, so that a reader never finds no link."""
        fresh = self._folder / f".{LINK}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(name)
        fresh.replace(self._folder / LINK)

    def _failed(self, error: OSError) -> None:
        problem = f"event log: {error.strerror} ({error.filename or self.path})"
        if problem != self.problem:
            self._complain(f"{problem}; {len(self._pending)} bytes wait in memory")
        self.problem = problem

    def _recovered(self) -> None:
        if self.problem is not None:
            self._complain(f"event log is written again; {self.dropped} lines were dropped")
        self.problem = None


def _mend(fd: int) -> None:
    """A fresh file gets its mode whatever the umask; one that a crash left mid-line gets its newline."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        return
    if found.st_size == 0:
        os.fchmod(fd, 0o640)
    elif os.pread(fd, 1, found.st_size - 1) != b"\n":
        os.write(fd, b"\n")
