"""What can be asked of Kalshi. Each may raise VenueUnreachable; pages are read to their end."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import CannotStart
from bot.venues.kalshi import codec
from bot.venues.kalshi.client import Client, QuestionRefused

PAGE = 1_000
SECOND = 1_000_000_000


class Questions:
    """Of everybody, and of the account whose key signs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def learn(self) -> None:
        """Read what the account may ask and do; raises CannotStart when the venue refuses the key."""
        try:
            limits = await self._client.ask(codec.Limits, "/account/limits")
        except QuestionRefused as error:
            if error.refusal.status in (401, 403):
                raise CannotStart(f"Kalshi refuses the key or the clock: {error.refusal}") from error
            raise
        costs = await self._client.ask(codec.EndpointCosts, "/account/endpoint_costs")
        self._client.tokens.learn(limits, costs)

    async def markets(self, tickers: Sequence[str]) -> list[codec.Market]:
        """Those of these that the venue lists."""
        if not tickers:
            return []
        wanted = ",".join(tickers)
        return (await self._client.ask(codec.Markets, "/markets", tickers=wanted, limit=PAGE)).markets

    async def event(self, ticker: str) -> codec.Event:
        return (await self._client.ask(codec.EventAnswer, f"/events/{ticker}", "/events/{event_ticker}")).event

    async def series(self, ticker: str) -> codec.Series:
        return (await self._client.ask(codec.SeriesAnswer, f"/series/{ticker}", "/series/{series_ticker}")).series

    async def status(self) -> codec.ExchangeStatus:
        return await self._client.ask(codec.ExchangeStatus, "/exchange/status")

    async def order(self, oid: str) -> codec.Order:
        """One alone, which may lag behind: good for what never changes."""
        path, listed = f"/portfolio/orders/{oid}", "/portfolio/orders/{order_id}"
        return (await self._client.ask(codec.OrderAnswer, path, listed)).order

    async def orders(self, ticker: str = "", status: str = "", since: int = 0) -> list[codec.Order]:
        """Of one market or all; made at or after `since` (ns)."""
        pages = await self._client.pages(
            codec.Orders, "/portfolio/orders", ticker=ticker, status=status, min_ts=since // SECOND or "", limit=PAGE
        )
        return [order for page in pages for order in page.orders]

    async def fills(self, since: int) -> list[codec.Fill]:
        """Trades of the account from the second of `since` (ns) on, in no order."""
        pages = await self._client.pages(codec.Fills, "/portfolio/fills", min_ts=since // SECOND or "", limit=PAGE)
        return [fill for page in pages for fill in page.fills]

    async def settlements(self, since: int) -> list[codec.Settlement]:
        """Payouts to the account from the second of `since` (ns) on, in no order."""
        pages = await self._client.pages(
            codec.Settlements, "/portfolio/settlements", min_ts=since // SECOND or "", limit=PAGE
        )
        return [settlement for page in pages for settlement in page.settlements]

    async def positions(self) -> list[codec.Position]:
        pages = await self._client.pages(codec.Positions, "/portfolio/positions", limit=PAGE)
        return [position for page in pages for position in page.market_positions]
