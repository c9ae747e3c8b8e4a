"""Hyperliquid's perpetuals behind the Protocol of a venue: one account, one agent key, one connection.

Whoever wires it chooses the transport; everything below is the same over a network and inside a test's process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.clock import NANOS, Clock
from bot.errors import BotError
from bot.market.reports import (
    Account,
    CancelRequest,
    CancelResult,
    Lookup,
    NewOrder,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.venues.hyperliquid import listings, preflight
from bot.venues.hyperliquid.account import AccountReader
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.client import Questions, Signer
from bot.venues.hyperliquid.connection import Connection
from bot.venues.hyperliquid.dead_man import DeadMan
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.ours import Ours
from bot.venues.hyperliquid.signing import Agent, Network
from bot.venues.hyperliquid.trading import Trading
from bot.venues.hyperliquid.transport import Transport
from bot.venues.records import Records
from bot.venues.to_sink import ToSink
from bot.venues.venue import Sink, VenueUnreachable

CARE_S = 60.0
FEES_EVERY = 3_600 * NANOS
DISARM_S = 1.5


@dataclass(frozen=True, slots=True)
class _Opened:
    """What there is once the markets are known."""

    account: AccountReader
    trading: Trading
    connection: Connection


class HyperliquidVenue:
    """`account` is the address that trades, `key` its agent's and no other process's. Closes its transport.

    `say` gets sentences for the operator.
    """

    name = "hyperliquid"

    def __init__(
        self,
        transport: Transport,
        key: str,
        account: str,
        clock: Clock,
        network: Network,
        say: Callable[[str], None],
    ) -> None:
        agent = Agent(key)
        self._transport, self._clock = transport, clock
        self._budget = Budget(clock.steady)
        self._questions = Questions(transport, self._budget, account)
        self._signer = Signer(transport, self._budget, agent, network, clock)
        self._dead_man = DeadMan(self._signer, clock, say)
        self._listed: dict[str, Listing] = {}
        self._opened: _Opened | None = None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return listings.specs(self._listed)

    async def read_specs(self) -> Mapping[str, Spec]:
        """What was read first stays in force for this connection: units never change under a running session."""
        found = listings.read(await self._questions.meta())
        self._listed.update({} if self._listed else found)
        return listings.specs(found)

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        await self.read_specs()
        listings.check(markets, self._listed)
        await preflight.key(self._questions, self._signer.address)
        floor = await preflight.time(self._questions, self._clock)
        ours = Ours(self._listed, Records(), sink, floor)
        asking = self._questions, self._signer, self._budget
        self._opened = _Opened(
            AccountReader(self._listed, ours, self._questions),
            Trading(self._listed, ours, asking, self._clock),
            Connection(self._transport, self._clock, self._listed, markets, ToSink(sink), (self._questions.user, ours)),
        )
        await self._learn()
        try:
            await self._opened.connection.open()
        except VenueUnreachable:
            await self._opened.connection.close()
            raise

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._at.connection.run())
            group.create_task(self._care())

    async def close(self) -> None:
        """The dead-man switch is left armed where something may rest."""
        if self._opened is not None:
            with suppress(TimeoutError, BotError):
                async with asyncio.timeout(DISARM_S):
                    if self._dead_man.armed and not await self._opened.account.resting():
                        await self._dead_man.disarm()
            await self._opened.connection.close()
        await self._dead_man.close()
        await self._transport.close()

    def alive(self, turns: int) -> None:
        self._dead_man.alive(turns)

    async def hold_entries(self, off: bool) -> None:
        """Hyperliquid has no such switch."""

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        return await self._at.trading.place(orders)

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        return await self._at.trading.cancel(orders)

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        return await self._at.trading.replace(changes)

    async def look_up(self, market: str, cloid: str) -> Lookup:
        return await self._at.trading.look_up(market, cloid)

    async def resting(self) -> list[Resting]:
        return await self._at.account.resting()

    async def positions(self) -> list[VenuePosition]:
        return await self._at.account.positions()

    async def account(self, since: int) -> Account:
        return await self._at.account.read(since)

    @property
    def _at(self) -> _Opened:
        if self._opened is None:
            raise VenueUnreachable("there is no connection: opening it failed")
        return self._opened

    async def _care(self) -> None:
        """Learn what changes slowly; a venue that does not answer is asked again a minute later."""
        learned = self._clock.steady()
        while True:
            await asyncio.sleep(CARE_S)
            if self._budget.low or self._clock.steady() - learned > FEES_EVERY:
                with suppress(VenueUnreachable):
                    await self._learn()
                    learned = self._clock.steady()

    async def _learn(self) -> None:
        limit = await self._questions.rate_limit()
        self._budget.learn(limit.nRequestsUsed, limit.nRequestsCap)
        await self._at.account.read_fees()
