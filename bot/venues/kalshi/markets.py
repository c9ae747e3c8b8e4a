"""From the streams of the markets to best prices, prints and depth.

A market that does not trade now has no prices for the core: nothing can be quoted on it, whatever its book shows. One
that is over has no book either; that it has no prices is said all the same, for its silence is no trouble.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.clock import NANOS, Clock
from bot.market.book import Top
from bot.market.units import NO_LOTS, Lots, Side, Ticks
from bot.venues.kalshi import numbers
from bot.venues.kalshi.frames import Delta, PublicTrade, Snapshot, Streamed
from bot.venues.kalshi.listings import MILLI, Listing
from bot.venues.market_data import Depth, Levels, Listener, Print

SILENT_AFTER = 5 * NANOS
KNOWN_PRINTS = 2_000
Half = dict[Ticks, Lots]
Best = tuple[Ticks | None, Lots]
Bests = tuple[Best, Best]


@dataclass(slots=True)
class _Book:
    """Prices of YES; `whole` from a snapshot until something was missed. `heard` is the last snapshot (steady ns).

    `told` are the best prices as they were last told, with their sizes.
    """

    heard: int
    halves: dict[Side, Half] = field(default_factory=lambda: {"bid": {}, "ask": {}})
    whole: bool = False
    known: bool = False
    told: Bests | None = None

    @property
    def bests(self) -> Bests:
        return self.best("bid"), self.best("ask")

    def best(self, side: Side) -> Best:
        half = self.halves[side]
        if not half:
            return None, NO_LOTS
        ticks = max(half) if side == "bid" else min(half)
        return ticks, half[ticks]

    def levels(self, side: Side) -> Levels:
        return tuple(sorted(self.halves[side].items(), reverse=side == "bid"))


class Markets:
    """Call `heard` for each frame; `listener` is told what it means. `listed` may change under it."""

    def __init__(self, listed: Mapping[str, Listing], markets: Sequence[str], clock: Clock, listener: Listener) -> None:
        self._listed, self._clock, self._listener = listed, clock, listener
        self._books = {market: _Book(clock.steady()) for market in markets}
        self._prints: dict[str, None] = {}
        self._stamp = 0
        self._shut: set[str] = set()
        self._settled: set[str] = set()
        self.paused = False

    def forget(self) -> None:
        """Nothing is known of any book."""
        self._books = {market: _Book(self._clock.steady()) for market in self._books}

    def missed(self) -> None:
        """Something was lost on the way: no book is whole until its next snapshot."""
        for book in self._books.values():
            book.whole = False

    @property
    def complete(self) -> bool:
        return all(book.known for market, book in self._books.items() if not self._listed[market].over)

    @property
    def waiting(self) -> bool:
        """Whether some market does not trade, and what it paid is not known."""
        return bool(self._shut - self._settled)

    def live(self) -> list[str]:
        """Those that have a book."""
        return [market for market in self._books if not self._listed[market].over]

    def silence(self) -> str | None:
        """The market of which no snapshot came for too long, in words."""
        now = self._clock.steady()
        for market, book in self._books.items():
            if now - book.heard > SILENT_AFTER and not self._listed[market].over:
                return f"no news of {market} for {(now - book.heard) / NANOS:.1f} s"
        return None

    def look(self) -> None:
        """Tell of markets that begin or cease to trade by the clock or by what was said of them, and of payouts."""
        for market, book in self._books.items():
            listing, trades = self._listed[market], self._trades(market)
            if listing.over or ((book.whole if trades else book.known) and trades == (market in self._shut)):
                self._tell(market)
            if listing.payout is not None and market not in self._settled:
                self._settled.add(market)
                self._listener.on_settled(market, listing.payout)

    def heard(self, content: Streamed) -> bool:
        """Take in what a stream said; False when a book is broken and wants a snapshot. Raises BadNumber."""
        match content:
            case Snapshot(market_ticker=market) if market in self._books:
                self._on_snapshot(market, content)
            case Delta(market_ticker=market) if market in self._books:
                return self._on_delta(market, content)
            case PublicTrade(market_ticker=market) if market in self._books:
                self._on_print(content)
        return True

    def _on_snapshot(self, market: str, told: Snapshot) -> None:
        book = self._books[market]
        book.halves = {"bid": _half(told.yes_dollars_fp), "ask": _half(told.no_dollars_fp)}
        book.heard, book.whole, book.known = self._clock.steady(), True, True
        self._tell(market)
        bids, asks = book.levels("bid"), book.levels("ask")
        self._listener.on_depth(Depth(market, bids, asks, self._stamp or self._clock.now()))

    def _on_delta(self, market: str, told: Delta) -> bool:
        book = self._books[market]
        self._stamp = max(self._stamp, told.ts_ms * MILLI)
        if not book.whole:
            return True
        half, ticks = book.halves["bid" if told.side == "yes" else "ask"], numbers.ticks(told.price_dollars)
        left = Lots(half.get(ticks, NO_LOTS) + numbers.lots(told.delta_fp))
        if left > 0:
            half[ticks] = left
        else:
            half.pop(ticks, None)
        book.whole = left >= 0
        if book.whole and book.bests != book.told:  # most changes are deeper; that it lives is shown by snapshots
            self._tell(market)
        return book.whole

    def _on_print(self, told: PublicTrade) -> None:
        if told.trade_id in self._prints:
            return
        self._prints[told.trade_id] = None
        if len(self._prints) > KNOWN_PRINTS:
            del self._prints[next(iter(self._prints))]
        ticks, lots = numbers.ticks(told.yes_price_dollars), numbers.lots(told.count_fp)
        stamp = told.ts_ms * MILLI
        self._stamp = max(self._stamp, stamp)
        self._listener.on_print(Print(told.trade_id, told.market_ticker, told.taker_book_side, ticks, lots, stamp))

    def _trades(self, market: str) -> bool:
        listing = self._listed[market]
        return listing.trades and not self.paused and self._clock.now() < listing.closes

    def _tell(self, market: str) -> None:
        book, now = self._books[market], self._clock.now()
        if not self._trades(market):
            book.told = None
            self._listener.on_top(Top(market, None, None, now), self._stamp or now)
            if market not in self._shut:
                self._shut.add(market)
                self._listener.on_halted(market)
            return
        self._shut.discard(market)
        book.told = (bid, bids), (ask, asks) = book.bests
        self._listener.on_top(Top(market, bid, ask, now, bids, asks), self._stamp or now)


def _half(levels: list[tuple[str, str]]) -> Half:
    found = {numbers.ticks(price): numbers.lots(count) for price, count in levels}
    return {ticks: lots for ticks, lots in found.items() if lots > 0}
