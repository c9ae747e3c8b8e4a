"""The paper venue: the embedded exchange behind the same Protocol as a real one.

It behaves as a venue across the wire: it acknowledges after writing, keeps our orders when we die, deals with
them by what happened while we were away, and can be told to misbehave. It knows nothing of the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.clock import NANOS, Clock
from bot.market.reports import (
    Accepted,
    Account,
    Cancelled,
    CancelRefused,
    CancelRequest,
    CancelResult,
    Lookup,
    NewOrder,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.market.units import Lots
from bot.venues import rejections
from bot.venues.hyperliquid.errors import classed
from bot.venues.hyperliquid.spec import spec_of
from bot.venues.paper_ledger import Ledger
from bot.venues.simulators.exchange import MAKER_FEE, TAKER_FEE, Change, Exchange, Refused
from bot.venues.simulators.faults import Faults
from bot.venues.simulators.flow import Flow, Weather
from bot.venues.simulators.matching import Standing
from bot.venues.venue import Sink

SPECS: Mapping[str, Spec] = {
    "BTC": spec_of("BTC", 0, 5),
    "ETH": spec_of("ETH", 1, 4),
    "SOL": spec_of("SOL", 5, 2),
}
WEATHER = {"BTC": Weather(anchor=97_000.0), "ETH": Weather(anchor=3_600.0), "SOL": Weather(anchor=185.0)}
STEP_S = 0.3
AWAY_STEPS = 40
REMEMBER_EVERY = 3
FORGET_EVERY = 12_000
KEEP_TRADES = 7 * 86_400 * NANOS
FEES = {"maker": MAKER_FEE, "taker": TAKER_FEE}
ACCOUNT = "ours"


class PaperVenue:
    """One account at the embedded exchange."""

    name = "paper"

    def __init__(self, path: Path, seed: int, clock: Clock) -> None:
        self.faults = Faults()
        self._clock = clock
        self._ledger = Ledger(path, SPECS)
        self._exchange = Exchange(SPECS, self._ledger.next_oid())
        self._seed = seed
        self._markets: tuple[str, ...] = ()
        self._flows: dict[str, Flow] = {}
        self._sink: Sink = _nobody
        self._steps = 0

    @property
    def specs(self) -> Mapping[str, Spec]:
        return SPECS

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        """Restore the books, then let the time pass that we were away."""
        self._markets, seen = tuple(markets), self._ledger.last_seen()
        for resting in self._ledger.resting():
            standing = Standing(ACCOUNT, resting.cloid, int(resting.oid), resting.side, resting.ticks, resting.lots)
            self._exchange.restore(resting.market, standing)
        for market, spec in SPECS.items():
            last = seen.get(market)
            seed = f"{self._seed}:{market}:{last.at if last else 0}"
            self._flows[market] = Flow(spec, WEATHER[market], seed, last.price if last else None)
            away = (self._clock.now() - last.at) / NANOS / STEP_S if last else 0
            for _ in range(1 + min(int(away), AWAY_STEPS)):
                self._step(market)
        self._sink = sink
        for market in markets:
            self._publish(market)

    async def run(self) -> None:
        """Blow the weather over all markets, one after the other."""
        while True:
            for market in SPECS:
                await asyncio.sleep(STEP_S / len(SPECS))
                self.blow(market)
            self._steps += 1
            if self._steps % REMEMBER_EVERY == 0:
                self.remember()
            if self._steps % FORGET_EVERY == 1:
                self._ledger.forget(self._clock.now() - KEEP_TRADES)

    async def close(self) -> None:
        self._ledger.close()

    async def read_specs(self) -> Mapping[str, Spec]:
        await asyncio.sleep(0)
        return SPECS

    def alive(self, turns: int) -> None:
        """This venue keeps our orders whatever becomes of us."""

    async def hold_entries(self, off: bool) -> None:
        """The exchange has no such switch."""

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        await asyncio.sleep(0)
        return [self._place(order) for order in orders]

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        await asyncio.sleep(0)
        return [self._cancel(order.market, order.cloid) for order in orders]

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        await asyncio.sleep(0)
        return [self._replace(change) for change in changes]

    def _replace(self, change: Replacement) -> Replaced:
        """A replacement whose old order is gone is refused as a whole."""
        cancelled = self._cancel(change.market, change.old)
        if not isinstance(cancelled, Cancelled):
            return Replaced(cancelled, _rejected(rejections.MODIFY))
        return Replaced(cancelled, self._place(change.order))

    def _place(self, order: NewOrder) -> SendResult:
        asset = SPECS[order.market].asset
        refusal = self.faults.refusal()
        if refusal is not None:
            return _rejected(refusal.format(asset=asset))
        if self._ledger.knows(order.cloid):
            return _rejected(rejections.DUPLICATE.format(asset=asset))
        try:
            oid, changes = self._exchange.place(ACCOUNT, order)
        except Refused as refusal:
            return _rejected(str(refusal))
        self._write(changes, (oid, order))
        if self.faults.strikes("no_answer"):
            return NoAnswer("the answer was lost")
        return Accepted(str(oid))

    def _cancel(self, market: str, cloid: str) -> CancelResult:
        try:
            changes = self._exchange.cancel(market, cloid)
        except Refused as refusal:
            return CancelRefused(str(refusal))
        self._write(changes)
        return Cancelled()

    async def look_up(self, market: str, cloid: str) -> Lookup:
        await asyncio.sleep(0)
        return self._ledger.look_up(cloid)

    async def resting(self) -> list[Resting]:
        await asyncio.sleep(0)
        return self._ledger.resting()

    async def positions(self) -> list[VenuePosition]:
        await asyncio.sleep(0)
        return self._ledger.positions()

    async def account(self, since: int) -> Account:
        await asyncio.sleep(0)
        return Account(
            positions=self._ledger.positions(),
            trades=self._ledger.trades(since),
            resting=self._ledger.resting(),
            since=since,
            maker_fee_ppm=int(MAKER_FEE * 1_000_000),
        )

    def blow(self, market: str) -> None:
        """One step of one market's weather, heard by us unless the feed is silent."""
        self._step(market)
        if market in self._markets and not self.faults.silent(self._clock.now()):
            self._publish(market)

    def remember(self) -> None:
        """Keep the prices, so that they go on from here after a restart."""
        self._ledger.saw({market: flow.price for market, flow in self._flows.items()}, self._clock.now())

    def _step(self, market: str) -> None:
        """A taker comes by chance, then the makers follow the price: a swept book is full again at the next price."""
        flow = self._flows[market]
        taker = flow.taker()
        changes = [] if taker is None else self._exchange.crowd_takes(market, *taker)
        changes += self._exchange.crowd_moves(market, flow.step())
        if changes:
            self._write(changes)

    def _write(self, changes: list[Change], sent: tuple[int, NewOrder] | None = None) -> None:
        """Into the ledger first, then to the bot: nothing is said that would be forgotten."""
        with self._ledger.writing():
            if sent is not None:
                oid, order = sent
                self._ledger.sent(oid, order.cloid, order.market, order.side, order.ticks, Lots(order.lots))
            trades = self._ledger.write(changes, self._clock.now())
        for trade in trades:
            self._sink(trade)

    def _publish(self, market: str) -> None:
        self._sink(self._exchange.top(market, self._clock.now()))


def _rejected(text: str) -> Rejected:
    refusal = classed(text)
    return Rejected(refusal.code, text, refusal.cure)


def _nobody(update: object) -> None:
    """Nobody listens before the venue is open: what happened while we were away is read as an account."""
