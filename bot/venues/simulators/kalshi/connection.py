"""One websocket: its subscriptions, and what waits to be written, in order, with the faults of the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from bot.venues.kalshi.frames import BUFFER_OVERFLOW
from bot.venues.simulators.kalshi.accounts import Account
from bot.venues.simulators.kalshi.faults import Faults

MOST_WAITING = 20_000
NUMBERED = ("orderbook_delta", "order_group_updates", "trade", "ticker")
"""Channels whose frames carry a sequence number that can be relied on, or at least that."""


@dataclass(slots=True)
class Subscription:
    """`tickers` None means every market; `yes` prices NO in dollars of YES."""

    sid: int
    channel: str
    tickers: set[str] | None
    yes: bool = False
    seq: int = 0

    def wants(self, ticker: str) -> bool:
        return self.tickers is None or ticker in self.tickers


@dataclass(slots=True, eq=False)
class Connection:
    """`transmit` writes one frame to the client; `cut` closes it without a word."""

    account: Account
    transmit: Callable[[str], Awaitable[None]]
    cut: Callable[[], None]
    faults: Faults
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    _waiting: asyncio.Queue[tuple[bytes, float]] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _held: bytes | None = None

    def reply(self, frame: object) -> None:
        """The answer to a command, which no fault touches."""
        self._wait(msgspec.json.encode(frame), 0.0)

    def confirm(self, subscription: Subscription, number: int, content: object) -> None:
        """The answer to a command about a subscription: it uses up a number of it, as every frame of it does."""
        self.reply(_numbered(subscription, {"id": number, "sid": subscription.sid, "type": "ok", "msg": content}))

    def send(self, subscription: Subscription, kind: str, content: object) -> None:
        """Let a frame of a subscription wait for its turn; its number is used up even where it is lost."""
        place, faults = f"ws:{kind}", self.faults
        frame = _numbered(subscription, {"type": kind, "sid": subscription.sid, "msg": content})
        if any(faults.strikes(name, place) for name in ("frozen_feed", "drop", "seq_gap")):
            return
        if faults.strikes("disconnect", place):
            self.cut()
            return
        if faults.strikes("overflow", place):
            self._overflow(subscription)
            return
        encoded = msgspec.json.encode(frame)
        if self._held is None and faults.strikes("reorder", place):
            self._held = encoded
            return
        late = faults.strikes("delay", place)
        frames = [encoded] * (2 if faults.strikes("duplicate", place) else 1)
        for one in [*frames, *([] if self._held is None else [self._held])]:
            self._wait(one, 0.0 if late is None else late.delay_s)
        self._held = None

    async def write(self) -> None:
        """Write what waits, until cancelled."""
        while True:
            frame, delay = await self._waiting.get()
            if delay:
                await asyncio.sleep(delay)
            try:
                await self.transmit(frame.decode())
            except ConnectionError:
                return

    def _overflow(self, subscription: Subscription) -> None:
        self.subscriptions.pop(subscription.sid, None)
        error = {"code": BUFFER_OVERFLOW, "msg": "subscription buffer overflow"}
        self.reply({"type": "error", "sid": subscription.sid, "msg": error})

    def _wait(self, frame: bytes, delay: float) -> None:
        try:
            self._waiting.put_nowait((frame, delay))
        except asyncio.QueueFull:
            self.cut()


def _numbered(subscription: Subscription, frame: dict[str, object]) -> dict[str, object]:
    if subscription.channel in NUMBERED:
        subscription.seq += 1
        frame["seq"] = subscription.seq
    return frame
