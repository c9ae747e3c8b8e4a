"""The way to a simulated exchange inside this process, latency included; each venue has its own requests on it.

A request once sent arrives although its sender was killed; frames of a socket keep their order, requests do not.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bot.venues.transport import Answer, Unreachable

T = TypeVar("T")
Hear = Callable[[str], None]


class Served(Protocol):
    """What an exchange answers."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Weather:
    """Seconds a message takes one way; now and then one takes `slow_s` instead, if its path is of `slow_path`.

    `torn_chance`: how often the client's line breaks at once, while its request goes the slow way and arrives.
    """

    fast_s: tuple[float, float] = (0.002, 0.06)
    slow_s: tuple[float, float] = (0.5, 3.0)
    slow_chance: float = 0.0
    slow_path: str = "/"
    torn_chance: float = 0.0


@dataclass(slots=True)
class Lines:
    """What lies between: one for an exchange, whoever connects. `watch` is called after each action taken."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))
    weather: Weather = field(default_factory=Weather)
    watch: Callable[[], None] = lambda: None
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    def latency(self, path: str = "/ws") -> float:
        may = self.weather.slow_chance and path.startswith(self.weather.slow_path)
        slow = may and self.chance.random() < self.weather.slow_chance
        return self.chance.uniform(*(self.weather.slow_s if slow else self.weather.fast_s))

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that goes on whatever becomes of who began it."""
        task = asyncio.create_task(work, context=contextvars.Context())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def torn(self) -> bool:
        return bool(self.weather.torn_chance) and self.chance.random() < self.weather.torn_chance

    async def there_and_back(self, path: str, ask: Callable[[], Awaitable[T]], torn: bool, acts: bool) -> T:
        """`acts` is whether the exchange may be another one afterwards."""
        await asyncio.sleep(self.chance.uniform(*self.weather.slow_s) if torn else self.latency(path))
        served = await ask()
        if acts:
            self.watch()
        await asyncio.sleep(self.latency(path))
        return served

    async def close(self) -> None:
        """End what is still under way."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


class Wire(Protocol):
    """Both directions of a socket at the exchange's end: `transmit` one frame to the client, `cut` the line."""

    async def transmit(self, text: str) -> None: ...

    def cut(self) -> None: ...


class _Way:
    """One direction of a socket: what comes out is late, but in order. None is the end."""

    def __init__(self, lines: Lines) -> None:
        self._lines, self._loop = lines, asyncio.get_running_loop()
        self._under_way: deque[str | None] = deque()
        self._arrived: asyncio.Queue[str | None] = asyncio.Queue()
        self._at = 0.0

    def send(self, frame: str | None) -> None:
        self._at = max(self._at, self._loop.time() + self._lines.latency())
        self._under_way.append(frame)
        self._loop.call_at(self._at, self._arrive)  # timers of one moment fire in any order

    async def receive(self) -> str | None:
        return await self._arrived.get()

    def end(self) -> None:
        """Now, whatever is under way."""
        self._arrived.put_nowait(None)

    def _arrive(self) -> None:
        self._arrived.put_nowait(self._under_way.popleft())


class InMemorySocket:
    """One websocket's end at the client. `answered` is the exchange's end while it lives: it hears frames."""

    def __init__(self, lines: Lines, answered: Callable[[Wire], AbstractAsyncContextManager[Hear]]) -> None:
        self._answered = answered
        self._up, self._down = _Way(lines), _Way(lines)
        self._closed = False
        self._line = lines.start(self._serve())

    async def send(self, text: str) -> None:
        if self._closed:
            raise Unreachable("the socket is closed")
        self._up.send(text)

    async def receive(self) -> str:
        frame = None if self._closed else await self._down.receive()
        if frame is None:
            self._closed = True
            self._down.end()
            raise Unreachable("the socket is closed")
        return frame

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._down.end()
            self._up.end()

    async def transmit(self, text: str) -> None:
        """See Wire."""
        self._down.send(text)

    def cut(self) -> None:
        """See Wire."""
        self._up.end()

    async def _serve(self) -> None:
        """The exchange's end: until the client leaves or the exchange cuts the line."""
        async with self._answered(self) as hear:
            while (text := await self._up.receive()) is not None:
                hear(text)
        self._down.send(None)


class Client:
    """One client's transport. `sever` is the end of that client: nothing of it is heard again, nor does it hear."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._sockets: list[InMemorySocket] = []
        self.severed = False

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.close()

    async def sever(self) -> None:
        self.severed = True
        await self.close()

    async def _ask(self, path: str, ask: Callable[[], Awaitable[Served | None]], acts: bool) -> Answer:
        """Raises Unreachable where the line breaks; never returns to a client that was severed."""
        await self._alive()
        torn = self._lines.torn()
        answer = self._lines.start(self._lines.there_and_back(path, ask, torn, acts))
        served = None if torn else await asyncio.shield(answer)
        await self._alive()
        if served is None:
            raise Unreachable("the connection was closed without an answer")
        return Answer(served.status, served.body)

    def _connected(self, answered: Callable[[Wire], AbstractAsyncContextManager[Hear]]) -> InMemorySocket:
        socket = InMemorySocket(self._lines, answered)
        self._sockets.append(socket)
        return socket

    async def _alive(self) -> None:
        if self.severed:
            await asyncio.get_running_loop().create_future()
