"""The feed of some markets, and of the account, wired to whoever listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.venues.kalshi.board import Board
from bot.venues.kalshi.client import Client
from bot.venues.kalshi.feed import Feed
from bot.venues.kalshi.frames import EventFees, FillNews, Lifecycle, OrderNews, Streamed
from bot.venues.kalshi.markets import Markets
from bot.venues.lasting import Work
from bot.venues.market_data import Listener

NEW_PRICES = "price_level_structure_updated"


class Connection:
    """Tells `listener` of prices and of itself, `changed` that something of a market did, and `ours` of the account."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        board: Board,
        markets: Sequence[str],
        listener: Listener,
        changed: Callable[[], None],
        ours: Callable[[Streamed], None] | None = None,
    ) -> None:
        self._listener, self._ours, self._changed = listener, ours, changed
        self._names, self._charges = frozenset(markets), board.charges
        self.markets = Markets(board.listed, markets, clock, listener)
        feed = Feed(client.connect, clock, self.markets.live, self, own=ours is not None)
        self._opened = False
        self._work = Work(feed)

    async def open(self) -> None:
        """Return once everything was subscribed to and each market has its prices. Raises VenueUnreachable."""
        await self._work.open(lambda: self._opened and self.markets.complete)

    async def run(self) -> None:
        """Until the feed ends for good, which it does by an error only."""
        await self._work.run()

    async def close(self) -> None:
        await self._work.close()

    def heard(self, content: Streamed) -> bool:
        match content:
            case FillNews() | OrderNews():
                if self._ours is not None:
                    self._ours(content)
            case Lifecycle(market_ticker=market, event_type=kind):
                if market in self._names:
                    self._changed()
                    if kind == NEW_PRICES:
                        self._listener.on_relisted(market)
            case EventFees(event_ticker=event):
                if self._charges.forget(event):
                    self._changed()
            case _:
                return self.markets.heard(content)
        return True

    def missed(self) -> None:
        self.markets.missed()

    def unlisted(self) -> None:
        self._changed()

    def connected(self) -> None:
        if self._opened:
            self._listener.on_back()
            self._changed()  # whatever was said of a market meanwhile was said to nobody
        self._opened = True

    def lost(self, reason: str) -> None:
        self.markets.forget()
        self._listener.on_lost(reason)

    def silence(self) -> str | None:
        self.markets.look()
        return self.markets.silence()
