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
from bot.venues.kalshi import numbers
from bot.venues.kalshi.account import AccountReader
from bot.venues.kalshi.board import Board
from bot.venues.kalshi.catalogue import KalshiCatalogue
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.connection import Connection
from bot.venues.kalshi.expiry import Expiry
from bot.venues.kalshi.fates import SKEW, Fates
from bot.venues.kalshi.groups import Group
from bot.venues.kalshi.life import Life
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

    Entries form a group, which Kalshi cancels when `contracts_in_15_s` of them match within 15 s.
    """

    name = "kalshi"

    def __init__(
        self, transport: Transport, key: Key, tickers: Sequence[str], clock: Clock, contracts_in_15_s: int = 1_000
    ) -> None:
        self._transport, self._clock = transport, clock
        self._client = Client(transport, key, clock, Tokens(clock.steady))
        self._questions, self._group = Questions(self._client), Group(self._client, contracts_in_15_s)
        self._catalogue = KalshiCatalogue(self._client, clock)
        self._board = Board(self._questions, tickers, clock)
        self._opened: _Opened | None = None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return self._board.specs

    async def read_specs(self) -> Mapping[str, Spec]:
        """Units are the same for all markets and times; prices, fees and the start may change under way."""
        return await self._board.read()

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        """See venues.catalogue.Catalogue."""
        if self._opened is None:
            await self._questions.learn()
        return await self._catalogue.candidates(series, also)

    async def held(self) -> set[str]:
        """See venues.catalogue.Catalogue."""
        return {one.ticker for one in await self._questions.positions() if numbers.lots(one.position_fp)}

    def narrow(self, markets: Sequence[str]) -> None:
        """See venues.catalogue.Catalogue."""
        self._board.narrow(markets)

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        board = self._board
        board.add(markets)
        await self._questions.learn()
        await board.read()
        board.check(markets)
        records = Records()
        ours = Ours(board.listed, records, sink, self._clock.now() - SKEW)
        fates, expiry = Fates(ours, self._questions, self._clock), Expiry(self._client, records, self._clock)
        trading = Trading(ours, fates, Wire(self._client), expiry, self._group, self._clock)
        account = AccountReader(board.listed, ours, self._questions, fates, expiry)
        listener = ToSink(sink)
        life = Life(self._questions, board, listener.on_relisted)
        connection = Connection(self._client, self._clock, board, markets, listener, life.changed, ours.heard)
        life.markets = connection.markets
        self._opened = _Opened(account, trading, fates, expiry, connection, life)
        if not self._group.gid:
            await self._group.make()
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
        """By the group of entries. Raises VenueUnreachable."""
        if self._group.gid:
            await self._group.hold(off)

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
