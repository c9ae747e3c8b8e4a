"""Finds the lines that Loki lacks, a short span of time after the other, and gives them to it, oldest first.

A line is known by its time and its text, as Loki does it: two that are identical in both are one there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from firedrill.shipping.entry import Entry
from firedrill.shipping.refusal import refused
from firedrill.shipping.sink import Key, Sink
from firedrill.shipping.tally import Tally
from firedrill.shipping.untimed import Untimed

BATCH_BYTES = 4 << 20
"""Text that is held for all streams before it is sent."""


class Comparison:
    """`absent(start)`: whether Loki is known to have nothing in the span that starts there, of `step` nanoseconds.

    `late`: the streams have gone on, so all that is missing is sent to the late ones. `send` False: it is only counted.
    """

    def __init__(
        self, sink: Sink, tally: Tally, *, step: int, absent: Callable[[int], bool], late: bool, send: bool
    ) -> None:
        self._sink, self._tally, self._step, self._absent = sink, tally, step, absent
        self._late, self._send = late, send
        self._untimed = Untimed(sink)
        self._waiting: dict[Key, list[Entry]] = {}
        self._bytes = 0

    def run(self, lines: Iterable[Entry]) -> None:
        """All lines, roughly in the order of time. Raises CannotSay; what was sent until then is in Loki."""
        for span, found in groupby(lines, lambda line: span_of(line, self._step)):
            here = list(found)
            missing = self._missing(span, here)
            self._tally.compared += len(here)
            self._tally.missing += len(missing)
            self._tally.progress(here[0].at)
            if self._send:
                for line in missing:
                    self._add(line)
        self._flush()

    def _missing(self, start: int, lines: Sequence[Entry]) -> list[Entry]:
        present: set[int] = set()
        if not self._absent(start):
            present = {hash(line) for line in self._sink.lines(start + 1, start + self._step + 1)}
            self._untimed.found(line for line in lines if not line.timed and _key(line) in present)
        return [line for line in lines if _key(line) not in present and (line.timed or self._untimed.lacks(line))]

    def _add(self, line: Entry) -> None:
        self._waiting.setdefault((line.level, line.action), []).append(line)
        self._bytes += len(line.text)
        if self._bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        """A push for each stream: so the reason of a refusal says which lines are meant."""
        waiting, self._waiting, self._bytes = self._waiting, {}, 0
        for lines in waiting.values():
            left = lines if self._late else self._refused(lines, late=False)
            refused = self._refused(left, late=True)
            self._tally.sent += len(lines) - len(refused)
            self._tally.late += len(left) - len(refused)
            self._tally.refused += len(refused)

    def _refused(self, lines: Sequence[Entry], late: bool) -> list[Entry]:
        """Those Loki does not take: first for being too old for their stream, then for good."""
        why = self._sink.push(lines, late) if lines else None
        if why is None:
            return []
        if late:
            self._tally.refusal = why.partition("\n")[0][:300]
        return refused(lines, why)


def span_of(line: Entry, step: int) -> int:
    """The start of a line's span, which ends with a multiple of the step and does not hold its start."""
    return (line.at - 1) // step * step


def _key(line: Entry) -> int:
    return hash((line.at, line.text))
