"""A websocket that is connected again whenever it ends, with pauses that grow. Knows nothing of what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.clock import NANOS, Clock
from bot.venues.transport import Socket, Unreachable
from bot.venues.venue import VenueUnreachable

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 15.0
READY_WITHIN_S = 15.0
LOOK_S = 0.05
HEALTHY_S = 30.0
"""A connection that lived so long makes the next pause short again: venues take so many new ones a minute."""


class Talk(Protocol):
    """What is said on one connection; both ways end by an error, Unreachable for one that is mended by a new one."""

    async def read(self, socket: Socket) -> None:
        """Take in frames."""
        ...

    async def care(self, socket: Socket) -> None:
        """Subscribe, then see to it that the connection is worth its name."""
        ...

    def ended(self, reason: str) -> None:
        """The connection is gone, or there was none."""
        ...


class Feed(Protocol):
    """What connects again and again; `trouble` is why the last connection ended."""

    trouble: str

    async def run(self) -> None:
        """Until cancelled."""
        ...


class Work:
    """A feed at work from `open` to `close`."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._task: asyncio.Task[None] | None = None

    async def open(self, ready: Callable[[], bool]) -> None:
        """Begin, and return once it is `ready`. Raises VenueUnreachable."""
        self._task = asyncio.create_task(self._feed.run())
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not ready():
                    if self._task.done():
                        self._task.result()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError as error:
            raise VenueUnreachable(f"no prices within {READY_WITHIN_S:g} s: {self._feed.trouble}") from error

    async def run(self) -> None:
        """Whatever ends the feed for good ends here; the connection itself lives until `close`."""
        assert self._task is not None, "open comes first"
        await asyncio.shield(self._task)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def keep(connect: Callable[[], Awaitable[Socket]], talk: Talk, clock: Clock) -> None:
    """Connect again and again until cancelled."""
    failures = 0
    while True:
        began = clock.steady()
        talk.ended(await _live(connect, talk))
        failures = 0 if clock.steady() - began > HEALTHY_S * NANOS else failures + 1
        await asyncio.sleep(min(FIRST_PAUSE_S * 2 ** max(failures - 1, 0), LONGEST_PAUSE_S))


async def _live(connect: Callable[[], Awaitable[Socket]], talk: Talk) -> str:
    """One connection from its beginning to its end; why it ended."""
    try:
        socket = await connect()
    except Unreachable as error:
        return str(error)
    tasks = [asyncio.create_task(work) for work in (talk.read(socket), talk.care(socket))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await socket.close()
    ended = next(iter(done)).exception()
    if not isinstance(ended, Unreachable):
        raise ended or AssertionError("reading and caring end by an error only")
    return str(ended)
