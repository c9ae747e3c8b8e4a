"""The bot of a schedule: everything that `mm-bot run` wires, on the in-memory way to the exchange, killed as asked.

A run that ends is started again, as a service manager does. Journal and event log stay where they are.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot import events, messages, readiness
from bot.app import UNDER_WAY
from bot.engine import Engine, Surroundings
from bot.errors import BotError
from bot.lifecycle import Lifecycle, Parts
from bot.messages import Effect, Message
from bot.patience import patiently
from bot.runtime import heartbeat
from bot.runtime.heartbeat import Heart
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.session import Params, Session
from bot.venues.venue import Venue
from tests.bot.schedules.eyes import Exchange
from tests.bot.schedules.plans import Schedule
from tests.bot.venues.in_memory import Client
from tests.bot.virtual_time import VirtualClock

AGAIN_S = 2.0
RUN: ContextVar[int] = ContextVar("RUN", default=0)


@dataclass(slots=True)
class Run:
    """One process's life."""

    transport: Client
    venue: Venue
    engine: Engine
    telemetry: Telemetry
    life: Lifecycle


@dataclass(slots=True)
class Bot:
    """`keep` runs it until it was told to stop; `exits` are the ends of its runs, killed ones left out."""

    schedule: Schedule
    folder: Path
    clock: VirtualClock
    exchange: Exchange
    run: Run | None = None
    exits: list[str] = field(default_factory=list)
    runs: int = 0
    _task: asyncio.Task[int] | None = None
    _away_s: float = AGAIN_S
    _stopping: bool = False
    _looking: asyncio.Task[None] | None = None
    _tasks: defaultdict[int, set[asyncio.Task[Any]]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        asyncio.get_running_loop().set_task_factory(self._started)

    async def keep(self) -> None:
        """Start it, and again whenever it ended without being told to."""
        while not self._stopping:
            self._away_s = AGAIN_S
            self._task = asyncio.create_task(self._live())
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                error = self._task.exception()
                self.exits.append(f"status {self._task.result()}" if error is None else repr(error))
                self.exchange.notes.note(f"bot: ended, {self.exits[-1]}")
                if error is not None and not isinstance(error, BotError):
                    raise error
                if self._stopping:
                    return
            self.run = None
            await asyncio.sleep(self._away_s)

    async def kill(self, away_s: float) -> None:
        """As kill -9 does: what was sent is on its way, nothing more is heard of it. It stays away so long."""
        if self.run is None or self._task is None or self._task.done():
            return
        self.exchange.notes.note("bot: killed")
        self._away_s = away_s
        await self.run.transport.sever()
        for task in (self._task, *self._tasks[self.runs]):
            task.cancel()

    def switch(self, off: bool) -> None:
        """What an operator does with `mm-bot ctl quotes`."""
        if self.run is not None:
            self.run.engine.tell(messages.HoldQuotes("ctl", off=off, source="ctl"))

    def look(self) -> None:
        """What `mm-bot ctl positions` asks."""
        if self.run is not None:
            context = Context()
            context.run(RUN.set, self.runs)
            self._looking = asyncio.create_task(self._look(self.run.venue), context=context)

    async def _look(self, venue: Venue) -> None:
        with suppress(BotError):
            await venue.positions()

    def stop(self) -> None:
        self._stopping = True
        if self.run is not None:
            self.run.life.stop("schedule")

    def reasons(self) -> list[str]:
        """Why it is not ready."""
        if self.run is None:
            return ["not running"]
        return readiness.reasons(self.run.engine.session, self.run.telemetry, self.clock.now())

    def events(self) -> Iterator[dict[str, Any]]:
        """Every line of its log, of all runs."""
        for path in sorted((self.folder / "log").glob("events-*.jsonl")):
            yield from map(json.loads, path.read_text().splitlines())

    def counts(self) -> Counter[str]:
        return Counter(event["action"] for event in self.events())

    def journal(self) -> tuple[dict[str, Decimal], int]:
        """Positions and the number of fills on disk."""
        with sqlite3.connect(self.folder / "journal.sqlite") as db:
            rows = db.execute("SELECT market, size FROM positions").fetchall()
            (fills,) = db.execute("SELECT count(*) FROM fills").fetchone()
        db.close()
        return {market: Decimal(size) for market, size in rows if Decimal(size)}, int(fills)

    async def _live(self) -> int:
        self.runs += 1
        RUN.set(self.runs)
        async with AsyncExitStack() as stack:
            self.run = await self._assembled(stack)
            if self._stopping:
                self.run.life.stop("schedule")
            try:
                return await self.run.life.live()
            finally:
                if not self.run.transport.severed:
                    await self.run.engine.close()
                    await self.run.venue.close()

    def _started(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], *, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """Know which tasks are a run's, so that all of them can be killed."""
        task = asyncio.Task(work, loop=loop, context=context)
        owned = self._tasks[(copy_context() if context is None else context).get(RUN, 0)]
        owned.add(task)
        task.add_done_callback(owned.discard)
        return task

    async def _assembled(self, stack: AsyncExitStack) -> Run:
        clock, name = self.clock, f"{self.schedule.seed % 0x10000:04x}{self.runs:04x}"
        (self.folder / "log").mkdir(exist_ok=True)
        telemetry = Telemetry(self.folder / "log", name, "schedule", self._say)
        telemetry.open(clock.now())
        stack.callback(lambda: telemetry.close(clock.now()))
        journal = Journal(self.folder / "journal.sqlite")
        stack.callback(journal.close)
        transport = self.exchange.client()
        venue = self.exchange.venue(transport, self._say)
        specs = await patiently(venue.read_specs, clock, self._say)
        pulse = self.folder / heartbeat.NAME
        params = Params(
            run=name,
            venue=venue.name,
            specs=specs,
            markets=self.schedule.markets,
            started=clock.now(),
            others_until=heartbeat.acts_until(pulse, clock.now(), UNDER_WAY),
        )
        session = _Overheard(self.exchange.params(params), self.exchange)
        engine = Engine(session, Surroundings(venue, journal, telemetry, clock, self._say))
        flag, service, heart = self.folder / "quotes.off", ServiceManager({}, 1), Heart(pulse, name)
        parts = Parts(engine, venue, journal, telemetry, service, clock, flag, self._say, heart)
        return Run(transport, venue, engine, telemetry, Lifecycle(parts, _opening, setting_off=False))

    def _say(self, line: str) -> None:
        self.exchange.notes.note(f"bot says: {line}")


class _Overheard(Session):
    """A session whose wishes the exchange's eyes see before they are sent."""

    def __init__(self, params: Params, exchange: Exchange) -> None:
        super().__init__(params)
        self._exchange = exchange

    def handle(self, message: Message, now: int) -> list[Effect]:
        effects = super().handle(message, now)
        for effect in effects:
            if isinstance(effect, messages.Send | messages.Replace):
                self._exchange.sends(self, effect.order, now)
            elif isinstance(effect, messages.Emit):
                self._exchange.says(self, effect.event)
        if isinstance(message, messages.Turn):
            self._exchange.turns(self, now)
        return effects


def _opening(quoting: bool) -> list[events.Event]:
    return [events.Startup(mode="live", venue="schedule", commit="x", markets=[], quotes_enabled=quoting)]
