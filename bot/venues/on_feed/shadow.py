"""Shadow: the prices are the venue's, and orders are checked, kept and never sent; none fills and nothing is held.

Orders live in memory: what was never sent is gone with the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Account,
    Back,
    Cancelled,
    CancelRefused,
    CancelRequest,
    CancelResult,
    Doubted,
    Gone,
    Lookup,
    Lost,
    NeverSeen,
    NewOrder,
    Relisted,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    Settled,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.market.units import NO_LOTS, Ticks
from bot.venues import rejections
from bot.venues.market_data import Depth, MarketData, Print
from bot.venues.on_feed.admission import REDUCE_ONLY, reduced, refusal_of, rejected
from bot.venues.on_feed.fees import Fees, maker_ppm
from bot.venues.on_feed.picture import Picture
from bot.venues.venue import Sink

REMEMBERED = 10_000
"""So many orders that rest no more can still be looked up."""


class ShadowVenue:
    """`fees` in force at a venue of perpetuals."""

    def __init__(self, data: MarketData, fees: Fees | None = None) -> None:
        self.name = f"{data.name}-shadow"
        self._data = data
        self._fees = fees or Fees()
        self._specs: Mapping[str, Spec] = {}
        self._pictures: dict[str, Picture] = {}
        self._resting: dict[str, Resting] = {}
        self._gone: dict[str, None] = {}
        self._oid = 0
        self._sink: Sink = _nobody

    @property
    def data(self) -> MarketData:
        """Whose prices these are."""
        return self._data

    @property
    def specs(self) -> Mapping[str, Spec]:
        return self._specs

    async def read_specs(self) -> Mapping[str, Spec]:
        """What was read first stays in force for this connection."""
        found = await self._data.read_specs()
        self._specs = self._specs or found
        return found

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        await self.read_specs()
        self._sink = sink
        self._pictures = {market: Picture() for market in markets}
        await self._data.open(markets, self)

    async def run(self) -> None:
        await self._data.run()

    async def close(self) -> None:
        await self._data.close()

    def alive(self, turns: int) -> None:
        """Nothing was sent, so nothing needs a dead-man switch."""

    async def hold_entries(self, off: bool) -> None:
        """Nothing was sent."""

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        await asyncio.sleep(0)
        return [self._place(order) for order in orders]

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        await asyncio.sleep(0)
        return [self._cancel(order.market, order.cloid) for order in orders]

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        await asyncio.sleep(0)
        return [self._replace(change) for change in changes]

    async def look_up(self, market: str, cloid: str) -> Lookup:
        await asyncio.sleep(0)
        if cloid in self._resting:
            return self._resting[cloid]
        return Gone(NO_LOTS) if cloid in self._gone else NeverSeen()

    async def resting(self) -> list[Resting]:
        await asyncio.sleep(0)
        return list(self._resting.values())

    async def positions(self) -> list[VenuePosition]:
        await asyncio.sleep(0)
        return []

    async def account(self, since: int) -> Account:
        await asyncio.sleep(0)
        resting, ppm = list(self._resting.values()), maker_ppm(self._specs, self._fees)
        return Account(positions=[], trades=[], resting=resting, since=since, maker_fee_ppm=ppm)

    def on_top(self, top: Top, stamp: int) -> None:
        self._picture(top.market).on_top(top, stamp)
        self._sink(top)

    def on_print(self, print_: Print) -> None:
        """Nobody's trade fills what was never sent."""

    def on_depth(self, depth: Depth) -> None:
        """No queue is kept."""

    def on_halted(self, market: str) -> None:
        for cloid in [cloid for cloid, order in self._resting.items() if order.market == market]:
            self._cancel(market, cloid)
            self._sink(Doubted(cloid, "its market does not trade any more: it would be off"))

    def on_settled(self, market: str, payout: Ticks) -> None:
        """Nothing is held."""
        self.on_halted(market)
        self._sink(Settled(market))

    def on_relisted(self, market: str) -> None:
        self._sink(Relisted(market))

    def on_lost(self, reason: str) -> None:
        for picture in self._pictures.values():
            picture.forget()
        self._sink(Lost(reason))

    def on_back(self) -> None:
        self._sink(Back())

    def _picture(self, market: str) -> Picture:
        return self._pictures.setdefault(market, Picture())

    def _place(self, order: NewOrder) -> SendResult:
        spec = self._specs[order.market]
        if order.cloid in self._resting or order.cloid in self._gone:
            return rejected(rejections.DUPLICATE.format(asset=spec.asset))
        refusal = refusal_of(spec, order, self._picture(order.market))
        if reduced(order, NO_LOTS) is None:
            refusal = REDUCE_ONLY
        if refusal is not None:
            return rejected(refusal)
        self._oid += 1
        oid = str(self._oid)
        if order.tif == "Ioc":
            self._end(order.cloid)
        else:
            self._resting[order.cloid] = Resting(order.market, order.side, order.ticks, order.lots, order.cloid, oid)
        return Accepted(oid)

    def _cancel(self, market: str, cloid: str) -> CancelResult:
        if self._resting.pop(cloid, None) is None:
            return CancelRefused(rejections.NO_SUCH_ORDER.format(asset=self._specs[market].asset))
        self._end(cloid)
        return Cancelled()

    def _end(self, cloid: str) -> None:
        self._gone[cloid] = None
        if len(self._gone) > REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _replace(self, change: Replacement) -> Replaced:
        cancelled = self._cancel(change.market, change.old)
        if not isinstance(cancelled, Cancelled):
            return Replaced(cancelled, rejected(rejections.MODIFY))
        return Replaced(cancelled, self._place(change.order))


def _nobody(update: object) -> None:
    """Nobody listens before the venue is open."""
