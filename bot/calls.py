"""Calls to the venue: gathered while one message is handled, then run beside the loop, back as messages.

What a message led to goes out as one batch of each kind, cancels before replacements before sends. A call that
breaks is handed back as the error it broke over: its order would stay unanswered for ever. Decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot import messages
from bot.clock import Clock
from bot.market.reports import CancelRequest, Lookup, NewOrder, NoAnswer, Replaced, Replacement
from bot.messages import Message
from bot.venues.venue import Venue, VenueUnreachable

T = TypeVar("T")
ANSWER_WITHIN_S = 5.0
READ_WITHIN_S = 20.0
READ_AGAIN_S = 1.0
HOLD_AGAIN_S = 0.3
Call = (
    messages.Send
    | messages.CancelOrder
    | messages.Replace
    | messages.LookUp
    | messages.ReadAccount
    | messages.ReadSpecs
    | messages.HoldEntries
)


@dataclass(frozen=True, slots=True)
class Ends:
    """Where calls go and where their answers go; `read_account` puts journal and venue together for a reason."""

    venue: Venue
    clock: Clock
    read_account: Callable[[str], Awaitable[messages.AccountRead]]
    tell: Callable[[Message | BaseException], None]


class Calls:
    """`add` what one message led to, then `start`."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._cancels: list[CancelRequest] = []
        self._changes: list[Replacement] = []
        self._orders: list[NewOrder] = []
        self._questions: list[Coroutine[Any, Any, None]] = []
        self._hold: messages.HoldEntries | None = None
        self._holding: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._changing: set[asyncio.Task[None]] = set()

    def add(self, call: Call) -> None:
        """Take a call in; nothing is sent yet."""
        match call:
            case messages.Send(order):
                self._orders.append(order)
            case messages.CancelOrder(market, cloid):
                self._cancels.append(CancelRequest(market, cloid))
            case messages.Replace(old, order):
                self._changes.append(Replacement(order.market, old, order))
            case messages.LookUp(market, cloid):
                self._questions.append(self._look_up(market, cloid))
            case messages.ReadAccount(reason):
                self._questions.append(self._read_account(reason))
            case messages.ReadSpecs(reason):
                self._questions.append(self._read_specs(reason))
            case messages.HoldEntries():
                self._hold = call

    def start(self) -> None:
        """Send what was added."""
        if self._cancels:
            self._change(self._cancel(self._cancels))
            self._cancels = []
        if self._changes:
            self._change(self._replace(self._changes))
            self._changes = []
        if self._orders:
            self._change(self._place(self._orders))
            self._orders = []
        if self._hold is not None and (self._holding is None or self._holding.done()):
            self._holding = self._run(self._hold_entries())
        for question in self._questions:
            self._run(question)
        self._questions = []

    async def settled(self) -> None:
        """Return once no request that changes something at the venue is under way; each is answered, or given up."""
        if self._changing:
            await asyncio.wait(self._changing)

    async def close(self) -> None:
        """Give up calls that still run."""
        for call in self._running:
            call.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _change(self, call: Coroutine[Any, Any, None]) -> None:
        task = self._run(call)
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)

    def _run(self, call: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(call)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        broken = None if task.cancelled() else task.exception()
        if broken is not None:
            self._ends.tell(broken)

    async def _place(self, orders: Sequence[NewOrder]) -> None:
        results = await _in_time(self._ends.venue.place(orders), len(orders), _nothing)
        for order, result in zip(orders, results, strict=True):
            self._ends.tell(messages.SendAnswered(order.cloid, result))

    async def _cancel(self, orders: Sequence[CancelRequest]) -> None:
        results = await _in_time(self._ends.venue.cancel(orders), len(orders), _nothing)
        for order, result in zip(orders, results, strict=True):
            self._ends.tell(messages.CancelAnswered(order.cloid, result))

    async def _replace(self, changes: Sequence[Replacement]) -> None:
        results = await _in_time(self._ends.venue.replace(changes), len(changes), _neither)
        for change, result in zip(changes, results, strict=True):
            self._ends.tell(messages.ReplaceAnswered(change.old, change.order.cloid, result))

    async def _hold_entries(self) -> None:
        """Until the venue did what was wanted last; one request at a time, so that none overtakes another."""
        while (wanted := self._hold) is not None:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    await self._ends.venue.hold_entries(wanted.off)
            except (TimeoutError, VenueUnreachable):
                await asyncio.sleep(HOLD_AGAIN_S)
            else:
                self._hold = None if self._hold is wanted else self._hold

    async def _look_up(self, market: str, cloid: str) -> None:
        result: Lookup
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                result = await self._ends.venue.look_up(market, cloid)
        except TimeoutError:
            result = _nothing()
        self._ends.tell(messages.LookupAnswered(cloid, result))

    async def _read_account(self, reason: str) -> None:
        while True:
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    read = await self._ends.read_account(reason)
                return self._ends.tell(read)
            except (TimeoutError, VenueUnreachable):
                await asyncio.sleep(READ_AGAIN_S)

    async def _read_specs(self, reason: str) -> None:
        began = self._ends.clock.steady()
        specs = None
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                specs = dict(await self._ends.venue.read_specs())
        except (TimeoutError, VenueUnreachable):
            pass  # said by the None
        self._ends.tell(messages.SpecsRead(reason, specs, self._ends.clock.steady() - began))


async def _in_time(call: Awaitable[list[T]], count: int, without: Callable[[], T]) -> list[T]:
    """The call's results, or so many without an answer."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await call
    except TimeoutError:
        return [without() for _ in range(count)]


def _nothing() -> NoAnswer:
    return NoAnswer(f"no answer within {ANSWER_WITHIN_S:g} s")


def _neither() -> Replaced:
    return Replaced(_nothing(), _nothing())
