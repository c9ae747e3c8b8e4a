"""The loop around the session: one message at a time in, its effects carried out in order.

Calls to the venue run beside the loop and come back as messages; journal and log are written before the next
message is looked at. Decides nothing: a session that cannot go on (MustReconcile) ends the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bot import messages
from bot.clock import Clock
from bot.market.book import Top
from bot.market.position import Holding
from bot.market.reports import Lookup, NewOrder, NoAnswer, Trade
from bot.market.units import Lots
from bot.messages import Effect, Message
from bot.runtime.journal import Fill, Journal, Position
from bot.runtime.telemetry import Telemetry
from bot.session import Session
from bot.venues.venue import Venue

ANSWER_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What effects act on."""

    venue: Venue
    journal: Journal
    telemetry: Telemetry
    clock: Clock


class Engine:
    """`turns` counts handled messages: the watchdog's proof of life."""

    def __init__(self, session: Session, around: Surroundings) -> None:
        self.session = session
        self.turns = 0
        self._around = around
        self._inbox: asyncio.Queue[tuple[Message | BaseException, asyncio.Future[None] | None]] = asyncio.Queue()
        self._calls: set[asyncio.Task[None]] = set()
        self._nothing_open = asyncio.Event()

    def tell(self, message: Message) -> None:
        """Put a message into the inbox."""
        self._inbox.put_nowait((message, None))

    async def ask(self, message: Message) -> None:
        """Put a message into the inbox and wait until the session has taken it in, or broke over it."""
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((message, taken))
        await taken

    def hear(self, update: Top | Trade) -> None:
        """The venue's sink."""
        self.tell(messages.BookMoved(update) if isinstance(update, Top) else messages.Traded(update))

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

    def _turn(self, message: Message | BaseException) -> None:
        if isinstance(message, BaseException):
            raise message
        now = self._around.clock.now()
        try:
            for effect in self.session.handle(message, now):
                self._carry_out(effect, now)
        finally:
            self._around.telemetry.flush(now)
        self.turns += 1
        (self._nothing_open.clear if any(self.session.orders.open()) else self._nothing_open.set)()

    async def drained(self) -> None:
        """Return once no order of ours may rest, as far as the session knows."""
        await self._nothing_open.wait()

    async def close(self) -> None:
        """Give up calls that still run."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _carry_out(self, effect: Effect, now: int) -> None:
        match effect:
            case messages.Emit(event):
                self._around.telemetry.note(event, now)
            case messages.Send(order):
                self._start(self._send(order))
            case messages.CancelOrder(market, cloid):
                self._start(self._cancel(market, cloid))
            case messages.LookUp(market, cloid):
                self._start(self._look_up(market, cloid))
            case messages.KeepTrade(trade, lots, cost):
                position = self._position(trade.market, lots, cost)
                self._around.journal.keep_fill(self._fill(trade), position)
            case messages.KeepPosition(market, lots, cost):
                self._around.journal.keep_position(self._position(market, lots, cost))
            case messages.KeepHold(off):
                self._around.journal.keep_quotes_off(off)

    def _start(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._called)

    def _called(self, task: asyncio.Task[None]) -> None:
        """A call that broke breaks the loop: its order would stay unanswered for ever."""
        self._calls.discard(task)
        broken = None if task.cancelled() else task.exception()
        if broken is not None:
            self._inbox.put_nowait((broken, None))

    async def _send(self, order: NewOrder) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                result = await self._around.venue.place(order)
        except TimeoutError:
            result = NoAnswer(f"no answer within {ANSWER_WITHIN_S:g} s")
        self.tell(messages.SendAnswered(order.cloid, result))

    async def _cancel(self, market: str, cloid: str) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                result = await self._around.venue.cancel(market, cloid)
        except TimeoutError:
            result = NoAnswer(f"no answer within {ANSWER_WITHIN_S:g} s")
        self.tell(messages.CancelAnswered(cloid, result))

    async def _look_up(self, market: str, cloid: str) -> None:
        result: Lookup
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                result = await self._around.venue.look_up(market, cloid)
        except TimeoutError:
            result = NoAnswer(f"no answer within {ANSWER_WITHIN_S:g} s")
        self.tell(messages.LookupAnswered(cloid, result))

    def _position(self, market: str, lots: int, cost: int) -> Position:
        spec = self.session.params.specs[market]
        held = Holding(Lots(lots), cost)
        vwap = None if held.vwap is None else _text(held.vwap * Fraction(spec.tick))
        return Position(market, str(lots * spec.lot), str(cost * spec.unit_value), vwap)

    def _fill(self, trade: Trade) -> Fill:
        spec = self.session.params.specs[trade.market]
        price, size = str(trade.ticks * spec.tick), str(trade.lots * spec.lot)
        return Fill(trade.tid, trade.market, trade.side, price, size, trade.cloid, trade.fee, trade.at)


def _text(value: Fraction) -> str:
    """Twelve decimals are finer than any tick."""
    return f"{round(Decimal(value.numerator) / Decimal(value.denominator), 12):f}"
