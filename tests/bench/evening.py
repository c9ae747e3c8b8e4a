"""An evening of eight Kalshi markets, recorded from the whole bot in virtual time and replayed by its session.

What reached the session that evening reaches it again: every change of a book, fills, answers, turns. A decision is
from a message to its effects; a replay is also the reading of the recording and the writing of the event lines.
CPU time of one core, because a neighbour on it is no property of ours; of a few rounds the best counts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.recorded import recording
from bot.recorded.recording import Entry, Header, Said
from bot.recorded.replay import Replay
from bot.session import Session
from tests.bench.measure import BUDGET, Row
from tests.bot.evening.world import BUILD, Evening

ROUNDS = 3


def rows() -> Iterator[Row]:
    """Microseconds of a message; 5,000 a second are 200."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "evening.rec"
        Evening(Path(folder), step_s=2.0, record=path).play()
        rounds = [sorted(_decisions(path)) for _ in range(ROUNDS)]
        median, p99 = (min(took[len(took) * share // 100] for took in rounds) for share in (50, 99))
        yield Row("evening of 8 markets, message to effects, median", median, 100, BUDGET, "us")
        yield Row("evening of 8 markets, message to effects, p99", p99, 400, BUDGET, "us")
        yield Row("evening, message to effects, mean", min(map(statistics.fmean, rounds)), 200, BUDGET, "us")
        replayed = min(_replay(path) for _ in range(ROUNDS))
        yield Row("evening replayed to its event log, a message", replayed, 200, BUDGET, "us")


def _decisions(path: Path) -> list[float]:
    """Microseconds of each message."""
    session, took = None, []
    for found in recording.read(path):
        match found:
            case Header(params=params):
                session = Session(params)
            case Entry(at, what) if session is not None and not isinstance(what, Said):
                begun = time.thread_time_ns()
                session.handle(what, at)
                took.append((time.thread_time_ns() - begun) / 1_000)
    assert len(took) > 100_000, "an evening in which nothing happens measures nothing"
    return took


def _replay(path: Path) -> float:
    """Microseconds of CPU a message, from the recording to the lines of the event log."""
    again, begun = Replay(BUILD, print), time.process_time_ns()
    assert sum(1 for _ in again.lines(path)) > 1_000
    return (time.process_time_ns() - begun) / 1_000 / again.messages
