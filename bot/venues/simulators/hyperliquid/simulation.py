"""The simulated exchange, whatever carries it: bodies in and answers out, sockets that hear and are written to.

It knows no HTTP server. `server` puts it on a port; a test may call it in its own process, on a clock of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import msgspec

from bot.clock import NANOS, Clock
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators import lines
from bot.venues.simulators.hyperliquid import accounts, market
from bot.venues.simulators.hyperliquid.connection import SILENCE_S, Connection
from bot.venues.simulators.hyperliquid.engine import Engine
from bot.venues.simulators.hyperliquid.faults import Faults, Plan
from bot.venues.simulators.hyperliquid.gate import MALFORMED, Asked, Gate, Malformed
from bot.venues.simulators.hyperliquid.hub import CONNECTIONS, Hub
from bot.venues.simulators.hyperliquid.info import Info, Unknown
from bot.venues.simulators.hyperliquid.limits import Weight, weight_of_answer, weight_of_info
from bot.venues.simulators.hyperliquid.schedule import Funding, fire
from bot.venues.simulators.tape import Tape

STEP_S = 0.3
MILLIS = 1_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """An answer: HTTP status, body, and whether the body is JSON."""

    status: int
    body: bytes
    json: bool = True


NONSENSE = Served(422, MALFORMED.encode(), json=False)
TOO_MANY = Served(429, b"null")


class Simulation:
    """`step` or `run` moves it on. With `speed` prices, funding and budgets go faster; the clock does not: nonces and
    deadlines are the client's own time. `tapes` are markets that play what was recorded, by name."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        speed: float = 1.0,
        plan: Plan | None = None,
        tapes: Mapping[str, Tape] | None = None,
    ) -> None:
        self._speed, self.silence_s = speed, SILENCE_S
        self.keys = accounts.seeded(seed)
        steady = _seconds(clock.steady)
        started = steady()
        self.faults = Faults(plan or Plan(), seed, lambda: steady() - started)
        agents = {Agent(key).address: k.account.address for k in self.keys for key in (k.agent_key, k.watchdog_key)}
        markets = market.universe(seed, tapes, round(STEP_S * NANOS))
        self.engine = Engine(markets, (key.account for key in self.keys), lambda: clock.now() // MILLIS)
        self._gate, self._info = Gate(self.engine, agents, self.faults, speed), Info(self.engine, agents)
        self._hub = Hub(self.engine, self._info, self._posted, steady, speed)
        self._weight, self._funding = Weight(steady, speed), Funding(self.engine, speed)
        self.step()

    async def run(self) -> None:
        """Blow the weather until cancelled."""
        while True:
            await asyncio.sleep(STEP_S / self._speed)
            self.step()

    def step(self) -> None:
        """One step of every market, then all that is due by the clock."""
        for one in self.engine.markets.values():
            if not one.listing.delisted:
                self.engine.blow(one)
        fire(self.engine)
        self._funding.pay()
        self._publish()
        self._hub.beat()

    async def info(self, body: bytes) -> Served | None:
        """Answer a POST to /info; None where the line breaks without an answer."""
        try:
            question = self._info.read(body)
        except Unknown:
            return NONSENSE
        place = f"info:{question.type}"
        if not self._weight.take(weight_of_info(question.type)) or self.faults.strikes("too_many", place):
            return TOO_MANY
        if self.faults.strikes("drop", place):
            return None
        answer = self._info.answer(question)
        self._weight.add(weight_of_answer(question.type, answer))
        served = Served(200, msgspec.json.encode(answer))
        await self._linger(place)
        return served

    async def exchange(self, body: bytes) -> Served | None:
        """Answer a POST to /exchange; None where the line breaks without an answer."""
        try:
            asked = self._gate.read(body)
        except Malformed:
            return NONSENSE
        place = asked.place
        if not self._weight.take(asked.weight) or self.faults.strikes("too_many", place):
            return TOO_MANY
        if self.faults.strikes("drop", place):
            return None
        reply = self._taken(asked)
        if self.faults.strikes("unknown", place):
            return None
        await self._linger(place)
        return Served(200, msgspec.json.encode(reply))

    @property
    def crowded(self) -> bool:
        """Whether one more websocket would be one too many."""
        return len(self._hub.connections) >= CONNECTIONS

    def connected(
        self, send: Callable[[str], Awaitable[None]], cut: Callable[[], None]
    ) -> AbstractAsyncContextManager[Connection]:
        """A websocket as long as it lives: `send` writes a frame to the client, `cut` breaks the line."""
        return lines.living(Connection(send, cut, self.faults, self.silence_s), self._hub.connections)

    def hear(self, connection: Connection, text: str) -> None:
        """One frame of a client's."""
        self._hub.hear(connection, text)

    def cut_all(self) -> None:
        """Break the lines of all websockets."""
        lines.cut_all(self._hub.connections)

    def _publish(self) -> None:
        self._hub.publish(self.engine.take_news())

    def _taken(self, asked: Asked) -> object:
        """The reply to an action; what it set in motion is told at once, also where the reply is lost."""
        reply = self._gate.answer(asked)
        self._publish()
        self._hub.beat()
        return reply

    def _posted(self, kind: str, body: bytes) -> object:
        """The same over a socket; None where the line breaks."""
        try:
            if kind == "action":
                asked = self._gate.read(body)
                reply = None if self.faults.strikes("drop", asked.place) else self._taken(asked)
                lost = reply is None or self.faults.strikes("unknown", asked.place)
                return None if lost else {"type": "action", "payload": reply}
            question = self._info.read(body)
        except (Malformed, Unknown):
            return {"type": "error", "payload": MALFORMED}
        return {"type": "info", "payload": {"type": question.type, "data": self._info.answer(question)}}

    async def _linger(self, place: str) -> None:
        late = self.faults.strikes("delay", place)
        if late is not None:
            await asyncio.sleep(late.delay_s)


def _seconds(nanos: Callable[[], int]) -> Callable[[], float]:
    return lambda: nanos() / NANOS
