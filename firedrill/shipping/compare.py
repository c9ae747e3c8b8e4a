"""Finds the lines that Loki lacks, a short span of time after the other, and gives them to it, oldest first.

A line is known by its time and its text, as Loki does it: two that are identical in both are one there. Lines without
a time of their own are known by their text alone, and counted: a shipper may have given them another time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from firedrill.shipping.entry import Entry
from firedrill.shipping.sink import LOOK_AHEAD, PAGE, Sink
from firedrill.shipping.tally import Tally

BATCH_BYTES = 1 << 20


class Comparison:
    """`absent(start)`: whether Loki is known to have nothing in the span that starts there, of `step` nanoseconds.

    `late`: the streams have gone on, so all that is missing is sent to the late ones. `send` False: it is only counted.
    """

    def __init__(
        self, sink: Sink, tally: Tally, *, step: int, absent: Callable[[int], bool], late: bool, send: bool
    ) -> None:
        self._sink, self._tally, self._step, self._absent = sink, tally, step, absent
        self._late, self._send = late, send
        self._first = 0
        self._untimed: Counter[str] | None = None
        self._batch: list[Entry] = []
        self._bytes = 0

    def run(self, lines: Iterable[Entry]) -> None:
        """All lines, roughly in the order of time. Raises CannotSay; what was sent until then is in Loki."""
        for span, found in groupby(lines, lambda line: line.at // self._step):
            here = list(found)
            self._first = self._first or here[0].at
            missing = self._missing(span * self._step, here)
            self._tally.compared += len(here)
            self._tally.missing += len(missing)
            self._tally.progress(here[0].at)
            if self._send:
                for line in missing:
                    self._add(line)
        self._flush()

    def _missing(self, start: int, lines: Sequence[Entry]) -> list[Entry]:
        if self._absent(start):
            present: set[int] = set()
        else:
            present = _known(self._sink.lines(start, start + self._step))
        return [line for line in lines if (self._lacks(line) if not line.timed else _key(line) not in present)]

    def _lacks(self, line: Entry) -> bool:
        """A line without a time: one of those in Loki with its text is taken for it, until they are used up."""
        if self._untimed is None:
            without = self._sink.selector(level="", action="")
            until = time.time_ns() + LOOK_AHEAD
            self._untimed = Counter(text for _, text in set(self._sink.lines(self._first, until, without)))
        if self._untimed[line.text] > 0:
            self._untimed[line.text] -= 1
            return False
        return True

    def _add(self, line: Entry) -> None:
        self._batch.append(line)
        self._bytes += len(line.text)
        if len(self._batch) >= PAGE or self._bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        if not batch:
            return
        left = batch
        if not self._late:  # Loki refuses lines that are too old for their stream, and does not say which
            left = self._not_there(batch) if self._sink.push(batch) else []
        why = self._sink.push(left, late=True) if left else None
        refused = self._not_there(left) if why else []
        self._tally.sent += len(batch) - len(refused)
        self._tally.late += len(left) - len(refused)
        if why and refused:
            self._tally.refused, self._tally.refusal = self._tally.refused + len(refused), why

    def _not_there(self, batch: Sequence[Entry]) -> list[Entry]:
        first, last = min(line.at for line in batch), max(line.at for line in batch)
        present = _known(self._sink.lines(first, last + 1))
        return [line for line in batch if _key(line) not in present]


def _key(line: Entry) -> int:
    return hash((line.at, line.text))


def _known(lines: Iterable[tuple[int, str]]) -> set[int]:
    return {hash(line) for line in lines}
