"""Kalshi's event contracts behind the Protocol of a venue: one account, one key, a list of markets.

Whoever wires it chooses the transport; everything below is the same over a network and inside a test's process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import BotError
from bot.market.candidate import Candidate
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
from bot.venues.kalshi import listings
from bot.venues.kalshi.account import AccountReader
from bot.venues.kalshi.catalogue import KalshiCatalogue
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.connection import Connection
from bot.venues.kalshi.expiry import Expiry
from bot.venues.kalshi.fates import SKEW, Fates
from bot.venues.kalshi.groups import Group
from bot.venues.kalshi.life import Life
from bot.venues.kalshi.listings import Listing
from bot.venues.kalshi.ours import Ours
from bot.venues.kalshi.questions import Questions
from bot.venues.kalshi.signing import Key
from bot.venues.kalshi.tokens import Tokens
from bot.venues.kalshi.trading import Trading
from bot.venues.kalshi.transport import Transport
from bot.venues.kalshi.wire import Wire
from bot.venues.records import Records
from bot.venues.to_sink import ToSink
from bot.venues.venue import Sink, VenueUnreachable

CLOSE_S = 1.5


@dataclass(frozen=True, slots=True)
class _Opened:
    """What there is once the markets are known."""

    account: AccountReader
    trading: Trading
    fates: Fates
    expiry: Expiry
    connection: Connection
    life: Life


class KalshiVenue:
    """`tickers` are the markets of `specs`. Closes its transport.

    With `contracts_in_15_s` our orders form a group, which Kalshi cancels when more of them match within 15 s.
    """

    name = "kalshi"

    def __init__(
        self, transport: Transport, key: Key, tickers: Sequence[str], clock: Clock, contracts_in_15_s: int = 0
    ) -> None:
        self._transport, self._clock, self._limit = transport, clock, contracts_in_15_s
        self._tickers = list(tickers)
        self._client = Client(transport, key, clock, Tokens(clock.steady))
        self._questions, self._group = Questions(self._client), Group(self._client)
        self._catalogue = KalshiCatalogue(self._client, clock)
        self._listed: dict[str, Listing] = {}
        self._opened: _Opened | None = None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return listings.specs(self._listed)

    async def read_specs(self) -> Mapping[str, Spec]:
        """Units are the same for all markets and times; prices and the least size may change under way."""
        found = listings.read(await self._questions.markets(self._tickers))
        self._listed.update(found)
        return listings.specs(found)

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        """See venues.catalogue.Catalogue."""
        if self._opened is None:
            await self._questions.learn()
        return await self._catalogue.candidates(series, also)

    def narrow(self, markets: Sequence[str]) -> None:
        """See venues.catalogue.Catalogue."""
        self._tickers = list(markets)

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        self._tickers += [market for market in markets if market not in self._tickers]
        await self._questions.learn()
        await self.read_specs()
        listings.check(markets, self._listed)
        records = Records()
        ours = Ours(self._listed, records, sink, self._clock.now() - SKEW)
        fates, expiry = Fates(ours, self._questions, self._clock), Expiry(self._client, records, self._clock)
        trading = Trading(ours, fates, Wire(self._client), expiry, self._clock)
        account = AccountReader(self._listed, ours, self._questions, fates, expiry)
        life = Life(self._questions, self.read_specs)
        connection = Connection(
            self._client, self._clock, self._listed, markets, ToSink(sink), life.changed, ours.heard
        )
        life.markets = connection.markets
        self._opened = _Opened(account, trading, fates, expiry, connection, life)
        if self._limit and not self._group.gid:
            await self._group.make(self._limit)
        trading.group = self._group.gid
        await life.look()
        try:
            await connection.open()
        except VenueUnreachable:
            await connection.close()
            raise

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._at.connection.run())
            group.create_task(self._at.life.run())

    async def close(self) -> None:
        """What may still rest expires by itself. The group takes its orders along, so it goes where nothing rests."""
        if self._opened is not None:
            with suppress(TimeoutError, BotError):
                async with asyncio.timeout(CLOSE_S):
                    if self._group.gid and not await self._opened.account.resting():
                        await self._group.delete()
            await self._opened.expiry.close()
            await self._opened.connection.close()
        await self._transport.close()

    def alive(self, turns: int) -> None:
        if self._opened is not None:
            self._opened.expiry.alive(turns)

    async def hold_entries(self, off: bool) -> None:
        """By the order group; without one there is nothing to hold. Raises VenueUnreachable."""
        if self._group.gid:
            await (self._group.trigger() if off else self._group.reset())

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        return await self._at.trading.place(orders)

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        return await self._at.trading.cancel(orders)

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        return await self._at.trading.replace(changes)

    async def look_up(self, market: str, cloid: str) -> Lookup:
        return await self._at.fates.look_up(market, cloid)

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
