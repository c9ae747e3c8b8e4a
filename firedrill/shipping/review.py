"""While the shipper runs: whether Loki has all that it should have, day after day, oldest first; what it lacks is sent.

This finds what nobody else would: lines that Loki refused, days from before there was a Loki, a Loki that lost its
disk. It counts lines and bytes in both, and looks closely where they differ. What was found complete is remembered, so
that the next run goes on from there. Lines of the last minutes are left alone: they may be on their way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from firedrill.shipping import logs, positions
from firedrill.shipping.compare import Comparison, span_of
from firedrill.shipping.entry import SECOND, Entry, entries
from firedrill.shipping.logs import Part
from firedrill.shipping.reviewed import Reviewed
from firedrill.shipping.sink import Key, Sink
from firedrill.shipping.tally import Tally
from firedrill.store.closed_logs import is_closed
from firedrill.store.files import LogFile, skip_before

SETTLED = 300 * SECOND
"""A line as old as this has been sent, unless Loki is away or just came back."""

STEP = 10 * SECOND
HOUR = 3600 * SECOND


def run(
    sink: Sink,
    patterns: Sequence[str],
    shipper: Path | None,
    remembered: Reviewed,
    tally: Tally,
    *,
    settle_s: float,
    dry_run: bool,
) -> None:
    """`shipper`: the positions file of one at work; without it whole files are looked at. Raises CannotSay.

    `settle_s`: after so many seconds, what a shipper held is in Loki, and what Loki held in memory is stored.
    """
    now = time.time_ns()
    files = logs.every(patterns, tally.cannot_read)
    remembered.keep(files)
    read = positions.read(shipper) if shipper else None
    parts = []
    for file in files:
        with logs.looking_at(file, tally.cannot_read):
            parts += _part(file, read, remembered, now)
    tally.files = len(parts)
    rested = False
    for _, found in groupby(parts, key=lambda part: part.file.stem[: len("events-2026-11-21")]):
        group = list(found)
        lines, different = _different(sink, group, tally)
        if different and not rested:
            tally.say(f"{len(different)} spans of 10 s differ; looking again in {settle_s:g} s")
            sink.flush()
            time.sleep(settle_s)
            rested, (lines, different) = True, _different(sink, group, tally)
        if different:
            _settle(sink, group, different, tally, dry_run)
        else:
            tally.compared += lines
        if not dry_run:
            remembered.add({part.file: part.end for part in group if part.file.path not in tally.unreadable}, now)
    if tally.late:
        sink.flush()


def _part(file: LogFile, read: dict[str, int] | None, remembered: Reviewed, now: int) -> list[Part]:
    """What is looked at of a file, maybe nothing."""
    if remembered.done(file):
        return []
    if file.compressed:
        return [Part(file)]
    end = logs.whole_end(file)
    if not is_closed(file, now):
        end = min(end, skip_before(file, lambda text: _settled(text, now)).offset)
    if read is not None:
        end = min(end, read.get(file.path, 0))
    start = remembered.offset(file)
    return [Part(file, start, end)] if start < end else []


def _settled(text: str, now: int) -> bool | None:
    line = next(entries([text.encode()], 0), None)
    return line.at < now - SETTLED if line and line.timed else None


def _different(sink: Sink, parts: Sequence[Part], tally: Tally) -> tuple[int, dict[int, bool]]:
    """How many lines there are, and the starts of the spans in which Loki has not just these: whether it has none."""
    number, found = 0, dict[int, bool]()
    for hour, lines in groupby(logs.in_time_order(parts, tally.cannot_read), lambda line: span_of(line, HOUR)):
        there = sink.counts(hour, hour + HOUR, STEP)
        for start, counts in _counts(lines).items():
            number += sum(lines_there for lines_there, _ in counts.values())
            if there.get(start) != counts:
                found[start] = start not in there
    return number, found


def _counts(lines: Iterable[Entry]) -> dict[int, dict[Key, tuple[int, int]]]:
    found: dict[int, dict[Key, tuple[int, int]]] = {}
    for line in lines:
        span = found.setdefault(span_of(line, STEP), {})
        number, size = span.get((line.level, line.action), (0, 0))
        length = len(line.text) if line.text.isascii() else len(line.text.encode())
        span[line.level, line.action] = (number + 1, size + length)
    return found


def _settle(sink: Sink, parts: Sequence[Part], different: dict[int, bool], tally: Tally, dry_run: bool) -> None:
    comparison = Comparison(sink, tally, step=STEP, absent=different.__getitem__, late=True, send=not dry_run)

    def wanted() -> Iterable[Entry]:
        for line in logs.in_time_order(parts, tally.cannot_read):
            if span_of(line, STEP) in different:
                yield line
            else:
                tally.compared += 1

    comparison.run(wanted())
