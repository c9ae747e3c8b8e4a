"""From the streams of the markets to best prices, prints and depth. Remembers what came last, to know what is news.

The best prices come by two streams: one on each change, one every half second whatever happened. The second keeps a
quiet market's prices young, and shows that the feed lives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.clock import NANOS, Clock
from bot.market.book import Top
from bot.market.units import NO_LOTS, Lots, Ticks
from bot.venues.hyperliquid.codec import Bbo, L2Book, Level, PublicTrade, Streamed
from bot.venues.hyperliquid.feed import Subscription
from bot.venues.hyperliquid.listings import MILLI, SIDE, Listing
from bot.venues.market_data import Depth, Levels, Listener, Print

SILENT_AFTER = 5 * NANOS
"""Each market says something every half second: ten times that is no pause."""
KNOWN_PRINTS = 2_000


def subscriptions(markets: Sequence[str]) -> list[Subscription]:
    """All that can be heard of these markets."""
    return [
        wish
        for coin in markets
        for wish in (
            Subscription("bbo", coin),
            Subscription("l2Book", coin, fast=True),
            Subscription("trades", coin),
        )
    ]


@dataclass(slots=True)
class _Last:
    """Of one market: venue time (ms) and levels of the best prices, and when a younger frame last came (steady ns)."""

    heard: int
    stamp: int = -1
    best: tuple[Level | None, Level | None] = (None, None)


class Markets:
    """Call `heard` for each frame; `listener` is told what it means."""

    def __init__(self, listed: Mapping[str, Listing], markets: Sequence[str], clock: Clock, listener: Listener) -> None:
        self._listed = {market: listed[market] for market in markets}
        self._clock, self._listener = clock, listener
        self._last = {market: _Last(clock.steady()) for market in self._listed}
        self._prints: dict[int, None] = {}

    def forget(self) -> None:
        """The connection is gone. What it told last stays past: the next one must tell something younger."""
        for last in self._last.values():
            last.heard = self._clock.steady()

    def begin(self) -> None:
        """All subscriptions stand: from now on silence counts."""
        for last in self._last.values():
            last.heard = self._clock.steady()

    @property
    def complete(self) -> bool:
        """Whether each market has told its best prices."""
        return all(last.stamp >= 0 for last in self._last.values())

    def silence(self) -> str | None:
        """The market of which nothing younger was heard for too long, in words."""
        now = self._clock.steady()
        for market, last in self._last.items():
            if now - last.heard > SILENT_AFTER:
                return f"no news of {market} for {(now - last.heard) / NANOS:.1f} s"
        return None

    def heard(self, content: Streamed) -> bool:
        """Take in what one of our streams said; False when it is none of them. Raises ValueError."""
        match content:
            case Bbo(coin, time, best) if coin in self._listed:
                self._on_best(coin, time, best)
            case L2Book(coin, time, levels) if coin in self._listed:
                self._on_book(coin, time, levels)
            case [PublicTrade(), *_]:
                for trade in content:
                    self._on_trade(trade)  # type: ignore[arg-type]  # a list of the streams is of one kind
            case Bbo() | L2Book():
                pass
            case _:
                return False
        return True

    def _on_best(self, market: str, time: int, best: tuple[Level | None, Level | None]) -> None:
        """What is told again grows no younger by that: who hears of it takes the hearing for its age."""
        last = self._last[market]
        if time < last.stamp or (time == last.stamp and best == last.best):
            return
        if time > last.stamp:
            last.heard = self._clock.steady()
        last.stamp, last.best = time, best
        self._tell(market)

    def _on_book(self, market: str, time: int, levels: tuple[list[Level], list[Level]]) -> None:
        """A snapshot may be older than the best prices: then those still stand, as they come on each change."""
        last, listing = self._last[market], self._listed[market]
        if time >= last.stamp:
            best = tuple(half[0] if half else None for half in levels)
            self._on_best(market, time, (best[0], best[1]))
        bids, asks = (_levels(listing, half) for half in levels)
        self._listener.on_depth(Depth(market, bids, asks, time * MILLI))

    def _on_trade(self, trade: PublicTrade) -> None:
        listing = self._listed.get(trade.coin)
        if listing is None or trade.tid in self._prints:
            return
        self._prints[trade.tid] = None
        if len(self._prints) > KNOWN_PRINTS:
            del self._prints[next(iter(self._prints))]
        ticks, lots = listing.wire.ticks(trade.px), listing.wire.lots(trade.sz)
        told = Print(str(trade.tid), trade.coin, SIDE[trade.side], ticks, lots, trade.time * MILLI)
        self._listener.on_print(told)

    def _tell(self, market: str) -> None:
        last, listing = self._last[market], self._listed[market]
        (bid, bids), (ask, asks) = (_level(listing, level) for level in last.best)
        self._listener.on_top(Top(market, bid, ask, self._clock.now(), bids, asks), last.stamp * MILLI)


def _level(listing: Listing, level: Level | None) -> tuple[Ticks | None, Lots]:
    return (None, NO_LOTS) if level is None else (listing.wire.ticks(level.px), listing.wire.lots(level.sz))


def _levels(listing: Listing, half: list[Level]) -> Levels:
    return tuple((listing.wire.ticks(level.px), listing.wire.lots(level.sz)) for level in half)
