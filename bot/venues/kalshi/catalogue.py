"""The open markets of a few series with their best prices: what could be traded, from questions that anybody may ask.

Their listing has prices too, but does not say of when; the books are asked for where it has a price on both sides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from bot.clock import Clock
from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.candidate import Candidate
from bot.market.contract import Contract
from bot.market.fees import DOLLAR, UnknownFees
from bot.market.units import NO_LOTS, Lots, Ticks
from bot.venues.kalshi import codec, listings, numbers
from bot.venues.kalshi.client import Client, QuestionRefused
from bot.venues.kalshi.questions import PAGE, Questions
from bot.venues.kalshi.spec import contract_of, fees_of, spec_of

BOOKS, TICKERS, EVENTS = 100, 200, 200
"""So many of each are asked for at once."""
NOT_LISTED = 404
Best = tuple[Ticks | None, Lots]
NOTHING: Best = (None, NO_LOTS)


class _Book(msgspec.Struct, frozen=True):
    ticker: str
    orderbook_fp: codec.Levels


class _Books(msgspec.Struct, frozen=True):
    """GET /markets/orderbooks."""

    orderbooks: list[_Book]


class _Events(msgspec.Struct, frozen=True):
    """A page of GET /events; the last has an empty cursor."""

    events: list[codec.Event]
    cursor: str = ""


class KalshiCatalogue:
    """See venues.catalogue.Catalogue."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock, self._questions = client, clock, Questions(client)
        self._series: dict[str, codec.Series] = {}
        self._events: dict[str, codec.Event] = {}

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        found: dict[str, codec.Market] = {}
        for one in series:
            await self._learn_series(one)
            await self._learn_events(one)
            found |= {market.ticker: market for market in await self._open(one)}
        found |= {market.ticker: market for market in await self._named([one for one in also if one not in found])}
        await self._learn_others(found.values())
        books = await self._books([market.ticker for market in found.values() if _has_two_sides(market)])
        return [self._candidate(market, books.get(market.ticker)) for market in found.values()]

    async def _open(self, series: str) -> list[codec.Market]:
        """All of them, page by page."""
        pages = await self._client.pages(codec.Markets, "/markets", series_ticker=series, status="open", limit=PAGE)
        return [market for page in pages for market in page.markets]

    async def _named(self, tickers: Sequence[str]) -> list[codec.Market]:
        """Those of these that are listed, in whatever state."""
        found = list[codec.Market]()
        for wanted in _parts(tickers, TICKERS):
            found += await self._questions.markets(wanted)
        return found

    async def _books(self, tickers: Sequence[str]) -> dict[str, codec.Levels]:
        found = dict[str, codec.Levels]()
        for wanted in _parts(tickers, BOOKS):
            answer = await self._client.ask(_Books, "/markets/orderbooks", tickers=wanted)
            found |= {book.ticker: book.orderbook_fp for book in answer.orderbooks}
        return found

    async def _learn_series(self, series: str) -> None:
        """What it charges. Raises CannotStart."""
        try:
            self._series[series] = await self._questions.series(series)
        except QuestionRefused as error:
            if error.refusal.status != NOT_LISTED:
                raise
            raise CannotStart(f"KALSHI_SERIES: Kalshi lists no series {series}") from error

    async def _learn_events(self, series: str) -> None:
        """Those that are open, with fees of their own where they have such."""
        pages = await self._client.pages(_Events, "/events", series_ticker=series, status="open", limit=EVENTS)
        self._events |= {event.event_ticker: event for page in pages for event in page.events}

    async def _learn_others(self, markets: Iterable[codec.Market]) -> None:
        """Events that are open no more, of markets that were asked for."""
        for event in dict.fromkeys(market.event_ticker for market in markets):
            if event not in self._events:
                self._events[event] = await self._questions.event(event)
            series = self._events[event].series_ticker
            if series not in self._series:
                await self._learn_series(series)

    def _contract(self, market: codec.Market) -> Contract | None:
        event = self._events[market.event_ticker]
        try:
            return contract_of(market, event.series_ticker, fees_of(self._series[event.series_ticker], event))
        except UnknownFees:
            return None

    def _candidate(self, market: codec.Market, book: codec.Levels | None) -> Candidate:
        (bid, bids), (ask, asks) = (NOTHING, NOTHING) if book is None else _best(book)
        return Candidate(
            spec=spec_of(market, self._contract(market)),
            top=Top(market.ticker, bid, ask, self._clock.now(), bids, asks),
            trades=market.status in listings.OPEN,
            settled=market.status in listings.SETTLED,
        )


def _best(book: codec.Levels) -> tuple[Best, Best]:
    """Best bid and ask of YES; an ask of it is a bid of NO at a dollar less."""
    yes, no = (
        max(((numbers.ticks(price), numbers.lots(count)) for price, count in leg), default=None)
        for leg in (book.yes_dollars, book.no_dollars)
    )
    return yes or NOTHING, NOTHING if no is None else (Ticks(DOLLAR - no[0]), no[1])


def _has_two_sides(market: codec.Market) -> bool:
    return numbers.ticks(market.yes_bid_dollars) > 0 and numbers.ticks(market.yes_ask_dollars) < DOLLAR


def _parts(tickers: Sequence[str], most: int) -> list[Sequence[str]]:
    return [tickers[start : start + most] for start in range(0, len(tickers), most)]
