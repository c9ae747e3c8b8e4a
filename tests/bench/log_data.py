"""The log that the log engine is measured on: one day of a busy bot, made once and kept in `.bench/`.

It is as many days of `tests.day` as give the wanted number of events, with their times pressed into one day.
MMSTACK_BENCH_EVENTS sets the number, 5 million unless told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firedrill.store.compaction import compact, target
from firedrill.store.files import find
from tests.day import START, Day

SECOND = 1_000_000_000
DAY_S = 86_400
END = (START + DAY_S) * SECOND
FOLDER = Path(__file__).resolve().parents[2] / ".bench"
EVENTS = int(os.environ.get("MMSTACK_BENCH_EVENTS", "5000000"))
A_DAY_HAS = 165_000
"""Events of one generated day, a little fewer than there are."""

_TIME = slice(6, 23)  # of a line: {"ts":1767312000.000000,


@dataclass(frozen=True, slots=True)
class Data:
    """The same day as text and as Parquet."""

    log: Path
    parquet: Path

    def lines(self) -> Iterator[bytes]:
        with self.log.open("rb") as lines:
            yield from lines


def time_of(line: bytes) -> int:
    """Nanoseconds, from a line's first field."""
    seconds, _, micros = line[_TIME].partition(b".")
    return int(seconds) * SECOND + int(micros) * 1000


def data(events: int = EVENTS) -> Data:
    """Made at the first call, which takes minutes."""
    FOLDER.mkdir(exist_ok=True)
    log = FOLDER / f"events-{events}.jsonl"
    if not log.exists():
        sys.stderr.write(f"generating {events} events, once\n")
        aside = log.with_suffix(".part")
        _write(aside, events)
        aside.replace(log)
    (file,) = find([str(log)]).files
    made = target(file, FOLDER)
    if not made.exists():
        sys.stderr.write("compacting them, once\n")
        compact(file, FOLDER)
    return Data(log, made)


def _write(path: Path, events: int) -> None:
    pressed = max(1.0, events / A_DAY_HAS)
    day = Day(seconds=round(DAY_S * pressed) + DAY_S // 10)
    with path.open("wb", buffering=1 << 20) as out:
        for _, line in zip(range(events), day.lines(), strict=False):
            at = START + (float(line[_TIME]) - START) / pressed
            if at < START + DAY_S:
                out.write(b'{"ts":%.6f%s\n' % (at, line[_TIME.stop :]))
