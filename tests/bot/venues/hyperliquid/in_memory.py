"""The way to a simulated exchange inside this process: the same Protocols as over a network, latency included.

A request once sent arrives although its sender was killed; frames of a socket keep their order, requests do not.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from bot.venues.simulators.hyperliquid.simulation import Served, Simulation
from bot.venues.transport import Answer, Unreachable


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
class Network:
    """What lies between: one for an exchange, whoever connects. `watch` is called after each action taken."""

    simulation: Simulation
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    weather: Weather = field(default_factory=Weather)
    watch: Callable[[], None] = lambda: None
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    def latency(self, path: str = "/ws") -> float:
        may = self.weather.slow_chance and path.startswith(self.weather.slow_path)
        slow = may and self.chance.random() < self.weather.slow_chance
        return self.chance.uniform(*(self.weather.slow_s if slow else self.weather.fast_s))

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Work that goes on whatever becomes of who began it."""
        task = asyncio.create_task(work, context=contextvars.Context())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def torn(self) -> bool:
        return bool(self.weather.torn_chance) and self.chance.random() < self.weather.torn_chance

    async def request(self, path: str, body: bytes, torn: bool) -> Served | None:
        """There and back."""
        await asyncio.sleep(self.chance.uniform(*self.weather.slow_s) if torn else self.latency(path))
        if path == "/exchange":
            served = await self.simulation.exchange(body)
            self.watch()
        else:
            served = await self.simulation.info(body)
        await asyncio.sleep(self.latency(path))
        return served

    async def close(self) -> None:
        """End what is still under way."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)


class InMemorySocket:
    """One websocket's end at the client."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._down_at = self._up_at = 0.0
        self._closed = False
        self._line = network.start(self._serve())

    async def send(self, text: str) -> None:
        if self._closed:
            raise Unreachable("the socket is closed")
        self._up_at = max(self._up_at, self._loop.time() + self._network.latency())
        self._loop.call_at(self._up_at, self._outbox.put_nowait, text)

    async def receive(self) -> str:
        frame = None if self._closed else await self._inbox.get()
        if frame is None:
            self._closed = True
            self._inbox.put_nowait(None)
            raise Unreachable("the socket is closed")
        return frame

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._inbox.put_nowait(None)
            self._outbox.put_nowait(None)

    async def _serve(self) -> None:
        """The exchange's end: until the client leaves or the exchange cuts the line."""
        async with self._network.simulation.connected(self._transmit, self._cut) as connection:
            while (text := await self._outbox.get()) is not None:
                self._network.simulation.hear(connection, text)
        self._arrive(None)

    async def _transmit(self, text: str) -> None:
        self._arrive(text)

    def _cut(self) -> None:
        self._outbox.put_nowait(None)

    def _arrive(self, frame: str | None) -> None:
        self._down_at = max(self._down_at, self._loop.time() + self._network.latency())
        self._loop.call_at(self._down_at, self._inbox.put_nowait, frame)


class InMemory:
    """One client's transport. `sever` is the end of that client: nothing of it is heard again, nor does it hear."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._sockets: list[InMemorySocket] = []
        self.severed = False

    async def post(self, path: str, body: bytes) -> Answer:
        await self._alive()
        torn = self._network.torn()
        answer = self._network.start(self._network.request(path, body, torn))
        served = None if torn else await asyncio.shield(answer)
        await self._alive()
        if served is None:
            raise Unreachable("the connection was closed without an answer")
        return Answer(served.status, served.body)

    async def connect(self) -> InMemorySocket:
        await self._alive()
        await asyncio.sleep(self._network.latency())
        if self._network.simulation.crowded:
            raise Unreachable("the exchange refused one more socket")
        socket = InMemorySocket(self._network)
        self._sockets.append(socket)
        return socket

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.close()

    async def sever(self) -> None:
        self.severed = True
        await self.close()

    async def _alive(self) -> None:
        if self.severed:
            await asyncio.get_running_loop().create_future()
