"""One websocket kept alive: subscribes, pings, finds out that it is dead or says nothing, and connects again.

Whoever hears it is told what came, in order, and when all subscriptions stand or are gone. Knows no prices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from bot.clock import NANOS, Clock
from bot.venues import lasting
from bot.venues.hyperliquid import codec
from bot.venues.hyperliquid.codec import Streamed, Subscribed, UserFills
from bot.venues.hyperliquid.transport import Transport
from bot.venues.transport import Socket, Unreachable

PING_S = 25.0
LOOK_S = 1.0
SUBSCRIBED_WITHIN_S = 5.0
PING = '{"method":"ping"}'
ALREADY = "Already subscribed"


class Subscription(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent to subscribe; its type says which of the rest counts."""

    type: str
    coin: str = ""
    user: str = ""
    fast: bool = False


class _Subscribe(msgspec.Struct, frozen=True):
    subscription: Subscription
    method: str = "subscribe"


class Hearer(Protocol):
    """Who is told. Called from the event loop; must not block."""

    def heard(self, content: Streamed) -> None:
        """Something of a stream that was subscribed to. Raises ValueError when it makes no sense."""
        ...

    def connected(self) -> None:
        """All subscriptions stand, and what the venue tells of the past was heard."""
        ...

    def lost(self, reason: str) -> None:
        """The connection is gone, after `connected` only."""
        ...

    def silence(self) -> str | None:
        """Why a connection that lives is worth nothing; None while it is good. Asked while connected."""
        ...


class Feed:
    """Call `run`; everything else comes by itself. `trouble` is why the last connection ended."""

    def __init__(self, transport: Transport, clock: Clock, wishes: Sequence[Subscription], hearer: Hearer) -> None:
        self._transport, self._clock, self._hearer = transport, clock, hearer
        self._wishes = tuple(wishes)
        self._awaited = 0
        self.connected = False
        self.trouble = "the venue was silent"

    async def run(self) -> None:
        """Connect again and again until cancelled."""
        await lasting.keep(self._transport.connect, self, self._clock)

    def ended(self, reason: str) -> None:
        """See `lasting.Talk`."""
        self.trouble = reason
        if self.connected:
            self.connected = False
            self._hearer.lost(reason)

    async def read(self, socket: Socket) -> None:
        """See `lasting.Talk`."""
        while True:
            text = await socket.receive()
            try:
                channel, content = codec.frame(text)
                if content is not None:
                    self._take(channel, content)
            except (msgspec.DecodeError, ValueError) as error:
                raise Unreachable(f"a frame makes no sense ({error})") from error

    async def care(self, socket: Socket) -> None:
        """Subscribe, then see to it that the connection is worth its name."""
        histories = sum(wish.type == "userFills" for wish in self._wishes)
        self._awaited = len(self._wishes) + histories
        for wish in self._wishes:
            await socket.send(msgspec.json.encode(_Subscribe(wish)).decode())
        steady = self._clock.steady
        began = pinged = steady()
        while True:
            await asyncio.sleep(LOOK_S)
            if not self.connected and steady() - began > SUBSCRIBED_WITHIN_S * NANOS:
                raise Unreachable("the venue did not take all subscriptions")
            if self.connected and (reason := self._hearer.silence()) is not None:
                raise Unreachable(reason)
            if steady() - pinged >= PING_S * NANOS:
                pinged = steady()
                await socket.send(PING)

    def _take(self, channel: str, content: Streamed) -> None:
        match content:
            case Subscribed(method="subscribe"):
                self._stands()
            case Subscribed():
                pass
            case str() if channel == "error":
                if not content.startswith(ALREADY):
                    raise Unreachable(f"the venue refused: {content[:200]}")
            case UserFills(isSnapshot=True):
                self._hearer.heard(content)
                self._stands()
            case _:
                self._hearer.heard(content)

    def _stands(self) -> None:
        """One of the answers that make a connection whole."""
        self._awaited -= 1
        if self._awaited == 0 and not self.connected:
            self.connected = True
            self._hearer.connected()
