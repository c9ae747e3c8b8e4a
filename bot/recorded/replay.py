"""A recorded run again, by its session alone: the lines that its event log had, byte for byte. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.errors import BotError
from bot.messages import Emit
from bot.recorded import recording
from bot.recorded.recording import Damaged, Entry, Header, NoRecording, Said
from bot.release import Build
from bot.runtime.event_line import EventLines
from bot.session import Session


class Replay:
    """`runs` and `messages` count what was replayed, `damaged` the lines that could not be."""

    def __init__(self, build: Build, say: Callable[[str], None]) -> None:
        self.runs = 0
        self.messages = 0
        self.damaged = 0
        self._build = build
        self._say = say
        self._run = ""
        self._session: Session | None = None
        self._lines: EventLines | None = None

    def lines(self, path: Path) -> Iterator[bytes]:
        """The event lines of all runs in the file. Raises NoRecording, and whatever defect a session breaks over."""
        for number, found in enumerate(recording.read(path), 1):
            match found:
                case Header():
                    self._begin(found)
                case Entry():
                    try:
                        yield from self._take(found)
                    except Exception as error:
                        error.add_note(f"while the session took in line {number} of {path}")
                        raise
                case Damaged():
                    self._lost(found, path)
        if not self.runs:
            raise NoRecording(f"{path} is no recording: no line in it begins a run; `mm-bot run --record` makes one")

    def _begin(self, header: Header) -> None:
        params = header.params
        self.runs += 1
        self._run = params.run
        self._session, self._lines = Session(params), EventLines(params.run, header.build.release)
        if header.build != self._build:
            recorded, ours = header.build.release, self._build.release
            self._say(f"run {self._run} was recorded by {recorded}, this is {ours}: its lines may differ")

    def _take(self, entry: Entry) -> Iterator[bytes]:
        if self._lines is None:
            return
        if isinstance(entry.what, Said):
            yield self._lines.make(entry.what.event, entry.at)
        elif self._session is not None:
            self.messages += 1
            try:
                effects = self._session.handle(entry.what, entry.at)
            except BotError as error:
                self._session = None
                self._say(f"run {self._run} ended as it did then: {error}")
                return
            for effect in effects:
                if isinstance(effect, Emit):
                    yield self._lines.make(effect.event, entry.at)

    def _lost(self, damaged: Damaged, path: Path) -> None:
        """What follows in this run would be told without what is missing, so it is left out."""
        self.damaged += 1
        if self._lines is not None or not self.runs:
            where = f"run {self._run} is replayed up to there" if self._lines is not None else "no run begins there"
            self._say(f"{path} line {damaged.number} is damaged ({damaged.why}): {where}")
        self._session = self._lines = None
