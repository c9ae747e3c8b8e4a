"""Kalshi's side of a schedule: games that move, pause and end, and eyes on every order and fill of ours."""

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
from bot.market.units import SIDES, Lots, Side, sign
from bot.risk import limits
from bot.session import Params, Session
from bot.strategy import perp_maker
from bot.venues.kalshi.listings import own
from bot.venues.kalshi.orders import Create, Created
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi import rules
from bot.venues.simulators.kalshi.accounts import MILLION, Account, Fill, Order
from bot.venues.simulators.kalshi.engine import Filled, GroupChanged, LifeChanged, News, OrderChanged
from bot.venues.simulators.kalshi.faults import Fault, Faults, Plan
from bot.venues.simulators.kalshi.simulation import STEP_S, Simulation
from tests.bot.schedules.eyes import Notes
from tests.bot.schedules.kalshi.plans import Schedule
from tests.bot.schedules.kalshi.wishes import Wishes
from tests.bot.venues.in_memory import Client
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.venues.simulators.kalshi.client import pem
from tests.bot.virtual_time import VirtualClock

LEGACY = perp_maker.Params(
    half_spread_bps=Decimal(150), requote_bps=Decimal(50), size_usd=Decimal(5), capital_pct=Decimal(100), legacy=True
)
GRID_REFUSALS = ("invalid_price", "invalid count")
CHANGE_S, UNHEARD_S = 1.0, 65.0
"""How long after a change of a market's prices orders of the old ones are understandable: also where a bad way or feed
keeps the news back, as rules are read once a minute all the same."""


class Watched:
    """See `eyes.Exchange`."""

    def __init__(self, clock: VirtualClock, schedule: Schedule) -> None:
        self._schedule, self._clock = schedule, clock
        plan = Plan(list(schedule.faults))
        self.simulation = Simulation(clock, schedule.seed, plan=plan, script=schedule.games, pem=pem())
        self.notes, self.account = Notes(clock), self.simulation.account
        self.account.cash = schedule.cash * MILLION
        self.wishes = Wishes(schedule.edge, self.notes)
        chance = random.Random(f"kalshi network {schedule.seed}")
        self.network = Network(self.simulation, chance, schedule.network, self.watch)
        self.markets = self.simulation.engine.markets
        self._cap = Lots(int(schedule.cap * 100))
        self._event_cap = None if schedule.event_cap is None else Lots(int(schedule.event_cap * 100))
        self._oids: dict[str, str] = {}
        self._changed: dict[str, float] = {}
        heard = not any(_hides_news(fault) for fault in schedule.faults)
        weather = schedule.network
        self._news_s = CHANGE_S if heard and not weather.slow_chance and not weather.torn_chance else UNHEARD_S
        self._stepping = self._lifted = False
        desk, engine = self.simulation._desk, self.simulation.engine
        self._create, self._tell = desk.create, engine.tell
        self._by_hand = self._order_by_hand(schedule.markets[0])
        desk.create, engine.tell = self._creating, self._telling  # type: ignore[method-assign]

    @property
    def faults(self) -> Faults:
        return self.simulation.faults

    async def run(self) -> None:
        while True:
            await asyncio.sleep(STEP_S)
            self._stepping = True
            self.simulation.step()
            self._stepping = False
            self.watch()

    def watch(self) -> None:
        """Look at what rests: one order a side, and limits that hold whatever of it fills."""
        slots: defaultdict[tuple[str, Side], list[Order]] = defaultdict(list)
        for order in self._resting():
            slots[order.ticker, order.side].append(order)
        for (ticker, side), orders in slots.items():
            if len(orders) > 1:
                cloids = [order.cloid for order in orders]
                self.notes.violated(f"{len(orders)} orders rest on {side} of {ticker}: {cloids}")
        worst: defaultdict[str, int] = defaultdict(int)
        for ticker in self._schedule.markets:
            could = [self.held(ticker) * sign(s) + sum(o.left for o in slots[ticker, s]) for s in SIDES]
            worst[self.markets[ticker].script.event] += max(*could, abs(self.held(ticker)))
            if max(could) > self._cap:
                self.notes.violated(f"{ticker} could come to {max(could)} lots, the limit is {self._cap}")
        for event, lots in worst.items():
            if self._event_cap is not None and lots > self._event_cap and not self._schedule.legacy:
                self.notes.violated(f"{event} could come to {lots} lots, its limit is {self._event_cap}")

    def ours(self) -> list[str]:
        return [order.cloid for order in self._resting()]

    def held(self, market: str) -> Lots:
        return self.account.held(market).lots

    def lot(self, market: str) -> Decimal:
        return Decimal("0.01")

    def fills(self) -> int:
        return len(self.account.fills)

    def left_alone(self) -> bool:
        """Whether it still rests, if not the exchange itself took all there was of its market."""
        return self._lifted or self._by_hand.status == "resting"

    def client(self) -> Client:
        return InMemory(self.network)

    def venue(self, client: Client, say: Callable[[str], None]) -> KalshiVenue:
        assert isinstance(client, InMemory)
        return KalshiVenue(client, self.simulation.key, self._schedule.markets, self._clock, self._schedule.group)

    def params(self, given: Params) -> Params:
        schedule = self._schedule
        caps = limits.Params(
            max_inventory=dict.fromkeys(schedule.markets, schedule.cap), max_per_event=schedule.event_cap
        )
        return replace(
            given, maker=LEGACY, limits=caps, edge=None if schedule.legacy else schedule.edge, breaker=schedule.breaker
        )

    def not_ready(self, reasons: list[str]) -> list[str]:
        """A market that is over or whose game began has no quotes, nor has a poor account.

        A small group stops entries again and again, and there is a moment between when it does not; where none is
        wanted any more nobody finds out.
        """
        lame = [name for name in self._schedule.markets if not self._quotable(name)]
        poor = self._schedule.cash < 1_000
        found = [one for one in reasons if not poor and not one.startswith(tuple(lame)) and "E_GROUP" not in one]
        stopped = any(group.triggered for group in list(self.account.groups.values())[-1:])
        wanted = len(lame) < len(self._schedule.markets)
        return [*found, "the group takes no entries"] if stopped and wanted and not poor else found

    def sends(self, session: Session, order: NewOrder, now: int) -> None:
        if not self._schedule.legacy:
            self.wishes.sends(session, order, now)

    def says(self, session: Session, event: Event) -> None:
        if not self._schedule.legacy:
            self.wishes.says(session, event)

    def turns(self, session: Session, now: int) -> None:
        if not self._schedule.legacy:
            self.wishes.turns(session, now)

    def explained(self, event: dict[str, Any]) -> bool:
        """Refusals by plan, and prices of a grid that changed just now."""
        if self.faults.struck()["reject"] > 0:
            return True
        changed = self._changed.get(event["market"])
        return changed is not None and 0 <= event["ts"] - self.notes.epoch_s - changed < self._news_s

    def _quotable(self, ticker: str) -> bool:
        market, now = self.markets[ticker], self.simulation.engine.now()
        starts = self.markets[ticker].starts
        return market.status == "active" and starts is not None and now < starts - 60_000

    def _resting(self) -> list[Order]:
        return [order for order in self.account.open.values() if own(order.cloid)]

    def _creating(self, account: Account, wish: Create) -> Created:
        """An order arrives."""
        cloid = wish.client_order_id if isinstance(wish.client_order_id, str) else ""
        told = f"{cloid} {wish.side} {wish.count} of {wish.ticker} at {wish.price} {wish.time_in_force}"
        try:
            made = self._create(account, wish)
        except rules.Refused as refused:
            self.notes.note(f"exchange: refused {told}: {refused.body}")
            self._refused(str(refused.body), wish)
            raise
        self.notes.note(f"exchange: took {told} as {made.order_id}")
        if self._oids.setdefault(cloid, made.order_id) != made.order_id:
            self.notes.violated(f"{cloid} was sent twice, and taken twice")
        return made

    def _refused(self, said: str, wish: Create) -> None:
        self.notes.counts["order refused"] += 1
        changed = self._changed.get(wish.ticker, -UNHEARD_S)
        recent = self._clock.steady() / 1e9 - changed < self._news_s
        if any(text in said for text in GRID_REFUSALS) and not recent:
            self.notes.violated(f"off the grid: {wish.side} {wish.count} of {wish.ticker} at {wish.price}")

    def _telling(self, item: News) -> None:
        """Something happened at the exchange."""
        match item:
            case OrderChanged(order, status, filled, left) if order is self._by_hand:
                self._lifted = self._lifted or (status != "resting" and self._stepping)
            case OrderChanged(order, status, filled, left):
                self.notes.counts[f"order {status}"] += 1
                where = f"{order.side} of {order.ticker} at {order.standing.ticks}"
                self.notes.note(f"exchange: {order.cloid} {where} {status}, {filled} filled, {left} left")
            case Filled(_, fill):
                self._filled(fill)
            case LifeChanged(ticker, kind):
                self.notes.note(f"exchange: {ticker} {kind}")
                if kind == "price_level_structure_updated":
                    self._changed[ticker] = self._clock.steady() / 1e9
                self.notes.counts[f"market {kind}"] += 1
            case GroupChanged(_, gid, kind):
                self.notes.counts[f"group {kind}"] += 1
                self.notes.note(f"exchange: group {gid} {kind}")
        self._tell(item)

    def _filled(self, fill: Fill) -> None:
        order = fill.order
        self.notes.counts["fills"] += 1
        role = "took" if fill.taker else "made"
        what = f"{order.side} {fill.lots} of {order.ticker} at {fill.ticks}"
        self.notes.note(f"exchange: fill {what}, {role}, holds {fill.position}, {order.cloid}")
        if fill.taker and order.post_only:
            self.notes.violated(f"{order.cloid} took: a fill of a post-only order")
        if fill.taker and self._schedule.legacy:
            self.notes.violated(f"{order.cloid} took: legacy quotes never do")
        if abs(fill.position) > self._cap:
            self.notes.violated(f"{fill.position} lots of {order.ticker} are held, the limit is {self._cap}")
        event = self.markets[order.ticker].script.event
        held = sum(abs(self.held(name)) for name in self._schedule.markets if self.markets[name].script.event == event)
        if self._event_cap is not None and held > self._event_cap and not self._schedule.legacy:
            self.notes.violated(f"{held} lots of {event} are held, its limit is {self._event_cap}")

    def _order_by_hand(self, ticker: str) -> Order:
        """Of somebody who trades on the same account: with an id that is none of ours, far from the price."""
        market = self.markets[ticker]
        status, market.status = market.status, "active"
        wish = Create(ticker, "bid", "1.00", "0.0100", "good_till_canceled", "taker_at_cross", "by hand")
        made = self._create(self.account, wish)
        market.status = status
        self.simulation.engine.take_news()
        return self.account.orders[made.order_id]


def _hides_news(fault: Fault) -> bool:
    """Whether it may keep back that prices of a market changed, or what they are now."""
    stream = fault.where.startswith("ws") and fault.fault in ("delay", "disconnect", "overflow", "frozen_feed")
    return stream or fault.where in ("ws", "ws:market_lifecycle_v2", "read", "read:markets")
