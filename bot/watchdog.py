"""`mm-bot watchdog`: a process of its own that cancels the bot's orders when the bot stops breathing.

A heartbeat file that does not change is the sign, by the watchdog's own steady clock: it compares no two clocks. No
file means that the bot ended in order or never began. Positions are left alone.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from bot.clock import NANOS, Clock
from bot.errors import RetryLater
from bot.runtime import heartbeat
from bot.runtime.heartbeat import Beat

LOOK_S = 1.0
AGAIN_S = 2.0
LATE_S = 60.0
"""A request of the dead bot may arrive late, or a human's tool may act: a swept account is looked at again."""


class Sweeper(Protocol):
    """What takes the orders off."""

    async def check(self) -> None:
        """Raises CannotStart when it could not, and RetryLater."""
        ...

    async def sweep(self) -> int:
        """Cancel what rests; how many there were. Raises RetryLater."""
        ...


class Swept(msgspec.Struct, frozen=True):
    """What is said, as one JSON line. `cancelled` orders were found resting; none does any more."""

    run: str
    silent_s: float
    cancelled: int
    action: str = "watchdog_swept"


class Failed(msgspec.Struct, frozen=True):
    """The venue could not be asked; it is tried again."""

    run: str
    silent_s: float
    reason: str
    action: str = "watchdog_failed"


@dataclass(frozen=True, slots=True)
class Params:
    """`beats` is the bot's heartbeat file, `after_s` how long it may stay as it is."""

    beats: Path
    after_s: float


class Silence:
    """How long the same beat has been there."""

    def __init__(self) -> None:
        self._beat: Beat | None = None
        self._since = 0

    def measure(self, beat: Beat | None, now: int) -> float:
        """Seconds; 0 when the beat is new or there is none. `now` in steady ns."""
        if beat is None or beat != self._beat:
            self._beat, self._since = beat, now
        return (now - self._since) / NANOS


class Watchdog:
    """`say` gets JSON lines. `run` until cancelled."""

    def __init__(self, params: Params, sweeper: Sweeper, clock: Clock, say: Callable[[str], None]) -> None:
        self._params, self._sweeper, self._clock, self._say = params, sweeper, clock, say
        self._silence = Silence()
        self._next = 0
        self._found = 0
        self._told = False
        self._refused = ""

    async def run(self) -> None:
        """Raises CannotStart when the key may not cancel: a watchdog that cannot bite must not look like one."""
        await self._checked()
        while True:
            await self._look()
            await asyncio.sleep(LOOK_S)

    async def _checked(self) -> None:
        while True:
            try:
                return await self._sweeper.check()
            except RetryLater as error:
                self._fail(heartbeat.read(self._params.beats), 0.0, str(error))
                await asyncio.sleep(AGAIN_S)

    async def _look(self) -> None:
        now = self._clock.steady()
        beat = heartbeat.read(self._params.beats)
        silent_s = self._silence.measure(beat, now)
        if beat is None or silent_s < self._params.after_s:
            self._next, self._found, self._told, self._refused = 0, 0, False, ""
            return
        if now < self._next:
            return
        self._next = now + int(AGAIN_S * NANOS)
        try:
            found = await self._sweeper.sweep()
        except RetryLater as error:
            self._fail(beat, silent_s, str(error))
            return
        self._tell(beat, silent_s, found)

    def _tell(self, beat: Beat, silent_s: float, found: int) -> None:
        """Said once none rests any more, and again only if something came later."""
        self._found += found
        if found:
            return
        self._next = self._clock.steady() + int(LATE_S * NANOS)
        if self._found or not self._told:
            self._emit(Swept(beat.run, round(silent_s, 1), self._found))
        self._told, self._found = True, 0

    def _fail(self, beat: Beat | None, silent_s: float, reason: str) -> None:
        if reason != self._refused:
            self._refused = reason
            self._emit(Failed(beat.run if beat else "", round(silent_s, 1), reason))

    def _emit(self, line: Swept | Failed) -> None:
        self._say(msgspec.json.encode(line).decode())


async def watch(watchdog: Watchdog, close: Callable[[], Awaitable[None]]) -> None:
    """Until SIGTERM or SIGINT. Raises what `run` raises."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(work) for work in (watchdog.run(), stop.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await close()
