"""Steps of the order manager carried out: told as events, counted by the breaker, and asked of the venue."""

from __future__ import annotations

import msgspec

from bot import events, messages
from bot.execution.order_manager import Cancel, Change, Place, Step
from bot.market.orders import Order
from bot.market.reports import NewOrder
from bot.market.units import Ticks
from bot.messages import Effect, Emit
from bot.session import narration, terms
from bot.session.breakers import Breakers
from bot.session.exits import Exits
from bot.session.state import State
from bot.session.wish import Wish


class Sending:
    """Nothing is decided any more."""

    def __init__(self, state: State, breakers: Breakers, exits: Exits) -> None:
        self._state = state
        self._breakers = breakers
        self._exits = exits

    def carry_out(self, step: Step, wish: Wish, now: int) -> list[Effect]:
        match step:
            case Place(order):
                return [*self._placed(order, wish, now), messages.Send(_request(order))]
            case Cancel(order, reason):
                return [self._taken_off(order, reason, now), messages.CancelOrder(order.market, order.cloid)]
            case Change(old, order, reason):
                told = [self._taken_off(old, reason, now), *self._placed(order, wish, now)]
                return [*told, messages.Replace(old.cloid, _request(order))]

    def _taken_off(self, order: Order, reason: str, now: int) -> Effect:
        state = self._state
        state.cancels += 1
        state.cancelled_in_drain += state.draining
        self._breakers.cancelled(order.market, now)
        return Emit(narration.cancelling(order, reason, state.orders.cancels_in_window(order.market, now), now))

    def _placed(self, order: Order, wish: Wish, now: int) -> list[Effect]:
        state, spec = self._state, self._state.specs[order.market]
        retry = state.guard.sending(order)
        told: list[Effect] = [] if retry is None else [Emit(narration.retrying(spec, order, retry))]
        told += self._exits.sent(order, wish, now)
        holding, cancels = state.positions[order.market], state.orders.cancels_in_window(order.market, now)
        retry_of = None if retry is None else retry.retry_of
        placed = narration.placed(spec, order, holding, cancels, state.strategy, retry_of)
        placed = self._with_target(placed, order, wish)
        if not state.params.shadow:
            return [*told, Emit(placed)]
        top = state.tops[order.market]
        return [*told, Emit(narration.shadowed(spec, placed, top.ask if order.side == "bid" else top.bid))]

    def _with_target(self, placed: events.QuotePlace, order: Order, wish: Wish) -> events.QuotePlace:
        """Where the position takes its profit: the order's own price if that is what it is for."""
        state, spec = self._state, self._state.specs[order.market]
        target = terms.target(spec, state.positions[order.market], state.edge)
        if target is None or wish.tp is None:
            return placed
        quoted = order.ticks if order.ro and wish.leaving is None else wish.tp
        drift = spec.price(Ticks(abs(quoted - target)))
        return msgspec.structs.replace(placed, tp=spec.price(quoted), tp_err=drift)


def _request(order: Order) -> NewOrder:
    return NewOrder(order.market, order.side, order.ticks, order.lots, order.cloid, order.tif, order.ro)
