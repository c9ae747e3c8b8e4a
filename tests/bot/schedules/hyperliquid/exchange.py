"""Hyperliquid's side of a schedule: rough weather, and eyes on every order and fill of ours."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.events import Event
from bot.market.reports import NewOrder
from bot.market.units import Lots, sign
from bot.risk import limits
from bot.session import Params, Session
from bot.strategy import perp_maker
from bot.venues.hyperliquid.actions import Limit, OrderType, OrderWire
from bot.venues.hyperliquid.codec import OrderUpdate
from bot.venues.hyperliquid.venue import HyperliquidVenue
from bot.venues.simulators.flow import Flow, Weather
from bot.venues.simulators.hyperliquid.accounts import Order
from bot.venues.simulators.hyperliquid.faults import Faults, Plan
from bot.venues.simulators.hyperliquid.limits import allowance
from bot.venues.simulators.hyperliquid.market import Market
from bot.venues.simulators.hyperliquid.simulation import STEP_S, Simulation
from tests.bot.schedules.eyes import Notes
from tests.bot.schedules.hyperliquid.plans import Schedule
from tests.bot.venues.hyperliquid.in_memory import InMemory, Network
from tests.bot.venues.in_memory import Client
from tests.bot.virtual_time import VirtualClock

CAP_USD = 1_600
MAKER = perp_maker.Params(half_spread_bps=Decimal("0.6"), requote_bps=Decimal(1))
FORBIDDEN = ("tickRejected", "minTradeNtlRejected", "oracleRejected", "rejected", "perpMarginRejected")
"""How no order of ours may end: these say that it should never have been sent."""


class Watched:
    """See `eyes.Exchange`."""

    def __init__(self, clock: VirtualClock, schedule: Schedule) -> None:
        self.simulation = Simulation(clock, schedule.seed, plan=Plan(list(schedule.faults)))
        self.keys = self.simulation.keys[schedule.account]
        self.account = self.keys.account
        self.markets = {name: self.simulation.engine.markets[name] for name in schedule.markets}
        self.caps = {name: _cap(market) for name, market in self.markets.items()}
        self.notes, self._clock, self._starved = Notes(clock), clock, schedule.starved
        chance = random.Random(f"network {schedule.seed}")
        self.network = Network(self.simulation, chance, schedule.network, self.watch)
        self._fills = 0
        self._oids: dict[str, int] = {}
        self._seen: dict[int, str] = {}
        for market in self.markets.values():
            market.flow = Flow(market.spec, _rough(market, schedule), f"storm {schedule.seed} {market.coin}")
        if schedule.starved:
            self.account.requests = allowance(self.account) - 150
        self._by_hand = self._order_by_hand(next(iter(self.markets.values())))

    @property
    def faults(self) -> Faults:
        return self.simulation.faults

    async def run(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self.simulation.step()
            self.watch()

    def watch(self) -> None:
        """Look at every order and fill there is."""
        self._watch_fills()
        self._watch_history()
        self._watch_book()

    def ours(self) -> list[str]:
        return [str(order.cloid) for order in self._resting()]

    def held(self, market: str) -> Lots:
        return self.account.held(market).lots

    def lot(self, market: str) -> Decimal:
        return self.markets[market].spec.lot

    def fills(self) -> int:
        return len(self.account.fills)

    def left_alone(self) -> bool:
        """Whether it still rests, if not the dead-man switch took all there was."""
        _, update = self.account.history[self._by_hand]
        return update.status in ("open", "scheduledCancel")

    def client(self) -> Client:
        return InMemory(self.network)

    def venue(self, client: Client, say: Callable[[str], None]) -> HyperliquidVenue:
        assert isinstance(client, InMemory)
        keys = self.keys
        return HyperliquidVenue(client, keys.agent_key, keys.account.address, self._clock, "testnet", say)

    def params(self, given: Params) -> Params:
        caps = {name: lots * self.lot(name) for name, lots in self.caps.items()}
        return replace(given, maker=MAKER, limits=limits.Params(max_inventory=caps))

    def not_ready(self, reasons: list[str]) -> list[str]:
        return [] if self._starved else reasons  # without requests it cannot quote

    def sends(self, session: Session, order: NewOrder, now: int) -> None:
        """The exchange's own rules are enough."""

    def says(self, session: Session, event: Event) -> None:
        """See `sends`."""

    def turns(self, session: Session, now: int) -> None:
        """See `sends`."""

    def explained(self, event: dict[str, Any]) -> bool:
        return self.faults.struck()["reject"] > 0

    def _watch_fills(self) -> None:
        for fill in list(self.account.fills)[self._fills :]:
            self._fills += 1
            self.notes.counts["fills"] += 1
            self.notes.note(f"exchange: fill {fill.side} {fill.sz} {fill.coin} at {fill.px}, {fill.cloid}")
            if fill.crossed:
                self.notes.violated(f"{fill.cloid} took: a fill with crossed=true")

    def _watch_history(self) -> None:
        fresh = []
        for oid, (order, update) in reversed(self.account.history.items()):  # the latest changed is the last
            if self._seen.get(oid) == update.status:
                break
            self._seen[oid] = update.status
            fresh.append((oid, order, update))
        for oid, order, update in reversed(fresh):
            if order.cloid is not None:
                self._look(oid, order, update)

    def _look(self, oid: int, order: Order, update: OrderUpdate) -> None:
        """At an order of ours whose status is new."""
        cloid = str(order.cloid)
        self.notes.counts[f"order {update.status}"] += 1
        self.notes.note(f"exchange: {cloid} {order.side} {update.order.sz} at {update.order.limitPx} {update.status}")
        if update.status in FORBIDDEN:
            self.notes.violated(f"{cloid} ended {update.status} at {update.order.limitPx}")
        if self._oids.setdefault(cloid, oid) != oid:
            self.notes.violated(f"{cloid} was sent twice")

    def _watch_book(self) -> None:
        slots: defaultdict[tuple[str, str], list[Order]] = defaultdict(list)
        for order in self._resting():
            slots[order.market.coin, order.side].append(order)
        for (coin, side), orders in slots.items():
            if len(orders) > 1:
                self.notes.violated(
                    f"{len(orders)} orders rest on {side} of {coin}: {[order.cloid for order in orders]}"
                )
        for coin, cap in self.caps.items():
            held = self.held(coin)
            if abs(held) > cap:
                self.notes.violated(f"{held} lots of {coin} are held, the limit is {cap}")
            for side in ("bid", "ask"):
                could = held * sign(side) + sum(order.standing.lots for order in slots[coin, side])
                if could > cap:
                    self.notes.violated(f"{coin} could come to {could} lots on {side}, the limit is {cap}")

    def _resting(self) -> list[Order]:
        return [order for order in self.account.open.values() if order.cloid]

    def _order_by_hand(self, market: Market) -> int:
        """Of somebody who trades on the same account: without a client order id, far from the price."""
        bare = market.spec.toward_safety("bid", market.oracle * 6 // 10)
        size = market.size(-(-20 * 10**6 // bare))
        order = OrderWire(market.asset, True, market.bare(bare), size, False, OrderType(Limit("Gtc")))
        status = self.simulation.engine.place(self.account, order)
        assert status.resting is not None, status
        self.simulation.engine.take_news()
        return status.resting.oid


def _cap(market: Market) -> Lots:
    return Lots(CAP_USD * 10**6 // market.oracle)


def _rough(market: Market, schedule: Schedule) -> Weather:
    moves, often, much = schedule.rough
    return Weather(anchor=market.listing.anchor, move_bps=moves, taker_chance=often, taker_usd=much)
