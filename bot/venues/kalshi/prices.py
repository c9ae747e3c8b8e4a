"""Kalshi's public prices alone: what paper and shadow stand on. The venue wants a key for its stream all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from bot.clock import Clock
from bot.market.candidate import Candidate
from bot.market.spec import Spec
from bot.venues.kalshi.board import Board
from bot.venues.kalshi.catalogue import KalshiCatalogue
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.connection import Connection
from bot.venues.kalshi.life import Life
from bot.venues.kalshi.questions import Questions
from bot.venues.kalshi.signing import Key
from bot.venues.kalshi.tokens import Tokens
from bot.venues.kalshi.transport import Transport
from bot.venues.market_data import Listener


class KalshiPrices:
    """See venues.market_data.MarketData. `tickers` are the markets of `specs`. Closes its transport."""

    name = "kalshi"

    def __init__(self, transport: Transport, key: Key, tickers: Sequence[str], clock: Clock) -> None:
        self._transport, self._clock = transport, clock
        self._client = Client(transport, key, clock, Tokens(clock.steady))
        self._questions = Questions(self._client)
        self._catalogue = KalshiCatalogue(self._client, clock)
        self._board = Board(self._questions, tickers, clock)
        self._connection: Connection | None = None
        self._life: Life | None = None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return self._board.specs

    async def read_specs(self) -> Mapping[str, Spec]:
        return await self._board.read()

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        """See venues.catalogue.Catalogue."""
        if self._connection is None:
            await self._questions.learn()
        return await self._catalogue.candidates(series, also)

    async def held(self) -> set[str]:
        """See venues.catalogue.Catalogue."""
        return set()

    def narrow(self, markets: Sequence[str]) -> None:
        """See venues.catalogue.Catalogue."""
        self._board.narrow(markets)

    async def open(self, markets: Sequence[str], listener: Listener) -> None:
        self._board.add(markets)
        await self._questions.learn()
        await self._board.read()
        self._board.check(markets)
        self._life = Life(self._questions, self._board, listener.on_relisted)
        self._connection = Connection(self._client, self._clock, self._board, markets, listener, self._life.changed)
        self._life.markets = self._connection.markets
        await self._life.look()
        await self._connection.open()

    async def run(self) -> None:
        assert self._connection is not None, "open comes first"
        assert self._life is not None, "open comes first"
        async with asyncio.TaskGroup() as group:
            group.create_task(self._connection.run())
            group.create_task(self._life.run())

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        await self._transport.close()
