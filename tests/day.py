"""A believable day of the bot's log: good, or with exactly one named fault. The same `Day` gives the same bytes.

`tests.day_bot` makes the events, `tests.alerts.faults` holds the faults; this module knows what a fault can do to a
day, and how a line is written.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import msgspec

from bot import events
from tests.day_bot import Bot, Timed

SECOND = 1_000_000_000
START = 1_767_312_000
"""2026-01-02T00:00:00Z, in seconds."""
RELEASE = "1.4.0+abc1234"


def _same(event: events.Event) -> events.Event | None:
    return event


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: `adds` lines by their second since the fault began, `changes` or (None) keeps back what the bot
    would say while it `lasts`, `loses` says of a line's text whether it gets lost on its way then.

    `alert` is what must ring; `also` names those that must say so in their runbooks.
    """

    alert: str
    lasts: int = 1
    adds: tuple[tuple[float, events.Event | str], ...] = ()
    changes: Callable[[events.Event], events.Event | None] = _same
    loses: Callable[[bytes], bool] = lambda _line: False
    also: frozenset[str] = frozenset()


GOOD = Fault("", lasts=0)


@dataclass(frozen=True, slots=True)
class Day:
    """`seconds` from `start` on (unix seconds), with a fault `at` seconds after its beginning."""

    seed: int = 7
    start: int = START
    seconds: int = 86_400
    fault: Fault = GOOD
    at: int = 0

    def lines(self) -> Iterator[bytes]:
        """All lines in order, without their ends."""
        number, run = 0, f"{self.seed:08x}"
        for micros, said in self._timeline():
            troubled = self.at <= micros // 1_000_000 < self.at + self.fault.lasts
            if isinstance(said, str):
                yield said.encode()
                continue
            event = self.fault.changes(said) if troubled else said
            if event is None:
                continue
            if isinstance(event, events.Startup):
                number, run = 0, f"{self.seed * 1000 + micros // 1_000_000:08x}"
            number += 1
            line = self._line(micros, run, number, event)
            if not (troubled and self.fault.loses(line)):
                yield line

    def write(self, folder: Path) -> Path:
        """The day as a file of the folder."""
        path = folder / "events-2026-01-02.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in self.lines()))
        return path

    def _line(self, micros: int, run: str, number: int, event: events.Event) -> bytes:
        ts = b"%d.%06d" % (self.start + micros // 1_000_000, micros % 1_000_000)
        head = b'{"ts":%s,"level":"%s","run":"%s","n":%d,"release":"%s",'
        return head % (ts, event.level.encode(), run.encode(), number, RELEASE.encode()) + _ENCODE(event)[1:]

    def _timeline(self) -> Iterator[Timed]:
        bot = Bot(random.Random(self.seed))
        extra: dict[int, list[Timed]] = {}
        for offset, said in self.fault.adds:
            micros = round((self.at + offset) * 1_000_000)
            extra.setdefault(micros // 1_000_000, []).append((micros, said))
        for second in range(self.seconds):
            told = [*bot.second(second), *extra.get(second, ())]
            told.sort(key=itemgetter(0))
            yield from told


_ENCODE = msgspec.json.Encoder().encode
