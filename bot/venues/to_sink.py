"""Public news for a bot that reads best prices only."""

from __future__ import annotations

from bot.market.book import Top
from bot.market.reports import Back, Lost, Relisted, Settled
from bot.market.units import Ticks
from bot.venues.market_data import Depth, Print
from bot.venues.venue import Sink


class ToSink:
    """Prices and the connection's own news for a bot that reads best prices only."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def on_top(self, top: Top, stamp: int) -> None:
        self._sink(top)

    def on_print(self, print_: Print) -> None:
        pass

    def on_depth(self, depth: Depth) -> None:
        pass

    def on_halted(self, market: str) -> None:
        pass

    def on_settled(self, market: str, payout: Ticks) -> None:
        self._sink(Settled(market))

    def on_relisted(self, market: str) -> None:
        self._sink(Relisted(market))

    def on_lost(self, reason: str) -> None:
        self._sink(Lost(reason))

    def on_back(self) -> None:
        self._sink(Back())
