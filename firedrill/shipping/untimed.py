"""Lines without a time of their own: a shipper may have given them another than we do, so they are known by their text.

They are few: broken lines, and what another program wrote into the log.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from firedrill.shipping.entry import SECOND, Entry
from firedrill.shipping.sink import LOOK_AHEAD, Key, Sink


class Untimed:
    """What Loki has of them from the first one on that is asked for."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._known: Counter[tuple[Key, str]] = Counter()
        self._there: dict[Key, Counter[str]] = {}

    def found(self, lines: Iterable[Entry]) -> None:
        """These are in Loki with the time that we give them."""
        self._known.update((_stream(line), line.text) for line in lines)

    def lacks(self, line: Entry) -> bool:
        """Whether Loki lacks it: a line there with its text and labels that is nobody else's is taken for it."""
        stream = _stream(line)
        if stream not in self._there:
            selector = self._sink.selector(level=line.level, action=line.action)
            found = set(self._sink.lines(line.at - 3600 * SECOND, time.time_ns() + LOOK_AHEAD, selector))
            self._there[stream] = Counter(text for _, text in found)
        place = (stream, line.text)
        self._known[place] += 1
        return self._known[place] > self._there[stream][line.text]


def _stream(line: Entry) -> Key:
    return line.level, line.action
