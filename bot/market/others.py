"""The best prices of everybody else: what the feed shows, less what of it is ours.

A maker that took its own quote for the market would follow itself. Where we stand alone at the best price, nobody
can see who stands behind us: what was last seen there of others still counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.market.book import Top
from bot.market.orders import Order
from bot.market.units import NO_LOTS, Lots, Side, Ticks

_Best = tuple[Ticks | None, Lots]


class Others:
    """One market. `ours` are the orders that may rest there, whatever their side."""

    def __init__(self) -> None:
        self._last: dict[Side, _Best] = {}

    def seen(self, top: Top, ours: Iterable[Order]) -> Top:
        """Best prices and sizes without ours; a size is 0 where it is not known."""
        mine = list(ours)
        bid, bid_lots = self._side("bid", (top.bid, top.bid_lots), mine)
        ask, ask_lots = self._side("ask", (top.ask, top.ask_lots), mine)
        return Top(top.market, bid, ask, top.at, bid_lots, ask_lots)

    def _side(self, side: Side, best: _Best, ours: list[Order]) -> _Best:
        price, lots = best
        own = sum(order.left for order in ours if order.side == side and order.ticks == price)
        if price is not None and 0 < lots <= own:
            return self._behind(side, price)
        left: _Best = (price, Lots(max(lots - own, NO_LOTS)))
        self._last[side] = left
        return left

    def _behind(self, side: Side, ours: Ticks) -> _Best:
        """Nobody stands in front of us: what was seen in front has left, and our own price is the most there can be."""
        price, lots = self._last.get(side, (None, NO_LOTS))
        if price is None or (price > ours if side == "bid" else price < ours):
            return ours, NO_LOTS
        return price, NO_LOTS if price == ours else lots
