"""A line of the event log: the columns every line begins with, then the event's own. Writes none."""

from __future__ import annotations

import msgspec

from bot.events import LINE_PREFIX, Event

SECOND = 1_000_000_000

assert tuple(LINE_PREFIX) == ("ts", "level", "run", "n", "release"), "the head of a line is written by hand"


class EventLines:
    """Numbers the lines of one run; `count` is the number of the last."""

    def __init__(self, run: str, release: str) -> None:
        self.count = 0
        self._head = f',"level":"%s","run":"{run}","n":'
        self._heads: dict[str, bytes] = {}
        self._tail = b',"release":%s,' % msgspec.json.encode(release)
        self._stamped, self._stamp = -1, b""
        self._encode = msgspec.json.Encoder().encode

    def make(self, event: Event, now: int) -> bytes:
        """The next line, with its newline; `now` in ns."""
        self.count += 1
        if now != self._stamped:  # one moment for all lines of a turn
            self._stamped, self._stamp = now, b'{"ts":%d.%06d' % (now // SECOND, now % SECOND // 1_000)
        level = event.level
        head = self._heads.get(level)
        if head is None:
            head = self._heads[level] = (self._head % level).encode()
        return b"%b%b%d%b%b\n" % (self._stamp, head, self.count, self._tail, self._encode(event)[1:])
