"""One websocket: what waits to be written, in order, with the faults of the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from bot.venues.hyperliquid.codec import Level
from bot.venues.simulators.hyperliquid.faults import Faults
from bot.venues.simulators.hyperliquid.subscriptions import FEED, Subscription

SILENCE_S = 60.0
MOST_WAITING = 10_000


@dataclass(slots=True)
class Stream:
    """One subscription and what was sent for it last; `due` in steady seconds."""

    subscription: Subscription
    due: float = 0.0
    best: tuple[Level | None, Level | None] | None = None


@dataclass(slots=True, eq=False)
class Connection:
    """`transmit` writes one frame to the client; `cut` closes it without a word, as the venue does."""

    transmit: Callable[[str], Awaitable[None]]
    cut: Callable[[], None]
    faults: Faults
    silence_s: float
    streams: dict[Subscription, Stream] = field(default_factory=dict)
    _waiting: asyncio.Queue[tuple[bytes, float]] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _held: bytes | None = None

    def send(self, channel: str, data: object) -> None:
        """Let a frame wait for its turn; a client that does not read is cut off."""
        place = f"ws:{channel}"
        if isinstance(data, list) and self.faults.strikes("reverse", place):
            data = data[::-1]
        frame = msgspec.json.encode({"channel": channel, "data": data})
        if (channel in FEED and self.faults.strikes("frozen_feed", place)) or self.faults.strikes("drop", place):
            return
        if self.faults.strikes("disconnect", place):
            self.cut()
            return
        if self._held is None and self.faults.strikes("reorder", place):
            self._held = frame
            return
        late = self.faults.strikes("delay", place)
        copies = 2 if self.faults.strikes("duplicate", place) else 1
        frames = [frame] * copies + ([] if self._held is None else [self._held])
        self._held = None
        for one in frames:
            self._wait(one, 0.0 if late is None else late.delay_s)

    def pong(self) -> None:
        """The answer to a ping carries no data."""
        self._wait(b'{"channel":"pong"}', 0.0)

    async def write(self) -> None:
        """Write what waits, until cancelled or too long silent."""
        while True:
            try:
                async with asyncio.timeout(self.silence_s):
                    frame, delay = await self._waiting.get()
            except TimeoutError:
                self.cut()
                return
            if delay:
                await asyncio.sleep(delay)
            try:
                await self.transmit(frame.decode())
            except ConnectionError:
                return

    def _wait(self, frame: bytes, delay: float) -> None:
        try:
            self._waiting.put_nowait((frame, delay))
        except asyncio.QueueFull:
            self.cut()
