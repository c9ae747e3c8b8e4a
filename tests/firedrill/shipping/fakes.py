"""A Loki of our own for tests: it stores an identical line once, refuses what is too old, and is asked as `Sink` is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from firedrill.shipping.entry import SECOND, Entry
from firedrill.shipping.errors import CannotSay

HOUR = 3600 * SECOND
WEEK = 7 * 24 * HOUR
Stream = tuple[str, str, bool]


class FakeSink:
    """`window`: how far behind its newest a line of a stream may be; `keeps`: how old a line may be at `now`."""

    def __init__(self, now: int, window: int = HOUR, keeps: int = WEEK) -> None:
        self.now, self.window, self.keeps = now, window, keeps
        self.streams: dict[Stream, list[tuple[int, str]]] = {}
        self.pushed: list[tuple[bool, int]] = []
        self.asked = 0
        self.fails_after: int | None = None

    @property
    def texts(self) -> list[str]:
        return [text for _, text in sorted(line for lines in self.streams.values() for line in lines)]

    def selector(self, **labels: str) -> str:
        return ",".join(f"{name}={value}" for name, value in labels.items())

    def newest(self, now: int) -> int | None:
        return max((at for lines in self.streams.values() for at, _ in lines), default=None)

    def lines(self, start: int, end: int, selector: str | None = None) -> Iterator[tuple[int, str]]:
        self.asked += 1
        wanted = dict(re.findall(r"(\w+)=([^,]*)", selector or ""))
        for (level, action, _), lines in self.streams.items():
            if wanted in ({}, {"level": level, "action": action}):
                yield from (line for line in lines if start <= line[0] < end)

    def counts(self, start: int, end: int, step: int) -> dict[int, dict[tuple[str, str], tuple[int, int]]]:
        found: dict[int, dict[tuple[str, str], tuple[int, int]]] = {}
        for (level, action, _), lines in self.streams.items():
            for at, text in lines:
                if start < at <= end:
                    span = found.setdefault((at - 1) // step * step, {})
                    number, size = span.get((level, action), (0, 0))
                    span[level, action] = (number + 1, size + len(text.encode()))
        return found

    def push(self, lines: Sequence[Entry], late: bool = False) -> str | None:
        if self.fails_after is not None and len(self.pushed) >= self.fails_after:
            raise CannotSay("Loki does not take lines: connection refused")
        self.pushed.append((late, len(lines)))
        (stream,) = {(line.level, line.action, late) for line in lines}
        there, why = self.streams.setdefault(stream, []), None
        for line in lines:
            oldest = max((at for at, _ in there), default=0) - self.window
            if line.at < self.now - self.keeps:
                why = f"HTTP 400: entry has timestamp too old, {_acceptable(self.now - self.keeps)}"
            elif line.at < oldest:
                why = f"HTTP 400: entry too far behind, {_acceptable(oldest)}',\nand so on"
            elif (line.at, line.text) not in there:
                there.append((line.at, line.text))
        return why

    def flush(self) -> None:
        self.asked += 1


def _acceptable(at: int) -> str:
    return f"oldest acceptable timestamp is: {datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
