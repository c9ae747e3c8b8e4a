"""The feed of some markets, and of the account, wired to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bot.clock import Clock
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.feed import Feed
from bot.venues.kalshi.frames import FillNews, Lifecycle, OrderNews, Streamed
from bot.venues.kalshi.listings import Listing
from bot.venues.kalshi.markets import Markets
from bot.venues.market_data import Listener
from bot.venues.venue import VenueUnreachable

READY_WITHIN_S = 15.0
LOOK_S = 0.02


class Connection:
    """Tells `listener` of prices and of itself, `changed` that a market's life went on, and `ours` of the account."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        listed: Mapping[str, Listing],
        markets: Sequence[str],
        listener: Listener,
        changed: Callable[[], None],
        ours: Callable[[Streamed], None] | None = None,
    ) -> None:
        self._listener, self._ours, self._changed = listener, ours, changed
        self._names = frozenset(markets)
        self.markets = Markets(listed, markets, clock, listener)
        self._feed = Feed(client.connect, clock, markets, self, own=ours is not None)
        self._opened = False
        self._work: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Return once everything was subscribed to and each market has its prices. Raises VenueUnreachable."""
        self._work = asyncio.create_task(self._feed.run())
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not (self._opened and self.markets.complete):
                    if self._work.done():
                        self._work.result()
                    await asyncio.sleep(LOOK_S)
        except TimeoutError as error:
            raise VenueUnreachable(f"no prices within {READY_WITHIN_S:g} s: {self._feed.trouble}") from error

    async def run(self) -> None:
        """Whatever ends the feed for good ends here; the connection itself lives until `close`."""
        assert self._work is not None, "open comes first"
        await asyncio.shield(self._work)

    async def close(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    def heard(self, content: Streamed) -> bool:
        match content:
            case FillNews() | OrderNews():
                if self._ours is not None:
                    self._ours(content)
            case Lifecycle(market_ticker=market):
                if market in self._names:
                    self._changed()
            case _:
                return self.markets.heard(content)
        return True

    def missed(self) -> None:
        self.markets.missed()

    def connected(self) -> None:
        if self._opened:
            self._listener.on_back()
        self._opened = True

    def lost(self, reason: str) -> None:
        self.markets.forget()
        self._listener.on_lost(reason)

    def silence(self) -> str | None:
        self.markets.look()
        return self.markets.silence()
