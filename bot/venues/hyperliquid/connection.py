"""The feed of some markets, and of an account where there is one, wired to whoever listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.clock import Clock
from bot.venues.hyperliquid.codec import Streamed
from bot.venues.hyperliquid.feed import Feed, Subscription
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.markets import Markets, subscriptions
from bot.venues.hyperliquid.ours import Ours
from bot.venues.hyperliquid.transport import Transport
from bot.venues.lasting import Work
from bot.venues.market_data import Listener


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
        feed = Feed(transport, clock, wishes, self)
        self._opened = False
        self._work = Work(feed)

    async def open(self) -> None:
        """Return once everything was subscribed to and each market has its prices. Raises VenueUnreachable."""
        await self._work.open(lambda: self._opened and self._markets.complete)

    async def run(self) -> None:
        """Until the feed ends for good, which it does by an error only."""
        await self._work.run()

    async def close(self) -> None:
        await self._work.close()

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
