"""The feed of some markets, and of an account where there is one, wired to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.venues.hyperliquid.codec import Streamed
from bot.venues.hyperliquid.feed import Feed, Subscription
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.markets import Markets, subscriptions
from bot.venues.hyperliquid.ours import Ours
from bot.venues.hyperliquid.transport import Transport
from bot.venues.market_data import Listener
from bot.venues.venue import VenueUnreachable

READY_WITHIN_S = 15.0
LOOK_S = 0.05


class Connection:
    """Tells `listener` of prices and of the connection itself, `ours` of the account at `user`."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        listed: Mapping[str, Listing],
        markets: Sequence[str],
        listener: Listener,
        account: tuple[str, Ours] | None = None,
    ) -> None:
        self._listener = listener
        self._markets = Markets(listed, markets, clock, listener)
        self._ours = None if account is None else account[1]
        wishes = subscriptions(markets)
        if account is not None:
            wishes += [Subscription("orderUpdates", user=account[0]), Subscription("userFills", user=account[0])]
        self._feed = Feed(transport, clock, wishes, self)
        self._opened = False
        self._work: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Return once everything was subscribed to and each market has its prices. Raises VenueUnreachable."""
        self._work = asyncio.create_task(self._feed.run())
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not (self._opened and self._markets.complete):
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

    def heard(self, content: Streamed) -> None:
        if not self._markets.heard(content) and self._ours is not None:
            self._ours.heard(content)

    def connected(self) -> None:
        self._markets.begin()
        if self._opened:
            self._listener.on_back()
        self._opened = True

    def lost(self, reason: str) -> None:
        self._markets.forget()
        self._listener.on_lost(reason)

    def silence(self) -> str | None:
        return self._markets.silence()
