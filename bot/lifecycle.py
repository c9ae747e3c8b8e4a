"""A run's beginning, its second-by-second care, and its end. Knows no settings and nothing of quotes.

The end is always the same: nothing of ours rests at the venue, and the venue itself was asked. A session that
cannot trust what it believes ends the run; the service manager starts a fresh one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import events, messages
from bot.clock import Clock
from bot.engine import Engine
from bot.errors import BotError
from bot.market.reports import CancelRequest
from bot.patience import patiently
from bot.runtime.heartbeat import Heart
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.scout import Scout
from bot.venues.venue import Venue

TURN_S = 1.0
FLAG_S = 0.2
"""How often the flag file is looked for: a kill switch works within the second, the cancels included."""
BREATH_S = 0.5
DRAIN_S = 9.5
"""An order without an answer may arrive until it expires: five seconds after it was sent, by clocks that differ."""
VERIFY_S = 5.0
VERIFY_AGAIN_S = 0.3


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is wired from. `flag` is the file that keeps quotes off while it exists; `heart` is for a watchdog.

    `scout` chose the markets and looks for better ones, unless the settings name them.
    """

    engine: Engine
    venue: Venue
    journal: Journal
    telemetry: Telemetry
    service: ServiceManager
    clock: Clock
    flag: Path
    say: Callable[[str], None]
    heart: Heart | None = None
    scout: Scout | None = None


class Lifecycle:
    """Call `live` once; `stop` ends it in order."""

    def __init__(self, parts: Parts, opening: Callable[[bool], Sequence[events.Event]], setting_off: bool) -> None:
        self._parts = parts
        self._engine = parts.engine
        self._opening = opening
        self._setting_off = setting_off
        self._flagged = False
        self._why = ""
        self._heart_failed = False
        self._stopping = asyncio.Event()

    def stop(self, why: str) -> None:
        """End the run; the first reason counts."""
        self._why = self._why or why
        self._stopping.set()

    async def live(self) -> int:
        """From the first event to the last; the process's exit status."""
        session = asyncio.create_task(self._engine.run(), name="session")
        tasks = [session, asyncio.create_task(self._work(), name="work")]
        stopping = asyncio.create_task(self._stopping.wait(), name="stop")
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        broken = self._broken(tasks)
        rest = await self._end(self._why or "broken", session)
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.gather(stopping, *tasks, return_exceptions=True)
        return 1 if broken or rest else 0

    async def _work(self) -> None:
        """Everything beside the session: begin, then turn, feed the watchdog and keep the connection."""
        await self._begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._turn())
            group.create_task(self._watch_flag())
            group.create_task(self._feed_watchdog())
            group.create_task(self._breathe())
            group.create_task(self._parts.venue.run())
            group.create_task(self._look_around())

    async def _begin(self) -> None:
        """Holders first, then the log's first lines, then the venue's account: nothing is quoted before."""
        parts = self._parts
        self._flagged = parts.flag.exists()
        held = {"setting": self._setting_off, "ctl": parts.journal.quotes_off(), "file": self._flagged}
        for line in self._opening(not any(held.values())):
            parts.telemetry.write(line, parts.clock.now())
        for holder in (name for name, off in held.items() if off):
            await self._engine.ask(messages.HoldQuotes(holder, off=True, source="start"))
        markets, books = self._engine.session.markets, self._engine.books
        told_of = [*markets, *(parts.scout.paid if parts.scout is not None else ())]
        await patiently(lambda: parts.venue.open(told_of, self._engine.hear), parts.clock, parts.say)
        books.tidy()
        self._beat()
        await self._engine.ask(await patiently(lambda: books.read("start"), parts.clock, parts.say))
        parts.service.ready(self._quoting(markets))

    def _quoting(self, markets: Sequence[str]) -> str:
        """What this run does, for people; one without markets says so to them."""
        venue, scout = self._parts.venue.name, self._parts.scout
        if markets or scout is None:
            return f"quoting {', '.join(markets)} on {venue}"
        self._parts.say(f"mm-bot: idle on {venue}: {scout.idle()}")
        return f"idle on {venue}: {scout.idle()}"

    async def _turn(self) -> None:
        """Once a second: a turn for the session, and a look at the log."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self._engine.tell(messages.Turn(round(max(loop.time() - due, 0.0) * 1000, 3)))
            self._parts.telemetry.inspect(self._parts.clock.now())
            due = max(due + TURN_S, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _watch_flag(self) -> None:
        while True:
            there = self._parts.flag.exists()
            if there != self._flagged:
                self._flagged = there
                self._engine.tell(messages.HoldQuotes("file", off=there, source="file"))
            await asyncio.sleep(FLAG_S)

    async def _feed_watchdog(self) -> None:
        """Without a watchdog this sleeps for ever: the run then ends by other means only."""
        pause = self._parts.service.watchdog_s / 3
        while pause:
            self._parts.service.feed(self._engine.turns)
            await asyncio.sleep(pause)
        await asyncio.Event().wait()

    async def _look_around(self) -> None:
        """End the run when others than its markets are worth quoting: those of a run stay the same."""
        scout, session = self._parts.scout, self._engine.session
        while scout is not None:
            await asyncio.sleep(scout.every_s)
            why = await scout.again(session.markets, session.positions.held())
            if why:
                self._parts.say(f"mm-bot: this run ends for one with other markets: {why}")
                self.stop("discovery")

    async def _breathe(self) -> None:
        """Tell those who cancel when the bot dies that it lives: the venue's switch, and a watchdog beside us."""
        while True:
            self._parts.venue.alive(self._engine.turns)
            self._beat()
            await asyncio.sleep(BREATH_S)

    def _beat(self) -> None:
        """A heart that cannot be written is said once; the watchdog then does what it is there for."""
        heart = self._parts.heart
        try:
            if heart is not None:
                heart.beat(self._engine.turns, self._parts.clock.now())
        except OSError as error:
            if not self._heart_failed:
                self._parts.say(f"mm-bot: the heartbeat cannot be written, a watchdog will cancel: {error}")
            self._heart_failed = True

    def _broken(self, tasks: list[asyncio.Task[None]]) -> bool:
        """Name a task that ended by itself; none is meant to."""
        broken = [task for task in tasks if task.done()]
        for task in broken[:1]:  # what follows from the first is no news
            reason = _cause(task.exception())
            told = events.InternalError(where=task.get_name(), reason=reason)
            self._parts.telemetry.write(told, self._parts.clock.now())
            self._parts.say(f"mm-bot: {task.get_name()} broke, this run ends: {reason}")
        return bool(broken)

    async def _end(self, why: str, session: asyncio.Task[None]) -> int:
        """Quotes off, cancel all, ask the venue; says how many orders still rest there."""
        parts, began = self._parts, self._parts.clock.steady()
        parts.service.stopping(f"taking quotes off ({why})")
        await self._drained(session)
        resting, forced = await self._clear_venue()
        shutdown = events.Shutdown(
            reason=why,
            cancelled=self._engine.session.cancelled_in_drain + forced,
            resting=resting,
            took_ms=round((parts.clock.steady() - began) / 1e6, 1),
        )
        parts.telemetry.write(shutdown, parts.clock.now())
        if resting == 0 and parts.heart is not None:
            parts.heart.end()
        if resting > 0:
            parts.say(f"mm-bot: {resting} orders of ours still rest at {parts.venue.name}: cancel them there")
        return resting

    async def _drained(self, session: asyncio.Task[None]) -> None:
        """Let the session take its orders off, as long as it lives and as far as it gets in time.

        Of one that broke, requests are under way that may still bring an order to the venue: they end first.
        """
        drain = asyncio.create_task(self._drain(), name="drain")
        await asyncio.wait([session, drain], timeout=DRAIN_S, return_when=asyncio.FIRST_COMPLETED)
        if not drain.done() and not session.done():
            self._parts.say("mm-bot: not every cancel was answered, asking the venue what rests")
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)
        if session.done():
            await self._engine.settled()

    async def _drain(self) -> None:
        await self._engine.ask(messages.Drain())
        await self._engine.drained()

    async def _clear_venue(self) -> tuple[int, int]:
        """What rests at the venue in the end (-1 when it would not say), and how many were cancelled here."""
        venue, seen, forced = self._parts.venue, -1, set[str]()
        problem = f"no answer within {VERIFY_S:g} s"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(VERIFY_S):
                while seen:
                    try:
                        left = [CancelRequest(order.market, order.cloid) for order in await venue.resting()]
                        seen = len(left)
                        if left:
                            forced |= {order.cloid for order in left}
                            await venue.cancel(left)
                    except BotError as error:
                        problem = _cause(error)
                        await asyncio.sleep(VERIFY_AGAIN_S)
        if seen < 0:
            self._parts.say(f"mm-bot: orders may still rest at {venue.name}, look there: {problem}")
        return seen, len(forced)


def _cause(error: BaseException | None) -> str:
    """The first error behind a group, in words if it is one of ours."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) if isinstance(error, BotError) else repr(error)
