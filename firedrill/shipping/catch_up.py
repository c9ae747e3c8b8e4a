"""While the shipper is down: what it had read and Loki had not yet taken, and what it has not read, is sent; then its
positions say that it has read all of it. So it starts behind the last line sent, and sends none twice.

Only the end of what it had read is compared: a shipper holds a batch or two, not more. Days it never saw are left to
`review`, which does not keep it waiting: the alarms need the lines of now.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firedrill.shipping import logs, positions
from firedrill.shipping.compare import Comparison
from firedrill.shipping.entry import SECOND, entries
from firedrill.shipping.logs import Part
from firedrill.shipping.sink import Sink
from firedrill.shipping.tally import Tally
from firedrill.store.files import LogFile, skip_before

HELD = 16 << 20
"""Bytes in front of a position that are compared: a shipper's batch is 1 MiB, and a few lines wait behind it."""

WINDOW = 3600 * SECOND
"""How far behind its newest line Loki takes a line of a stream: half of max_chunk_age, which is 2 h unless set."""

STEP = SECOND


@dataclass(frozen=True, slots=True)
class Shipper:
    """Whose positions: promtail or alloy, and its file."""

    kind: str
    positions: Path


def run(sink: Sink, patterns: Sequence[str], shipper: Shipper, tally: Tally, dry_run: bool) -> None:
    """Raises CannotSay, and the positions are as they were."""
    now = time.time_ns()
    known = positions.read(shipper.positions)
    files = [file for file in logs.every(patterns, tally.cannot_read) if not file.compressed]
    newest = sink.newest(now)
    since = min(now, newest if newest is not None else now) - WINDOW
    ends: dict[str, int] = {}
    parts = []
    for file in files:
        with logs.looking_at(file, tally.cannot_read):
            ends[file.path] = logs.whole_end(file)
            parts += _part(file, known.get(file.path), ends[file.path], since)
    tally.files = len(parts)
    comparison = Comparison(
        sink,
        tally,
        step=STEP,
        absent=lambda start: newest is None or start >= newest,
        late=False,
        send=not dry_run,
    )
    comparison.run(logs.in_time_order(parts, tally.cannot_read))
    if not dry_run:
        read = {path: end for path, end in ends.items() if path not in tally.unreadable}
        positions.write(shipper.positions, {**known, **read}, shipper.kind)


def _part(file: LogFile, position: int | None, end: int, since: int) -> list[Part]:
    """What is looked at of a file, maybe nothing."""
    if file.mtime < since and (position is None or position >= end):
        return []  # a day it never saw, or had read long before the newest line that Loki has
    if position is None:
        start = skip_before(file, lambda text: _older(text, since)).offset
    else:
        start = logs.line_start(file, min(position, end) - HELD)
    return [Part(file, start, end)] if start < end else []


def _older(text: str, since: int) -> bool | None:
    line = next(entries([text.encode()], 0), None)
    return line.at < since if line and line.timed else None
