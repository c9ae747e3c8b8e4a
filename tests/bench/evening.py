"""An evening of eight Kalshi markets, recorded from the whole bot in virtual time and replayed by its session.

What reached the session that evening reaches it again: every change of a book, fills, answers, and once a second the
turn that looks at all eight markets. A decision is from a message to its effects; a replay is also the reading of the
recording and the writing of the event lines.
CPU time of one core, because a neighbour on it is no property of ours; of a few rounds the best counts.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.messages import BookMoved, Message, Turn
from bot.recorded import recording
from bot.recorded.recording import Entry, Header, Said
from bot.recorded.replay import Replay
from bot.session import Session
from tests.bench.measure import BUDGET, Row
from tests.bot.evening.world import BUILD, Evening

ROUNDS = 2
KINDS = ((BookMoved, 400, "book to effects"), (Turn, 3_200, "turn of all"))
"""Kind of message, its budget (us) for the 99th percentile, a quarter of it for the median, and how it is called."""


def rows() -> Iterator[Row]:
    """Microseconds of a message; 5,000 a second are 200."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        path = Path(folder) / "evening.rec"
        Evening(Path(folder), record=path).play()
        rounds = [_decisions(path) for _ in range(ROUNDS)]
        for kind, most, what in KINDS:
            median, p99 = (min(_quantile(took[kind], share) for took in rounds) for share in (50, 99))
            yield Row(f"evening of 8 markets, {what}, median", median, most / 4, BUDGET, "us")
            yield Row(f"evening of 8 markets, {what}, p99", p99, most, BUDGET, "us")
        replayed = min(_replay(path) for _ in range(ROUNDS))
        yield Row("evening of 8 markets, a message replayed", replayed, 200, BUDGET, "us")


def _decisions(path: Path) -> dict[type[Message], list[float]]:
    """Microseconds of each message by its kind, shortest first."""
    session, took = None, defaultdict[type[Message], list[float]](list)
    for found in recording.read(path):
        match found:
            case Header(params=params):
                session = Session(params)
            case Entry(at, what) if session is not None and not isinstance(what, Said):
                begun = time.thread_time_ns()
                session.handle(what, at)
                took[type(what)].append((time.thread_time_ns() - begun) / 1_000)
    assert len(took[BookMoved]) > 50_000, "an evening in which nothing happens measures nothing"
    return {kind: sorted(times) for kind, times in took.items()}


def _quantile(took: list[float], share: int) -> float:
    return took[len(took) * share // 100]


def _replay(path: Path) -> float:
    """Microseconds of CPU a message, from the recording to the lines of the event log."""
    again, begun = Replay(BUILD, print), time.process_time_ns()
    assert sum(1 for _ in again.lines(path)) > 1_000
    return (time.process_time_ns() - begun) / 1_000 / again.messages
