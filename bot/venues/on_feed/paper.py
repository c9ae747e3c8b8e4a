"""Paper on a real feed: prices, prints and depth are the venue's, our orders rest in a file, and a judge fills them.

Requests take `latency_s` before they count, as they would on the way. The file keeps orders and positions when we
die; what was printed meanwhile is judged afterwards, as far as the feed tells it. Knows nothing of the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from bot.clock import NANOS, Clock
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
    Lookup,
    Lost,
    NewOrder,
    NoAnswer,
    Relisted,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    Settled,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.market.units import Ticks
from bot.venues import rejections
from bot.venues.market_data import Depth, MarketData, Print
from bot.venues.on_feed.admission import REDUCE_ONLY, reduced, rejected
from bot.venues.on_feed.fees import Fees, maker_ppm
from bot.venues.on_feed.judge import Judge
from bot.venues.paper_ledger import Ledger
from bot.venues.simulators.exchange import Change, Left, Refused
from bot.venues.simulators.faults import Faults
from bot.venues.venue import Sink

LATENCY_S = 0.1
REMEMBER_S = 1.0
FORGET_EVERY = 3_600
KEEP_TRADES = 7 * 86_400 * NANOS


class PaperOnFeed:
    """One account that exists here only. `path` is its file; `fees` in force at a venue of perpetuals."""

    def __init__(
        self, data: MarketData, path: Path, clock: Clock, fees: Fees | None = None, latency_s: float = LATENCY_S
    ) -> None:
        self.name = f"{data.name}-paper"
        self.faults = Faults()
        self._data = data
        self._path = path
        self._clock = clock
        self._fees = fees or Fees()
        self._latency_s = latency_s
        self._specs: Mapping[str, Spec] = {}
        self._judges: dict[str, Judge] = {}
        self._ledger: Ledger | None = None
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
        """A changed grid is judged by at once; the units that were read first stay in force for this connection."""
        found = await self._data.read_specs()
        self._specs = self._specs or found
        for market, judge in self._judges.items():
            new = found.get(market, judge.spec)
            if (new.tick, new.lot) == (judge.spec.tick, judge.spec.lot):
                judge.spec = new
        return found

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        """Restore what rests, then listen."""
        await self.read_specs()
        self._sink = sink
        self._ledger = Ledger(self._path, self._specs)
        self._oid = self._ledger.next_oid()
        seen, resting = self._ledger.last_seen(), self._ledger.resting()
        for market in {order.market for order in resting}:
            since = seen[market].at if market in seen else 0
            self._judge(market).restore((order for order in resting if order.market == market), since)
        await self._data.open(markets, self)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._data.run())
            group.create_task(self._keep())

    async def close(self) -> None:
        await self._data.close()
        if self._ledger is not None:
            self._ledger.close()

    def alive(self, turns: int) -> None:
        """What rests here cannot be hit while nobody looks: no dead-man switch is needed."""

    async def hold_entries(self, off: bool) -> None:
        """Nobody beside us can stop what happens here only."""

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        await asyncio.sleep(self._latency_s)
        return [self._place(order) for order in orders]

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        await asyncio.sleep(self._latency_s)
        return [self._cancel(order.market, order.cloid) for order in orders]

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        await asyncio.sleep(self._latency_s)
        return [self._replace(change) for change in changes]

    async def look_up(self, market: str, cloid: str) -> Lookup:
        await asyncio.sleep(0)
        return self._books.look_up(cloid)

    async def resting(self) -> list[Resting]:
        await asyncio.sleep(0)
        return self._books.resting()

    async def positions(self) -> list[VenuePosition]:
        await asyncio.sleep(0)
        return self._books.positions()

    async def account(self, since: int) -> Account:
        await asyncio.sleep(0)
        books = self._books
        return Account(
            positions=books.positions(),
            trades=books.trades(since),
            resting=books.resting(),
            since=since,
            maker_fee_ppm=maker_ppm(self._specs, self._fees),
            settlements=books.settlements(since),
        )

    def on_top(self, top: Top, stamp: int) -> None:
        judge = self._judge(top.market)
        self._write(judge, judge.topped(top, stamp))
        if not self.faults.silent(self._clock.now()):
            self._sink(top)

    def on_print(self, print_: Print) -> None:
        judge = self._judge(print_.market)
        self._write(judge, judge.printed(print_))

    def on_depth(self, depth: Depth) -> None:
        self._judge(depth.market).pictured(depth)

    def on_halted(self, market: str) -> None:
        judge = self._judge(market)
        ended = judge.halted()
        self._write(judge, [Left(market, cloid) for cloid in ended])
        for cloid in ended:
            self._sink(Doubted(cloid, "its market does not trade any more: what rested there is off"))

    def on_settled(self, market: str, payout: Ticks) -> None:
        """What was held becomes money, once and for all."""
        self.on_halted(market)
        self._books.settle(market, payout, self._clock.now())
        self._sink(Settled(market))

    def on_relisted(self, market: str) -> None:
        self._sink(Relisted(market))

    def on_lost(self, reason: str) -> None:
        for judge in self._judges.values():
            judge.lost()
        self._sink(Lost(reason))

    def on_back(self) -> None:
        self._sink(Back())

    def remember(self) -> None:
        """Keep how far the feed was heard, so that what is printed from here on is judged after a restart."""
        for judge in self._judges.values():
            self._books.saw(_price(judge), judge.picture.stamp)

    @property
    def _books(self) -> Ledger:
        assert self._ledger is not None, "opened first"
        return self._ledger

    def _judge(self, market: str) -> Judge:
        if market not in self._judges:
            self._judges[market] = Judge(self._specs[market], self._fees)
        return self._judges[market]

    async def _keep(self) -> None:
        for second in count(1):
            await asyncio.sleep(REMEMBER_S)
            self.remember()
            if second % FORGET_EVERY == 0:
                self._books.forget(self._clock.now() - KEEP_TRADES)

    def _place(self, order: NewOrder) -> SendResult:
        judge, books = self._judge(order.market), self._books
        refusal = self.faults.refusal() or (rejections.DUPLICATE if books.knows(order.cloid) else None)
        if refusal is not None:
            return rejected(refusal.format(asset=judge.spec.asset))
        taken = reduced(order, books.held(order.market))
        if taken is None:
            return rejected(REDUCE_ONLY)
        oid, order = self._oid, taken
        try:
            changes = judge.arrive(oid, order)
        except Refused as reason:
            return rejected(str(reason))
        self._oid += 1
        self._write(judge, changes, (oid, order))
        return NoAnswer("the answer was lost") if self.faults.strikes("no_answer") else Accepted(str(oid))

    def _cancel(self, market: str, cloid: str) -> CancelResult:
        judge = self._judge(market)
        try:
            changes = judge.leave(cloid)
        except Refused as reason:
            return CancelRefused(str(reason))
        self._write(judge, changes)
        return Cancelled()

    def _replace(self, change: Replacement) -> Replaced:
        """A replacement whose old order is gone is refused as a whole; a refused one has taken the old order off."""
        cancelled = self._cancel(change.market, change.old)
        if not isinstance(cancelled, Cancelled):
            return Replaced(cancelled, rejected(rejections.MODIFY))
        return Replaced(cancelled, self._place(change.order))

    def _write(self, judge: Judge, changes: list[Change], sent: tuple[int, NewOrder] | None = None) -> None:
        """Into the file first, then to the bot: nothing is said that would be forgotten, and no print counts twice."""
        if not changes:
            return
        with self._books.writing():
            if sent is not None:
                oid, order = sent
                self._books.sent(oid, order.cloid, order.market, order.side, order.ticks, order.lots)
            trades = self._books.write(changes, self._clock.now())
            self._books.note(_price(judge), judge.picture.stamp)
        for trade in trades:
            self._sink(trade)


def _price(judge: Judge) -> dict[str, float]:
    """What is kept beside the time of the last news: the mid, 0 while there is none."""
    mid = judge.picture.top.mid if judge.picture.top else None
    return {judge.spec.market: 0.0 if mid is None else judge.spec.price(mid)}


def _nobody(update: object) -> None:
    """Nobody listens before the venue is open."""
