"""A frame of the feed through the whole bot but its sockets: queue, session, calls to a venue, journal, log on disk.

The venue answers each call at the loop's next turn. One core's own time for all of it, answers too, per frame; what a
recording (`--record`) adds to that; and what a replay of it takes.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import uvloop

from bot.clock import HostClock
from bot.engine import Engine, Surroundings
from bot.market.reports import Account
from bot.messages import AccountRead, Turn
from bot.recorded.recording import Recorder
from bot.recorded.replay import Replay
from bot.release import Build
from bot.runtime.journal import Journal
from bot.runtime.telemetry import Telemetry
from bot.session import Params, Session
from tests.bench import decisions
from tests.bench.measure import BUDGET, Row
from tests.bot.fakes import FakeVenue

FRAMES = 10_000
ROUNDS = 4
BUILD = Build("1", "bench")
RECORDING = "bench.rec"


def rows() -> Iterator[Row]:
    """Microseconds of a frame; 5,000 a second are 200."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        plain, recorded = (min(times) for times in zip(*(_pair(Path(folder), n) for n in range(ROUNDS)), strict=True))
        yield Row("book message through the whole bot", plain, 200, BUDGET, "us")
        yield Row("book message through the whole bot, recorded", recorded, 200, BUDGET, "us")
        yield Row("recorded message replayed", _replay(Path(folder) / "recorded0" / RECORDING), 200, BUDGET, "us")


def _pair(folder: Path, number: int) -> tuple[float, float]:
    """Without and with a recording, one after the other, so that a neighbour slows both."""
    return _run(folder / f"plain{number}", recorded=False), _run(folder / f"recorded{number}", recorded=True)


def _run(folder: Path, recorded: bool) -> float:
    folder.mkdir()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_feed(folder, recorded)) / 1_000 / FRAMES


async def _feed(folder: Path, recorded: bool) -> float:
    """Nanoseconds of CPU for all frames."""
    clock, luck = HostClock(), random.Random(7)
    telemetry, journal = Telemetry(folder, "00c0ffee", "1", print), Journal(folder / "journal.sqlite")
    telemetry.open(clock.now())
    params = replace(decisions.params(), started=clock.now())
    recorder = _recorder(folder, params) if recorded else None
    heard = recorder.heard if recorder else None
    venue = FakeVenue(decisions.SPECS)
    engine = Engine(Session(params), Surroundings(venue, journal, telemetry, clock, print, heard))
    turning = asyncio.create_task(engine.run())
    await engine.ask(AccountRead("start", [], [], Account([], [], [], since=0)))
    markets, reader = decisions.markets(luck), decisions.Reader(clock, engine.hear)
    frames = [luck.choice(markets).frame(clock.now()) for _ in range(FRAMES)]
    begun = time.process_time_ns()
    for number, frame in enumerate(frames):
        if number % 80 == 0:
            engine.tell(Turn())
        reader.frame(frame)
        await asyncio.sleep(0)
    await engine.ask(Turn())
    took = time.process_time_ns() - begun
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)
    await engine.close()
    telemetry.close(clock.now())
    journal.close()
    return took


def _recorder(folder: Path, params: Params) -> Recorder:
    recorder = Recorder(folder / RECORDING, BUILD, print)
    recorder.begin(params)
    return recorder


def _replay(path: Path) -> float:
    again, begun = Replay(BUILD, print), time.process_time_ns()
    lines = sum(1 for _ in again.lines(path))
    assert lines > FRAMES / 10, "a run that does nothing measures nothing"
    return (time.process_time_ns() - begun) / 1_000 / again.messages
