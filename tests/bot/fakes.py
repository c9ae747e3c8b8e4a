"""Hand-written stand-ins for the edges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.market.reports import (
    Accepted,
    Account,
    Cancelled,
    CancelRequest,
    CancelResult,
    Lookup,
    NeverSeen,
    NewOrder,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.venues.venue import Sink, VenueUnreachable
from tests.bot.builders import SPECS


class FakeClock:
    """A clock that moves when told to."""

    def __init__(self, now: int = 1_795_000_000 * 1_000_000_000) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def steady(self) -> int:
        return self._now

    def advance(self, nanos: int) -> None:
        self._now += nanos


class FakeVenue:
    """A venue that answers as scripted; `account` and `resting` are empty unless given."""

    name = "fake"

    def __init__(self, specs: Mapping[str, Spec] = SPECS) -> None:
        self._specs = specs
        self.on_place: Callable[[NewOrder], Awaitable[SendResult]] = _accept
        self.on_cancel: Callable[[str], Awaitable[CancelResult]] = _cancel
        self.on_run: Callable[[], Awaitable[None]] = asyncio.Event().wait  # type: ignore[assignment]
        self.at_venue: list[Resting] = []
        self.unreachable = False
        self.turns: list[int] = []
        self.entries_off: list[bool] = []
        self.cancelled: list[str] = []
        self.sink: Sink = lambda update: None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return self._specs

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        self.sink = sink

    async def run(self) -> None:
        await self.on_run()

    async def close(self) -> None:
        pass

    async def read_specs(self) -> Mapping[str, Spec]:
        return self._specs

    def alive(self, turns: int) -> None:
        self.turns.append(turns)

    async def hold_entries(self, off: bool) -> None:
        if self.unreachable:
            raise VenueUnreachable("no route")
        self.entries_off.append(off)

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        return [await self.on_place(order) for order in orders]

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        return [await self._cancel(order.cloid) for order in orders]

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        return [Replaced(await self._cancel(c.old), await self.on_place(c.order)) for c in changes]

    async def _cancel(self, cloid: str) -> CancelResult:
        self.cancelled.append(cloid)
        self.at_venue = [resting for resting in self.at_venue if resting.cloid != cloid]
        return await self.on_cancel(cloid)

    async def look_up(self, market: str, cloid: str) -> Lookup:
        return NeverSeen()

    async def resting(self) -> list[Resting]:
        if self.unreachable:
            raise VenueUnreachable("no route")
        return list(self.at_venue)

    async def positions(self) -> list[VenuePosition]:
        return []

    async def account(self, since: int) -> Account:
        return Account([], [], [], since)


async def _accept(order: NewOrder) -> SendResult:
    return Accepted("1")


async def _cancel(cloid: str) -> CancelResult:
    return Cancelled()
