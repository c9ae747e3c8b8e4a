"""New lines as they come: how an embedded store is tailed, in a loop of one's own and over a websocket as Loki's.

Lines come in the order in which the files gained them, so one that is late is still told. What a client is too slow to
take waits in the store's window; what has left the window by then is not told.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import WSCloseCode, web

from firedrill.logql.parse import parse
from firedrill.logql.syntax import SECOND, LogQuery, QueryError
from firedrill.store.store import Labels, Span, Stream, Streams

POLL_S = 0.2
MOST = 10
"""Tails a server answers at once, as in Loki."""
LONGEST_DELAY_S = 5


class Followed(Protocol):
    """What a store that follows its files can say of new lines; `firedrill.store.embedded` does."""

    clock: Callable[[], int]

    def logs(self, query: str, span: Span) -> Streams: ...

    def mark(self) -> int: ...

    def added(self, query: str, mark: int) -> tuple[Streams, int]: ...


@dataclass(slots=True)
class Tail:
    """One look at a store's new lines: first the last `limit` lines since `start`, then what came since.

    `delay`: each line is held back for so many nanoseconds, so that late ones can be put in front of it.
    QueryError: the query is none for lines.
    """

    store: Followed
    query: str
    start: int
    limit: int
    delay: int = 0
    _mark: int | None = None
    _told: set[tuple[int, str]] = field(default_factory=set)
    _held: deque[tuple[int, Streams]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        tree = parse(self.query)
        if not isinstance(tree, LogQuery):
            raise QueryError('only the lines of a log query such as {job="bot"} can be followed')

    def turn(self) -> Streams:
        """What is to be told now; no streams when nothing came."""
        self._held.append((self.store.clock(), self._first() if self._mark is None else self._next(self._mark)))
        due = []
        while self._held and self._held[0][0] <= self.store.clock() - self.delay:
            due.append(self._held.popleft()[1])
        return due[0] if len(due) == 1 else merged(due)

    def _first(self) -> Streams:
        """The mark is taken first: what comes meanwhile is seen twice, and told once."""
        self._mark = self.store.mark()
        latest = self.store.clock() + LONGEST_DELAY_S * SECOND
        found = self.store.logs(self.query, Span(self.start, latest, self.limit))
        self._told = {pair for stream in found.streams for pair in stream.lines}
        return Streams(tuple(Stream(one.labels, one.lines[::-1]) for one in found.streams))

    def _next(self, mark: int) -> Streams:
        found, self._mark = self.store.added(self.query, mark)
        told, self._told = self._told, set()
        if not told:
            return found
        kept = [Stream(one.labels, tuple(pair for pair in one.lines if pair not in told)) for one in found.streams]
        return Streams(tuple(one for one in kept if one.lines))


def merged(parts: list[Streams]) -> Streams:
    """One answer of several: each label set once, its lines in time order."""
    lines: dict[tuple[tuple[str, str], ...], list[tuple[int, str]]] = {}
    for stream in (stream for part in parts for stream in part.streams):
        lines.setdefault(tuple(sorted(stream.labels.items())), []).extend(stream.lines)
    ordered = (Stream(dict(key), tuple(sorted(pairs, key=lambda pair: pair[0]))) for key, pairs in lines.items())
    return Streams(tuple(ordered))


def follow(tail: Tail) -> Iterator[Streams]:
    """What comes, for ever; an answer without streams while nothing does."""
    while True:
        yield tail.turn()
        time.sleep(POLL_S)


def in_order(found: Streams) -> list[tuple[int, Labels, str]]:
    """All lines of an answer by time."""
    lines = [(at, stream.labels, line) for stream in found.streams for at, line in stream.lines]
    return sorted(lines, key=lambda one: one[0])


@dataclass(slots=True)
class Sockets:
    """The websockets of a server that tail. `in_thread` runs what asks the store."""

    in_thread: Callable[[Callable[[], Streams]], Awaitable[Streams]]
    _open: set[web.WebSocketResponse] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many there are now."""
        return len(self._open)

    async def serve(self, request: web.Request, tail: Tail) -> web.StreamResponse:
        """Sends frames in Loki's form until the client leaves."""
        if len(self._open) >= MOST:
            raise web.HTTPTooManyRequests(text=f"{MOST} tails are answered at once, and so many run already\n")
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._open.add(socket)
        leaving = asyncio.create_task(_until_closed(socket))
        try:
            while not leaving.done():
                found = await self.in_thread(tail.turn)
                if found.streams:
                    await socket.send_json(frame(found))
                await asyncio.wait([leaving], timeout=POLL_S)
        except ConnectionError:  # it left between two looks
            pass
        finally:
            self._open.discard(socket)
            leaving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await leaving
        return socket

    async def close(self, app: web.Application) -> None:
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the store is being stopped")


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


def frame(found: Streams) -> dict[str, object]:
    """One message of Loki's tail."""
    return {"streams": found.data()["result"], "dropped_entries": None}


def delay(asked: Mapping[str, str]) -> int:
    """Nanoseconds of the parameter delay_for, in seconds."""
    text = asked.get("delay_for", "0")
    if not text.isdigit() or int(text) > LONGEST_DELAY_S:
        raise ValueError(f"delay_for can't be greater than {LONGEST_DELAY_S}")
    return int(text) * SECOND
