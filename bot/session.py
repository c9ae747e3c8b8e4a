"""The one seam: `Session.handle(message, now) -> effects`. Live, paper, replay and tests drive this object alike.

It holds what the bot believes: books, positions, orders, and who keeps quotes off. Time is an argument and
chance has no place here, so the same messages give the same events, byte for byte. It knows no files, no
sockets and no clock. Rules that live here: nothing is quoted before the venue's account was read, nor on a
stale book, nor while anyone holds quotes off; a trade counts once, by its tid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot import events, messages, narration
from bot.execution import reconcile
from bot.execution.order_manager import Cancel, OrderManager, Place
from bot.execution.order_manager import Params as SendParams
from bot.feed import Feed
from bot.market.book import Top
from bot.market.orders import Order, Quote
from bot.market.position import Holding
from bot.market.reports import Accepted, NeverSeen, NewOrder, NoAnswer, Rejected, Resting
from bot.market.spec import Spec
from bot.market.units import Lots, Side
from bot.messages import Effect, Emit, Message
from bot.positions import Positions
from bot.risk import limits
from bot.strategy import choice, perp_maker
from bot.strategy.view import View

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
LOST = Rejected("E_LOST", "the venue never took this order")
Handler = Callable[[Any, int], list[Effect]]


@dataclass(frozen=True, slots=True)
class Params:
    """What a run is made of. `specs` of every market the venue lists, `markets` those to quote; times in ns."""

    run: str
    venue: str
    specs: Mapping[str, Spec]
    markets: tuple[str, ...]
    maker: perp_maker.Params = field(default_factory=perp_maker.Params)
    limits: limits.Params = field(default_factory=limits.Params)
    send: SendParams = field(default_factory=SendParams)
    started: int = 0
    stale_after: int = 3 * SECOND
    known_tids: int = 100_000


class Session:
    """See the module. Reading its attributes is free; only `handle` changes it."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.markets = limits.traded(params.markets, params.limits)
        self.orders = OrderManager(params.run, params.send)
        self.positions = Positions(params.specs, params.known_tids, params.started)
        self.tops: dict[str, Top] = {}
        self.holders: set[str] = set()
        self.quoted_at: dict[str, int] = {}
        self.last_reject: dict[str, Rejected] = {}
        self.cancels = 0
        self.cancelled_in_drain = 0
        self.reconciled = False
        self.draining = False
        self._feed = Feed(params.venue, len(self.markets), params.started)
        self._told_inventory = params.started
        self._maker = params.maker
        self._limits = params.limits
        self._early: list[messages.Traded] = []
        self._handlers: dict[type[Message], Handler] = {
            messages.BookMoved: self._on_book,
            messages.Traded: self._on_trade,
            messages.SendAnswered: self._on_send,
            messages.CancelAnswered: self._on_cancel,
            messages.ReplaceAnswered: self._on_replace,
            messages.LookupAnswered: self._on_lookup,
            messages.OrderDoubted: self._on_doubt,
            messages.ConnectionLost: self._on_lost,
            messages.ConnectionBack: self._on_back,
            messages.SpecsRead: self._on_specs,
            messages.Turn: self._on_turn,
            messages.HoldQuotes: self._on_hold,
            messages.NewParams: self._on_params,
            messages.AccountRead: self._on_account,
            messages.Drain: self._on_drain,
        }

    def handle(self, message: Message, now: int) -> list[Effect]:
        """Take one message in at `now` (ns); returns what must happen, in order.

        Raises bot.errors.MustReconcile when the venue reports the impossible.
        """
        return self._handlers[type(message)](message, now)

    @property
    def quotes_enabled(self) -> bool:
        return not self.holders and not self.draining

    def md_age(self, now: int) -> int:
        """Nanoseconds since the stalest traded market was heard of; since the start for one never heard of."""
        since = max(now - self.params.started, 0)
        return max((self.tops[m].age(now) if m in self.tops else since for m in self.markets), default=0)

    def _on_book(self, message: messages.BookMoved, now: int) -> list[Effect]:
        self.tops[message.top.market] = message.top
        return self._requote(message.top.market, now)

    def _on_trade(self, message: messages.Traded, now: int) -> list[Effect]:
        trade = message.trade
        if not self.reconciled:
            self._early.append(message)
            return []
        effects = self.positions.take(trade)
        if not effects:
            return []
        self.orders.on_trade(trade, now)
        return effects + self._requote(trade.market, now)

    def _on_send(self, message: messages.SendAnswered, now: int) -> list[Effect]:
        order = self.orders.on_send(message.cloid, message.result, now)
        told: list[Effect] = []
        match message.result:
            case Accepted():
                self.last_reject.pop(order.market, None)
                told.append(Emit(narration.accepted(order, now)))
            case Rejected() as result:
                self.last_reject[order.market] = result
                told.append(Emit(narration.rejected(self.params.specs[order.market], order, result, now)))
            case NoAnswer(reason):
                told.append(Emit(narration.unknown(order, reason)))
        return told + self._requote(order.market, now)

    def _on_cancel(self, message: messages.CancelAnswered, now: int) -> list[Effect]:
        order = self.orders.on_cancel(message.cloid, message.result, now)
        told: list[Effect] = []
        if isinstance(message.result, NoAnswer):
            told.append(Emit(narration.unknown(order, message.result.reason)))
        return told + self._ask(now) + self._requote(order.market, now)

    def _on_replace(self, message: messages.ReplaceAnswered, now: int) -> list[Effect]:
        gone = self._on_cancel(messages.CancelAnswered(message.old, message.result.cancel), now)
        return gone + self._on_send(messages.SendAnswered(message.cloid, message.result.send), now)

    def _on_doubt(self, message: messages.OrderDoubted, now: int) -> list[Effect]:
        return []

    def _on_lost(self, message: messages.ConnectionLost, now: int) -> list[Effect]:
        self.tops.clear()
        return self._requote_all(now)

    def _on_back(self, message: messages.ConnectionBack, now: int) -> list[Effect]:
        return []

    def _on_specs(self, message: messages.SpecsRead, now: int) -> list[Effect]:
        return []

    def _on_lookup(self, message: messages.LookupAnswered, now: int) -> list[Effect]:
        first_news = not self.orders.known(message.cloid).oid
        order = self.orders.on_lookup(message.cloid, message.result, now)
        told: list[Effect] = []
        match message.result:
            case Resting() if first_news:
                told.append(Emit(narration.accepted(order, now)))
            case NeverSeen():
                told.append(Emit(narration.rejected(self.params.specs[order.market], order, LOST, now)))
        return told + self._requote(order.market, now)

    def _on_turn(self, message: messages.Turn, now: int) -> list[Effect]:
        self.orders.forget(now)
        effects: list[Effect] = [Emit(self._heartbeat(message, now)), *self._feed_news(now), *self._inventory(now)]
        return effects + self._ask(now) + self._requote_all(now)

    def _on_hold(self, message: messages.HoldQuotes, now: int) -> list[Effect]:
        before = bool(self.holders)
        (self.holders.add if message.off else self.holders.discard)(message.holder)
        effects: list[Effect] = []
        if message.source == "ctl":
            effects.append(messages.KeepHold(message.off))
        if bool(self.holders) != before:
            effects.append(Emit(events.KillSwitch(on=message.off, source=message.source)))
        return effects + self._requote_all(now)

    def _on_params(self, message: messages.NewParams, now: int) -> list[Effect]:
        self._maker, self._limits = message.maker, message.limits
        return self._requote_all(now)

    def _on_drain(self, message: messages.Drain, now: int) -> list[Effect]:
        self.draining = True
        return self._requote_all(now)

    def _on_account(self, message: messages.AccountRead, now: int) -> list[Effect]:
        """Settle positions, take over what an earlier run left resting; the next plan cancels that."""
        journal = {kept.market: Holding(Lots(kept.lots), kept.cost) for kept in message.journal}
        own = {order.cloid for order in self.orders.open()}
        found = reconcile.compare(journal, message.known, message.account, own)
        effects = self.positions.settle(journal, message.known, found)
        for resting in found.orphans:
            self.orders.adopt(resting, now)
        self.reconciled = True
        done = events.Reconcile(
            reason=message.reason,
            markets=len(found.markets),
            orphans=len(found.orphans),
            adopted_fills=len(found.missed),
        )
        effects.append(Emit(done))
        for early in self._early:
            effects += self._on_trade(early, now)
        self._early.clear()
        return effects + self._requote_all(now)

    def _heartbeat(self, message: messages.Turn, now: int) -> events.Heartbeat:
        return events.Heartbeat(
            uptime_s=round(max(now - self.params.started, 0) / SECOND, 3),
            md_age_ms=round(self.md_age(now) / narration.MILLI, 1),
            open_orders=sum(1 for _ in self.orders.open()),
            kill=0 if self.quotes_enabled else 1,
            loop_lag_ms=message.loop_lag_ms,
        )

    def _feed_news(self, now: int) -> list[Effect]:
        complete = all(market in self.tops for market in self.markets)
        return [Emit(event) for event in self._feed.news(self.md_age(now), self.params.stale_after, complete, now)]

    def _inventory(self, now: int) -> list[Effect]:
        """What is held, once a minute; a market without a price waits for its first."""
        if now - self._told_inventory < MINUTE:
            return []
        self._told_inventory = now
        held = (market for market in self.positions.markets() if self.positions[market].lots)
        return [Emit(told) for market in held if (told := self._held(market, now)) is not None]

    def _held(self, market: str, now: int) -> events.Inventory | None:
        spec, mid = self.params.specs[market], self.tops[market].mid if market in self.tops else None
        if mid is None:
            return None
        since = now - self.positions.held_since(market)
        return narration.inventory(spec, self.positions[market], mid, limits.cap(spec, self._limits), since)

    def _ask(self, now: int) -> list[Effect]:
        return [messages.LookUp(order.market, order.cloid) for order in self.orders.to_ask(now)]

    def _requote_all(self, now: int) -> list[Effect]:
        held = [order.market for order in self.orders.open() if order.market not in self.markets]
        return [effect for market in dict.fromkeys((*self.markets, *held)) for effect in self._requote(market, now)]

    def _requote(self, market: str, now: int) -> list[Effect]:
        if not self.reconciled:
            return []
        wanted, reason = self._wanted(market, now)
        steps = self.orders.plan(market, wanted, reason, now)
        if self.orders.working(market, "bid") or self.orders.working(market, "ask"):
            self.quoted_at[market] = now
        return [effect for step in steps for effect in self._carry_out(step, now)]

    def _carry_out(self, step: Place | Cancel, now: int) -> list[Effect]:
        order = step.order
        cancels = self.orders.cancels_in_window(order.market, now)
        if isinstance(step, Cancel):
            self.cancels += 1
            self.cancelled_in_drain += self.draining
            told = narration.cancelling(order, step.reason, cancels, now)
            return [Emit(told), messages.CancelOrder(order.market, order.cloid)]
        spec = self.params.specs[order.market]
        return [
            Emit(narration.placed(spec, order, self.positions[order.market], cancels)),
            messages.Send(_request(order)),
        ]

    def _wanted(self, market: str, now: int) -> tuple[dict[Side, Quote | None], str]:
        """What should rest in this market, and the reason why anything else has to go."""
        nothing: dict[Side, Quote | None] = {"bid": None, "ask": None}
        if self.draining:
            return nothing, "shutdown"
        if self.holders:
            return nothing, "kill"
        top = self.tops.get(market)
        if market not in self.markets or top is None or top.age(now) > self.params.stale_after:
            return nothing, "stale"
        view = self._view(market, top)
        wished = choice.quotes(view, self._maker)
        bid, ask = _cut(view.spec, wished.bid, view.room_bid), _cut(view.spec, wished.ask, view.room_ask)
        untouched = bid is wished.bid and ask is wished.ask
        return {"bid": bid, "ask": ask}, "requote" if untouched else "risk"

    def _view(self, market: str, top: Top) -> View:
        spec, lots = self.params.specs[market], self.positions[market].lots
        cap = limits.cap(spec, self._limits)
        return View(
            spec=spec,
            top=top,
            position=lots,
            cap=cap,
            room_bid=limits.room("bid", lots, cap),
            room_ask=limits.room("ask", lots, cap),
            working_bid=self.orders.working(market, "bid"),
            working_ask=self.orders.working(market, "ask"),
        )


def _cut(spec: Spec, quote: Quote | None, room: Lots) -> Quote | None:
    """A quote within its room: itself, smaller, or none when too little is left to send."""
    if quote is None or quote.lots <= room:
        return quote
    smaller = Quote(quote.ticks, room)
    return smaller if spec.worth_sending(smaller.ticks, smaller.lots) else None


def _request(order: Order) -> NewOrder:
    return NewOrder(order.market, order.side, order.ticks, order.lots, order.cloid, order.tif, order.ro)
