"""A run's beginning, its second-by-second care, and its end. Knows no settings and nothing of quotes.

The end is always the same: nothing of ours rests at the venue, and the venue itself was asked. A session that
cannot trust what it believes ends the run; the service manager starts a fresh one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot import events, messages
from bot.clock import NANOS, Clock
from bot.engine import Engine
from bot.errors import RetryLater
from bot.market.spec import Spec
from bot.runtime.journal import Journal, Position
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.venues.venue import Venue

TURN_S = 1.0
DRAIN_S = 2.5
VERIFY_S = 1.5
OVERLAP = 60 * NANOS
FIRST_LOOK_BACK = 86_400 * NANOS


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is wired from. `flag` is the file that keeps quotes off while it exists."""

    engine: Engine
    venue: Venue
    journal: Journal
    telemetry: Telemetry
    service: ServiceManager
    clock: Clock
    flag: Path
    say: Callable[[str], None]


class Lifecycle:
    """Call `live` once; `stop` ends it in order."""

    def __init__(self, parts: Parts, startup: Callable[[bool], events.Startup], setting_off: bool) -> None:
        self._parts = parts
        self._engine = parts.engine
        self._startup = startup
        self._setting_off = setting_off
        self._flagged = False
        self._why = ""
        self._stopping = asyncio.Event()

    def stop(self, why: str) -> None:
        """End the run; the first reason counts."""
        self._why = self._why or why
        self._stopping.set()

    async def live(self) -> int:
        """From the first event to the last; the process's exit status."""
        tasks = [asyncio.create_task(self._engine.run(), name="session")]
        await self._begin()
        tasks += [
            asyncio.create_task(self._turn(), name="turn"),
            asyncio.create_task(self._feed_watchdog(), name="watchdog"),
        ]
        stopping = asyncio.create_task(self._stopping.wait(), name="stop")
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        defect = self._defect(tasks)
        rest = await self._end(self._why or "defect", alive=not tasks[0].done())
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)
        return 1 if defect or rest else 0

    async def _begin(self) -> None:
        """Holders first, then the log's first line, then the venue's account: nothing is quoted before."""
        parts = self._parts
        self._flagged = parts.flag.exists()
        held = {"setting": self._setting_off, "ctl": parts.journal.quotes_off(), "file": self._flagged}
        parts.telemetry.write(self._startup(not any(held.values())), parts.clock.now())
        for holder in (name for name, off in held.items() if off):
            await self._engine.ask(messages.HoldQuotes(holder, off=True, source="start"))
        await parts.venue.open(self._engine.session.markets, self._engine.hear)
        await self._engine.ask(await self._read_account())
        parts.service.ready(f"quoting {', '.join(self._engine.session.markets)} on {parts.venue.name}")

    async def _read_account(self) -> messages.AccountRead:
        journal, now = self._parts.journal, self._parts.clock.now()
        last = journal.last_fill_at()
        since = now - FIRST_LOOK_BACK if last is None else last - OVERLAP
        account = await self._parts.venue.account(since)
        specs = self._engine.session.params.specs
        kept = [_believed(position, specs[position.market]) for position in journal.positions()]
        return messages.AccountRead("start", kept, journal.tids_since(since), account)

    async def _turn(self) -> None:
        """Once a second: a turn for the session, a look at the flag file and at the log."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._engine.tell(messages.Turn(round(max(loop.time() - due, 0.0) * 1000, 3)))
            self._poll_flag()
            self._parts.telemetry.inspect(self._parts.clock.now())
            due = max(due + TURN_S, loop.time())
            await asyncio.sleep(due - loop.time())

    def _poll_flag(self) -> None:
        there = self._parts.flag.exists()
        if there != self._flagged:
            self._flagged = there
            self._engine.tell(messages.HoldQuotes("file", off=there, source="file"))

    async def _feed_watchdog(self) -> None:
        """Without a watchdog this sleeps for ever: the run then ends by other means only."""
        pause = self._parts.service.watchdog_s / 3
        while pause:
            self._parts.service.feed(self._engine.turns)
            await asyncio.sleep(pause)
        await asyncio.Event().wait()

    def _defect(self, tasks: list[asyncio.Task[None]]) -> bool:
        """Name a task that ended by itself; none is meant to."""
        broken = [task for task in tasks if task.done()]
        for task in broken:
            reason = repr(task.exception())
            now = self._parts.clock.now()
            self._parts.telemetry.write(events.InternalError(where=task.get_name(), reason=reason), now)
            self._parts.say(f"mm-bot: task {task.get_name()} broke: {reason}; ending this run")
        return bool(broken)

    async def _end(self, why: str, alive: bool) -> int:
        """Quotes off, cancel all, ask the venue; says how many orders still rest there."""
        parts, began = self._parts, self._parts.clock.steady()
        parts.service.stopping(f"taking quotes off ({why})")
        if alive:
            await self._drain()
        resting, forced = await self._clear_venue()
        shutdown = events.Shutdown(
            reason=why,
            cancelled=self._engine.session.cancelled_in_drain + forced,
            resting=resting,
            took_ms=round((parts.clock.steady() - began) / 1e6, 1),
        )
        parts.telemetry.write(shutdown, parts.clock.now())
        if resting:
            parts.say(f"mm-bot: {resting} orders of ours still rest at {parts.venue.name}: cancel them there")
        return resting

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._engine.ask(messages.Drain())
                await self._engine.drained()
        except TimeoutError:
            self._parts.say(f"mm-bot: cancels not all answered within {DRAIN_S:g} s, asking the venue")

    async def _clear_venue(self) -> tuple[int, int]:
        """What rests at the venue in the end (-1 when it would not say), and how many were cancelled here."""
        venue, forced = self._parts.venue, 0
        try:
            async with asyncio.timeout(VERIFY_S):
                for order in await venue.resting():
                    await venue.cancel(order.market, order.cloid)
                    forced += 1
                return len(await venue.resting()), forced
        except (TimeoutError, RetryLater) as error:
            self._parts.say(f"mm-bot: {venue.name} did not say what rests there: {error!r}")
            return -1, forced


def _believed(position: Position, spec: Spec) -> messages.JournalPosition:
    cost = round(Decimal(position.cost) / spec.unit_value)
    return messages.JournalPosition(position.market, spec.lots(Decimal(position.size)), cost)
