"""From what is believed to what is asked of the venue: the wish of the strategy, cut by risk, turned into orders.

Nothing is wanted before the venue's account was read, nor on a stale book or none, nor while anyone holds quotes off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bot import messages
from bot.execution.order_manager import NO_ROOM, Cancel, Change, Place, Step
from bot.market.book import Top
from bot.market.orders import Order, Quote
from bot.market.others import Others
from bot.market.reports import NewOrder
from bot.market.spec import Spec
from bot.market.units import Lots, Side
from bot.messages import Effect, Emit
from bot.risk import limits
from bot.session import narration
from bot.session.state import State
from bot.strategy import choice
from bot.strategy.view import View

Wishes = dict[Side, Quote | None]
Room = Mapping[Side, Lots]
NOTHING: Wishes = {"bid": None, "ask": None}


class Quoting:
    """Call `requote` after anything that a quote depends on."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._others: defaultdict[str, Others] = defaultdict(Others)
        self._without_ours: dict[str, Top] = {}

    def saw(self, top: Top) -> None:
        """New best prices: what of them is ours is known now, and not any more once an order ended."""
        if self._state.params.ours_shown:
            ours = self._state.orders.open(top.market)
            self._without_ours[top.market] = self._others[top.market].seen(top, ours)

    def requote_all(self, now: int) -> list[Effect]:
        """Every market that is quoted or has orders."""
        state = self._state
        held = [order.market for order in state.orders.open() if order.market not in state.markets]
        return [effect for market in dict.fromkeys((*state.markets, *held)) for effect in self.requote(market, now)]

    def requote(self, market: str, now: int) -> list[Effect]:
        """What must be sent so that what is wanted rests."""
        state = self._state
        if not state.reconciled:
            return []
        wanted, reason, room = self._wanted(market, now)
        steps = state.orders.plan(market, wanted, reason, now, room)
        if state.orders.working(market, "bid") or state.orders.working(market, "ask"):
            state.quoted_at[market] = now
        return [effect for step in steps for effect in self._carry_out(step, now)]

    def _carry_out(self, step: Step, now: int) -> list[Effect]:
        match step:
            case Place(order):
                return [*self._placed(order, now), messages.Send(_request(order))]
            case Cancel(order, reason):
                return [self._taken_off(order, reason, now), messages.CancelOrder(order.market, order.cloid)]
            case Change(old, order, reason):
                told = [self._taken_off(old, reason, now), *self._placed(order, now)]
                return [*told, messages.Replace(old.cloid, _request(order))]

    def _taken_off(self, order: Order, reason: str, now: int) -> Effect:
        state = self._state
        state.cancels += 1
        state.cancelled_in_drain += state.draining
        return Emit(narration.cancelling(order, reason, state.orders.cancels_in_window(order.market, now), now))

    def _placed(self, order: Order, now: int) -> list[Effect]:
        state, spec = self._state, self._state.specs[order.market]
        retry = state.guard.sending(order)
        told = [] if retry is None else [Emit(narration.retrying(spec, order, retry))]
        cancels, holding = state.orders.cancels_in_window(order.market, now), state.positions[order.market]
        placed = narration.placed(
            spec, order, holding, cancels, state.maker.name, None if retry is None else retry.retry_of
        )
        if not state.params.shadow:
            return [*told, Emit(placed)]
        top = state.tops[order.market]
        return [*told, Emit(narration.shadowed(spec, placed, top.ask if order.side == "bid" else top.bid))]

    def _wanted(self, market: str, now: int) -> tuple[Wishes, str, Room]:
        """What should rest in this market, the reason why anything else has to go, and how much may trade."""
        state = self._state
        if state.draining:
            return NOTHING, "shutdown", NO_ROOM
        if state.holders:
            return NOTHING, "kill", NO_ROOM
        if not state.alone:
            return NOTHING, "orphan", NO_ROOM
        if market in state.specs.unlisted:
            return NOTHING, "risk", NO_ROOM
        top = state.tops.get(market)
        if state.in_doubt or market not in state.markets or top is None or top.age(now) > state.params.stale_after:
            return NOTHING, "stale", NO_ROOM
        view = self._view(market, top)
        wished = choice.quotes(view, state.maker)
        bid, ask = _cut(view.spec, wished.bid, view.room_bid), _cut(view.spec, wished.ask, view.room_ask)
        untouched = bid is wished.bid and ask is wished.ask
        room: Room = {"bid": view.room_bid, "ask": view.room_ask}
        return {"bid": bid, "ask": ask}, "requote" if untouched else "risk", room

    def _view(self, market: str, top: Top) -> View:
        state = self._state
        spec, lots = state.specs[market], state.positions[market].lots
        cap = limits.cap(spec, state.limits)
        return View(
            spec=spec,
            top=top,
            position=lots,
            cap=cap,
            room_bid=spec.sendable(limits.room("bid", lots, cap)),
            room_ask=spec.sendable(limits.room("ask", lots, cap)),
            working_bid=state.orders.working(market, "bid"),
            working_ask=state.orders.working(market, "ask"),
            maker_fee_ppm=state.maker_fee_ppm,
            equity=state.equity,
            others=self._without_ours.get(market),
        )


def _cut(spec: Spec, quote: Quote | None, room: Lots) -> Quote | None:
    """A quote within its room: itself, smaller, or none when too little is left to send."""
    if quote is None or quote.lots <= room:
        return quote
    smaller = Quote(quote.ticks, room)
    return smaller if spec.worth_sending(smaller.ticks, smaller.lots) else None


def _request(order: Order) -> NewOrder:
    return NewOrder(order.market, order.side, order.ticks, order.lots, order.cloid, order.tif, order.ro)
