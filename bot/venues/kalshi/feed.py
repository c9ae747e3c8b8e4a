"""One signed websocket: subscribes, counts sequence numbers, asks for snapshots, and finds out that it says nothing.

A snapshot of each book is asked for every second: it keeps a quiet market's prices young, shows that the feed lives,
and mends what a gap broke. Whoever hears it is told what came, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from bot.clock import NANOS, Clock
from bot.errors import BotError
from bot.venues import lasting
from bot.venues.kalshi import frames
from bot.venues.kalshi.frames import BUFFER_OVERFLOW, Command, Delta, Snapshot, Streamed, StreamError, Subscribed
from bot.venues.transport import Socket, Unreachable

REFRESH_S = 0.9
APART_S = 0.1
"""Snapshots are asked for so often while nothing is missed, and no closer together than that when much is."""
SUBSCRIBED_WITHIN_S = 5.0
BOOKS = "orderbook_delta"
PUBLIC, UNBOUND, OWN = ("trade",), ("market_lifecycle_v2",), ("fill", "user_orders")
"""Channels by market, channels of all markets, and those of the account."""


class Hearer(Protocol):
    """Who is told. Called from the event loop; must not block."""

    def heard(self, content: Streamed) -> bool:
        """Something of a stream; False when books must be read anew. Raises BotError when it makes no sense."""
        ...

    def missed(self) -> None:
        """Changes of books were lost; snapshots follow."""
        ...

    def unlisted(self) -> None:
        """One of the markets has no book any more; until it is known which, none is told anew."""
        ...

    def connected(self) -> None:
        """All subscriptions stand."""
        ...

    def lost(self, reason: str) -> None:
        """The connection is gone, after `connected` only."""
        ...

    def silence(self) -> str | None:
        """Why a connection that lives is worth nothing; None while it is good. Asked while connected."""
        ...


class Feed:
    """Call `run`; everything else comes by itself. `trouble` is why the last connection ended.

    `live` are the markets that have a book, which some may lose while they are watched.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Socket]],
        clock: Clock,
        live: Callable[[], Sequence[str]],
        hearer: Hearer,
        own: bool,
    ) -> None:
        self._unbound = [*UNBOUND, *(OWN if own else ())]
        self._connect, self._clock, self._hearer = connect, clock, hearer
        self._live, self._tickers = live, list[str]()
        self._awaited: set[str] = set()
        self._sid = self._seq = self._number = 0
        self._wanted = asyncio.Event()
        self.connected = False
        self.trouble = "the venue was silent"

    async def run(self) -> None:
        """Connect again and again until cancelled."""
        await lasting.keep(self._connect, self, self._clock)

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
                self._take(frames.frame(text))
            except Unreachable:
                raise
            except (msgspec.DecodeError, ValueError, BotError) as error:
                raise Unreachable(f"a frame makes no sense ({error})") from error

    async def care(self, socket: Socket) -> None:
        """See `lasting.Talk`."""
        await self._subscribe(socket)
        began = self._clock.steady()
        while True:
            await self._until_wanted()
            if not self.connected and self._clock.steady() - began > SUBSCRIBED_WITHIN_S * NANOS:
                raise Unreachable("the venue did not take all subscriptions")
            if self.connected and (reason := self._hearer.silence()) is not None:
                raise Unreachable(reason)
            if self._sid and (live := self._living()):
                wanted: dict[str, Any] = {"action": "get_snapshot", "market_tickers": live}
                await self._command(socket, "update_subscription", sid=self._sid, **wanted)
                await asyncio.sleep(APART_S)

    async def _subscribe(self, socket: Socket) -> None:
        """The venue refuses all of it for one market that it has no book of."""
        self._tickers, self._sid, self._seq = list(self._live()), 0, 0
        bound = [BOOKS, *PUBLIC] if self._tickers else []
        self._awaited = {*bound, *self._unbound}
        if bound:
            markets = {"market_tickers": self._tickers, "use_yes_price": True, "send_initial_snapshot": True}
            await self._command(socket, "subscribe", channels=bound, **markets)
        await self._command(socket, "subscribe", channels=self._unbound)

    def _living(self) -> list[str]:
        """Raises Unreachable where a market has a book that had none."""
        live = list(self._live())
        if not set(live) <= set(self._tickers):
            raise Unreachable("a market is listed again")
        return live

    async def _until_wanted(self) -> None:
        """A second, or less when a snapshot is wanted at once."""
        try:
            async with asyncio.timeout(REFRESH_S):
                await self._wanted.wait()
        except TimeoutError:
            pass
        self._wanted.clear()

    async def _command(
        self, socket: Socket, cmd: Literal["subscribe", "update_subscription"], **params: object
    ) -> None:
        self._number += 1
        await socket.send(msgspec.json.encode(Command(self._number, cmd, params)).decode())

    def _take(self, frame: frames.Frame) -> None:
        fresh = self._in_turn(frame)
        match frame.content:
            case Subscribed(channel, sid):
                self._stands(channel, sid)
            case StreamError(code=frames.MARKET_NOT_FOUND) if self.connected:
                self._hearer.unlisted()
            case StreamError(code, text):
                raise Unreachable(
                    "the venue dropped us: we read too slowly" if code == BUFFER_OVERFLOW else f"refused: {code} {text}"
                )
            case Snapshot() | Delta():
                if fresh and not self._hearer.heard(frame.content):
                    self._broken()
            case None:
                pass
            case _:
                self._hearer.heard(frame.content)

    def _in_turn(self, frame: frames.Frame) -> bool:
        """Whether something of the books is news; a gap before it makes all books wrong.

        Answers to commands about the subscription are numbered along with what it streams.
        """
        if not self._sid or frame.sid != self._sid or frame.seq is None:
            return frame.sid == self._sid
        if frame.seq <= self._seq:
            return False
        if frame.seq != self._seq + 1:
            self._broken()
        self._seq = frame.seq
        return True

    def _broken(self) -> None:
        self._hearer.missed()
        self._wanted.set()

    def _stands(self, channel: str, sid: int) -> None:
        if channel == BOOKS:
            self._sid, self._seq = sid, 0
        self._awaited.discard(channel)
        if not self._awaited and not self.connected:
            self.connected = True
            self._hearer.connected()
