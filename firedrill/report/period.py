"""The time a report is about: how it is written on the command line, in a query, and for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from firedrill.logql.syntax import SECOND
from firedrill.logql.text import print_duration
from firedrill.store import arguments


@dataclass(frozen=True, slots=True)
class Period:
    """(end - length, end], in nanoseconds; `name` is the length as the operator wrote it."""

    name: str
    length: int
    end: int

    @classmethod
    def read(cls, since: str, at: str, now: int) -> Period:
        """Of the options --since and --at. ValueError: one of them cannot be read."""
        return cls(since, arguments.step(since), arguments.instant(at, now))

    @property
    def start(self) -> int:
        return self.end - self.length

    @property
    def over(self) -> str:
        """The length as LogQL writes it."""
        return print_duration(self.length)

    def __str__(self) -> str:
        return f"{clock(self.start)} to {clock(self.end)} UTC"


def clock(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds // SECOND, UTC):%Y-%m-%d %H:%M:%S}"


def rfc3339(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / SECOND, UTC).isoformat()
