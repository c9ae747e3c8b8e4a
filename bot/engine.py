"""The loop around the session: one message at a time in, its effects carried out in order.

Calls to the venue run beside the loop and come back as messages; journal and log are written before the next
message is looked at. Decides nothing: a session that cannot go on (MustReconcile) ends the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot import messages
from bot.bookkeeping import Books
from bot.calls import Calls, Ends
from bot.clock import Clock
from bot.events import Fill
from bot.market.book import Top
from bot.market.reports import Doubted, Lost, Relisted, Settled, Trade
from bot.messages import Effect, Message
from bot.runtime.journal import Journal
from bot.runtime.telemetry import Telemetry
from bot.session import Session
from bot.venues.venue import Update, Venue


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What effects act on. `say` writes one line for people; `heard` is told what the session is about to hear."""

    venue: Venue
    journal: Journal
    telemetry: Telemetry
    clock: Clock
    say: Callable[[str], None]
    heard: Callable[[Message, int], None] | None = None


class Engine:
    """`turns` counts handled messages: the watchdog's proof of life."""

    def __init__(self, session: Session, around: Surroundings) -> None:
        self.session = session
        self.turns = 0
        self.books = Books(around.venue, around.journal, around.clock, session.specs, around.say)
        self._around = around
        self._calls = Calls(Ends(around.venue, around.clock, self.books.read, self._hear))
        self._inbox: asyncio.Queue[tuple[Message | BaseException, asyncio.Future[None] | None]] = asyncio.Queue()
        self._nothing_open = asyncio.Event()

    def tell(self, message: Message) -> None:
        """Put a message into the inbox."""
        self._hear(message)

    async def ask(self, message: Message) -> None:
        """Put a message into the inbox and wait until the session has taken it in, or broke over it."""
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((message, taken))
        await taken

    def hear(self, update: Update) -> None:
        """The venue's sink."""
        match update:
            case Top():
                self.tell(messages.BookMoved(update))
            case Trade():
                self.tell(messages.Traded(update))
            case Doubted(cloid, reason):
                self.tell(messages.OrderDoubted(cloid, reason))
            case Settled(market):
                self.tell(messages.MarketSettled(market))
            case Relisted(market):
                self.tell(messages.RulesChanged(market))
            case Lost(reason):
                self.tell(messages.ConnectionLost(reason))
            case _:
                self.tell(messages.ConnectionBack())

    async def run(self) -> None:
        """Turn until cancelled. Raises whatever the session, the journal or a call to the venue broke over."""
        while True:
            message, taken = await self._inbox.get()
            try:
                self._turn(message)
            except BaseException as error:
                if taken is not None:
                    taken.set_exception(error)
                raise
            if taken is not None and not taken.done():
                taken.set_result(None)

    async def drained(self) -> None:
        """Return once no order of ours may rest, as far as the session knows."""
        await self._nothing_open.wait()

    async def settled(self) -> None:
        """Return once nothing is under way that may change what rests: a session that broke hears no answers."""
        await self._calls.settled()

    async def close(self) -> None:
        """Give up calls that still run."""
        await self._calls.close()

    def _hear(self, message: Message | BaseException) -> None:
        self._inbox.put_nowait((message, None))

    def _turn(self, message: Message | BaseException) -> None:
        if isinstance(message, BaseException):
            raise message
        now = self._around.clock.now()
        if self._around.heard is not None:
            self._around.heard(message, now)
        try:
            for effect in self.session.handle(message, now):
                self._carry_out(effect, now)
        finally:
            self._around.telemetry.flush(now)
        self._calls.start()
        self.turns += 1
        (self._nothing_open.clear if any(self.session.orders.open()) else self._nothing_open.set)()

    def _carry_out(self, effect: Effect, now: int) -> None:
        match effect:
            case messages.Emit(event):
                self._around.telemetry.note(event, now)
                if isinstance(event, Fill):  # its trade is kept already: a crash must not come between
                    self._around.telemetry.flush(now)
            case messages.KeepTrade():
                self.books.keep_trade(effect)
            case messages.KeepPosition(market, lots, cost):
                self.books.keep_position(market, lots, cost)
            case messages.KeepStory():
                self.books.keep_story(effect)
            case messages.KeepHold(off):
                self._around.journal.keep_quotes_off(off)
            case _:
                self._calls.add(effect)
