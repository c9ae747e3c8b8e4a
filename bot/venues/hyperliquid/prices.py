"""Hyperliquid's public prices alone, without account or key: what paper and shadow stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.market.spec import Spec
from bot.venues.hyperliquid import listings
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.client import Questions
from bot.venues.hyperliquid.connection import Connection
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.transport import Transport
from bot.venues.market_data import Listener


class HyperliquidPrices:
    """See venues.market_data.MarketData. Closes its transport."""

    name = "hyperliquid"

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport, self._clock = transport, clock
        self._questions = Questions(transport, Budget(clock.steady))
        self._listed: dict[str, Listing] = {}
        self._connection: Connection | None = None

    @property
    def specs(self) -> Mapping[str, Spec]:
        return listings.specs(self._listed)

    async def read_specs(self) -> Mapping[str, Spec]:
        found = listings.read(await self._questions.meta())
        self._listed = self._listed or found
        return listings.specs(found)

    async def open(self, markets: Sequence[str], listener: Listener) -> None:
        await self.read_specs()
        listings.check(markets, self._listed)
        self._connection = Connection(self._transport, self._clock, self._listed, markets, listener)
        await self._connection.open()

    async def run(self) -> None:
        assert self._connection is not None, "open comes first"
        await self._connection.run()

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        await self._transport.close()
