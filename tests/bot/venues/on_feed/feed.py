"""A feed that says what the test tells it to, and small makers of its news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from bot.market.book import Top
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.venues.market_data import Depth, Listener, Print
from tests.bot.builders import SPECS

Rows = list[tuple[int, int]]


def best(bid: int | None, ask: int | None, bid_lots: int = 100, ask_lots: int = 100, market: str = "SOL") -> Top:
    prices = [None if price is None else Ticks(price) for price in (bid, ask)]
    return Top(market, *prices, at=0, bid_lots=Lots(bid_lots), ask_lots=Lots(ask_lots))


def levels(bids: Rows, asks: Rows, stamp: int) -> Depth:
    sides = [tuple((Ticks(ticks), Lots(lots)) for ticks, lots in rows) for rows in (bids, asks)]
    return Depth("SOL", *sides, stamp)


def sold(ticks: int, lots: int, stamp: int, side: Side = "ask", tid: str = "1") -> Print:
    """A print by a seller, unless a side is given."""
    return Print(tid, "SOL", side, Ticks(ticks), Lots(lots), stamp)


def usual(listener: Listener) -> None:
    """SOL 18,500 at 18,502, ten levels a side."""
    listener.on_top(best(18_500, 18_502), 1)
    bids, asks = [(18_500 - n, 100) for n in range(10)], [(18_502 + n, 100) for n in range(10)]
    listener.on_depth(levels(bids, asks, 1))


class ScriptedData:
    """Opens with `beginning`; then the test speaks."""

    name = "scripted"

    def __init__(self, specs: Mapping[str, Spec] = SPECS) -> None:
        self.specs = specs
        self.beginning: Callable[[Listener], object] = usual
        self.listener: Listener
        self.closed = False

    async def read_specs(self) -> Mapping[str, Spec]:
        return self.specs

    async def open(self, markets: Sequence[str], listener: Listener) -> None:
        self.listener = listener
        self.beginning(listener)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True
