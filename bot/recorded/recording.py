"""A recorded run: all that reached the session, and when, one JSON line each, in the order it was taken in.

A run begins with a header (what the session was made of, and which build made it); a file may hold several runs, one
after the other. What the run said in the event log without its session stands between the messages, so that a replay
gives the whole log again. A line is written before its message is handled: what broke the session is the last of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Union

import msgspec

from bot import events
from bot.errors import BotError, CannotStart
from bot.events import Event
from bot.messages import Message
from bot.release import Build
from bot.session import Params

FORMAT = 1
MOST_BYTES = 8 * 2**30
if TYPE_CHECKING:
    AnyEvent = Event
else:
    AnyEvent = Union[tuple(events.ALL.values())]  # noqa: UP007 - what decodes by its action


class NoRecording(BotError):
    """The file is not there, or not one of ours."""


class Header(msgspec.Struct, frozen=True):
    """The first line of a run."""

    recording: int
    build: Build
    params: Params


class Said(msgspec.Struct, frozen=True, tag=True):
    """An event that the run logged without its session: its start, its end, a reload."""

    event: AnyEvent


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What came, and at what time (ns)."""

    at: int
    what: Message | Said


@dataclass(frozen=True, slots=True)
class Damaged:
    """Line `number` cannot be read, and why."""

    number: int
    why: str


class Recorder:
    """Appends one run to a file. What cannot be written ends the recording and is said once; the run goes on."""

    def __init__(self, path: Path, build: Build, say: Callable[[str], None]) -> None:
        """Opens the file, which may hold earlier runs. Raises CannotStart."""
        self._path = path
        self._build = build
        self._say = say
        self._encode = msgspec.json.Encoder(enc_hook=_written).encode
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            self._size = os.fstat(self._fd).st_size
            if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
                os.write(self._fd, b"\n")  # a crash left half a line
        except OSError as error:
            raise CannotStart(f"--record {path} cannot be written: {error.strerror}") from error

    def begin(self, params: Params) -> None:
        """A run of this session starts here; before anything else."""
        self._write(Header(FORMAT, self._build, params))

    def heard(self, message: Message, now: int) -> None:
        """The session is about to take this in."""
        self._write((now, message))

    def said(self, event: Event, now: int) -> None:
        """The run logs this without its session."""
        self._write((now, Said(event)))

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def _write(self, line: object) -> None:
        if self._fd < 0:
            return
        text = self._encode(line) + b"\n"
        try:
            if self._size + len(text) > MOST_BYTES:
                raise OSError(0, f"it would grow beyond {MOST_BYTES // 2**30} GiB")
            while text:
                written = os.write(self._fd, text)
                self._size, text = self._size + written, text[written:]
        except OSError as error:
            self._say(f"mm-bot: the recording {self._path} ends here: {error.strerror}")
            self.close()


def read(path: Path) -> Iterator[Header | Entry | Damaged]:
    """All lines in order; a damaged one is told and does not end the reading. Raises NoRecording."""
    entries = msgspec.json.Decoder(Entry, dec_hook=_read)
    headers = msgspec.json.Decoder(Header, dec_hook=_read)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield _line(number, line, headers if line.startswith(b'{"recording"') else entries)
    except OSError as error:
        raise NoRecording(f"{path} cannot be read: {error.strerror}") from error


def _written(value: object) -> str:
    """Rates of fees are fractions: as text they are exact."""
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"no {type(value).__name__} can be recorded")


def _read(kind: type, value: object) -> object:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError(f"no {kind.__name__} can be read")


def _line(
    number: int, line: bytes, decoder: msgspec.json.Decoder[Header] | msgspec.json.Decoder[Entry]
) -> Header | Entry | Damaged:
    if not line.endswith(b"\n"):
        return Damaged(number, "the line is cut off")
    try:
        found = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Damaged(number, str(error))
    if isinstance(found, Header) and found.recording != FORMAT:
        return Damaged(number, f"a recording of format {found.recording}; this release reads {FORMAT}")
    return found
