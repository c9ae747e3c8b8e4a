"""The simulated exchange, whatever carries it: requests in and answers out, sockets that hear and are written to.

It knows no HTTP server. `server` puts it on a port; a test may call it in its own process, on a clock of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot.clock import NANOS, Clock
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH, Key, new_pem
from bot.venues.simulators import lines
from bot.venues.simulators.kalshi import rules
from bot.venues.simulators.kalshi.accounts import Account
from bot.venues.simulators.kalshi.connection import Connection
from bot.venues.simulators.kalshi.desk import Desk
from bot.venues.simulators.kalshi.engine import Engine
from bot.venues.simulators.kalshi.evening import evening
from bot.venues.simulators.kalshi.faults import REJECT, Faults, Plan
from bot.venues.simulators.kalshi.gate import Gate
from bot.venues.simulators.kalshi.hub import Hub
from bot.venues.simulators.kalshi.life import Life, markets_of
from bot.venues.simulators.kalshi.limits import Buckets
from bot.venues.simulators.kalshi.reads import AccountReads, PublicReads
from bot.venues.simulators.kalshi.routes import NOBODY, Call, Route, find, orders_in, routes
from bot.venues.simulators.kalshi.script import Script
from bot.venues.simulators.kalshi.writes import Answer, Writes

STEP_S, HEARTBEAT_S = 0.5, 10.0
MILLIS = 1_000_000
SUFFIXES = ("5e11", "4000", "8000")


@dataclass(frozen=True, slots=True)
class Request:
    """`path` without its query; `all` holds a query's values where they repeat."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    all: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """An answer: HTTP status and JSON, which is empty for 204."""

    status: int
    body: bytes


class Simulation:
    """`step` or `run` moves it on. With `speed` scripts and token buckets go faster; the clock does not: signatures,
    expiries and all times told are the client's own time."""

    def __init__(
        self,
        clock: Clock,
        seed: int = 0,
        speed: float = 1.0,
        plan: Plan | None = None,
        script: Script | None = None,
        pem: bytes | None = None,
    ) -> None:
        self._speed = speed
        script = script or evening(seed)
        steady = _seconds(clock.steady)
        started, start = steady(), clock.now() // MILLIS
        self.faults = Faults(plan or Plan(), seed, lambda: steady() - started)
        self.pem, key_id = pem or new_pem(), _key_id(seed)
        self.key = Key(key_id, self.pem)
        account = Account(f"{random.Random(f'user {seed}').getrandbits(64):016x}")
        self.engine = Engine(
            markets_of(script, seed, start, speed), {account.name: account}, lambda: clock.now() // MILLIS
        )
        self.account, self._life, self._desk = account, Life(self.engine, script, start, speed), Desk(self.engine)
        self._gate = Gate({key_id: (self.key.public, account)}, self.engine.now)
        self._buckets, self._hub = Buckets(steady, speed), Hub(self.engine)
        reads = AccountReads(self.engine, self._buckets)
        self._routes = routes(PublicReads(self.engine, script), reads, Writes(self._desk, self.engine))
        self.step()

    async def run(self) -> None:
        """Let time pass until cancelled."""
        while True:
            await asyncio.sleep(STEP_S / self._speed)
            self.step()

    def step(self) -> None:
        """Everything that is due by the clock, one step of every crowd, and the news of it."""
        self._desk.sweep()
        self._life.step()
        self._hub.publish(self.engine.take_news())

    async def answer(self, request: Request) -> Served | None:
        """Answer a request; None where the line breaks without an answer."""
        try:
            route, call = self._admitted(request)
        except rules.Refused as refused:
            return _served(refused.status, refused.body)
        place, faults = route.place, self.faults
        if faults.strikes("drop", place):
            return None
        if faults.strikes("unavailable", place):
            return _served(503, {"error": {"code": "service_unavailable", "message": "service unavailable"}})
        status, body = self._taken(route, call)
        self._hub.publish(self.engine.take_news())
        if faults.strikes("unknown", place):
            return None
        late = faults.strikes("delay", place)
        if late is not None:
            await asyncio.sleep(late.delay_s)
        if faults.strikes("server_error", place):
            return _served(500, {"error": {"code": "internal_server_error", "message": "internal server error"}})
        return _served(status, body)

    def welcome(self, headers: Mapping[str, str]) -> Account | Served:
        """Whose websocket it would be, or why it is refused."""
        try:
            return self._gate.admit("GET", WS_PATH, headers)
        except rules.Refused as refused:
            return _served(refused.status, refused.body)

    def connected(
        self, account: Account, send: Callable[[str], Awaitable[None]], cut: Callable[[], None]
    ) -> AbstractAsyncContextManager[Connection]:
        """A websocket as long as it lives: `send` writes a frame to the client, `cut` breaks the line."""
        return lines.living(Connection(account, send, cut, self.faults), self._hub.connections)

    def hear(self, connection: Connection, text: str) -> None:
        """One frame of a client's."""
        self._hub.hear(connection, text)

    def cut_all(self) -> None:
        """Break the lines of all websockets."""
        lines.cut_all(self._hub.connections)

    def _admitted(self, request: Request) -> tuple[Route, Call]:
        """Raises Refused."""
        found = None
        if request.path.startswith(f"{REST_PREFIX}/"):
            found = find(self._routes, request.method, request.path.removeprefix(REST_PREFIX))
        if found is None:
            raise rules.not_found()
        route, names = found
        account = NOBODY
        if not route.public:
            account = self._gate.admit(request.method, request.path, request.headers)
        number = orders_in(request.body) if route.place.startswith("orders:batch") else 1
        paid = self._buckets.take(request.method, route.path, number)
        if not paid or self.faults.strikes("too_many", route.place):
            raise rules.too_many()
        return route, Call(account, names, request.query, request.all, request.body)

    def _taken(self, route: Route, call: Call) -> Answer:
        place, faults = route.place, self.faults
        refused = faults.strikes("reject", place)
        try:
            if refused is not None:
                raise rules.nested(400, refused.text or REJECT, "refused by plan")
            self._desk.later = place == "orders:create" and faults.strikes("accept_then_cancel", place) is not None
            status, body = route.answer(call)
        except rules.Refused as refusal:
            return refusal.status, refusal.body
        if (stale := faults.strikes("stale_read", place)) is not None and "order_id" in call.names:
            order = call.account.orders[call.names["order_id"]]
            order.stale_until = self.engine.now() + round(stale.delay_s * 1_000)
        if isinstance(body, msgspec.Struct) and faults.strikes("wrong_order", place):
            changed: Any = msgspec.to_builtins(body)
            return status, {**changed, "order_id": self.engine.next_id()}
        return status, body


def _served(status: int, body: object) -> Served:
    return Served(status, b"" if status == 204 else msgspec.json.encode(body))


def _key_id(seed: int) -> str:
    """A key id as the venue makes them."""
    digits = f"{random.Random(f'key {seed}').getrandbits(80):020x}"
    return "-".join((digits[:8], *SUFFIXES, digits[8:]))


def _seconds(nanos: Callable[[], int]) -> Callable[[], float]:
    return lambda: nanos() / NANOS
