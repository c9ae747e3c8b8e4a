"""What a logged event costs, beside the standard library's logging with a JSON formatter, both into a file of a disk.

One core's own time, the fastest of many short rounds in turn. A turn of the bot that moves both quotes of a market
logs four lines; one that answers a send logs one.
"""

from __future__ import annotations

import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot import events
from bot.runtime.telemetry import Telemetry
from tests.bench.measure import BUDGET, Row

COUNT = 4000
ROUNDS = 25
NOW = 1_795_000_000 * 1_000_000_000
RUN, RELEASE = "00c0ffee", "1.2.3+abcdef0"
EVENT = events.QuotePlace(
    market="SOL",
    state="FLAT",
    side="bid",
    price=184.97,
    size=2.71,
    seq=12_345,
    cloid="0x00c0ffee000000000000000000003039",
    tif="Alo",
    ro=False,
    cancels_30=3,
)


def rows() -> Iterator[Row]:
    """Microseconds of one event."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        log = Telemetry(Path(folder), RUN, RELEASE, lambda problem: None)
        log.open(NOW)
        logger = _logger(Path(folder) / "other.jsonl")
        fours, ones, other = _each(lambda: _ours(log, 4), lambda: _ours(log, 1), lambda: _stdlib(logger))
        for handler in logger.handlers:
            handler.close()
    yield Row("event logged, four a turn", fours, other, "logging with json.dumps", "us")
    yield Row("event logged, one a turn", ones, other, "logging with json.dumps", "us")
    yield Row("event logged, four a turn", fours, 1e6 / 300_000, BUDGET, "us")


def _ours(log: Telemetry, a_turn: int) -> None:
    for turn in range(COUNT // a_turn):
        now = NOW + turn * 1_000
        for _ in range(a_turn):
            log.note(EVENT, now)
        log.flush(now)


class _Lines(logging.Formatter):
    """The same columns."""

    def format(self, record: logging.LogRecord) -> str:
        head = {"ts": record.created, "level": record.levelname.lower(), "run": RUN, "release": RELEASE}
        return json.dumps({**head, "action": record.msg, **record.__dict__["fields"]})


def _logger(path: Path) -> logging.Logger:
    logger, handler = logging.Logger("bench"), logging.FileHandler(path)
    handler.setFormatter(_Lines())
    logger.addHandler(handler)
    return logger


def _stdlib(logger: logging.Logger) -> None:
    fields = {name: getattr(EVENT, name) for name in EVENT.__struct_fields__}
    for _ in range(COUNT):
        logger.info("quote_place", extra={"fields": fields})


def _each(*works: Callable[[], None]) -> list[float]:
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            begun = time.process_time_ns()
            work()
            best[index] = min(best[index], (time.process_time_ns() - begun) / 1_000 / COUNT)
    return best
