"""What the venue says about orders: answers to sends, cancels, changes and questions, and what it says unasked.

An order in doubt is asked for under its own id. What only the account can tell is left to whoever reads it:
`unsettled` says why.
"""

from __future__ import annotations

from bot import messages
from bot.execution.retry_guard import Exhausted, Retry
from bot.market.orders import Order, OrderState
from bot.market.reports import (
    Accepted,
    CancelRefused,
    CancelResult,
    Cure,
    NeverSeen,
    NoAnswer,
    Rejected,
    Replaced,
    Resting,
    SendResult,
)
from bot.messages import Effect, Emit
from bot.session import narration
from bot.session.breakers import Breakers
from bot.session.listings import Listings
from bot.session.quoting import Quoting
from bot.session.state import State

LOST = Rejected("E_LOST", "the venue never took this order")
UNTOLD_TOO_OFTEN = 3


class Replies:
    """Each answer is told, believed, and followed by what the market then needs."""

    def __init__(self, state: State, quoting: Quoting, listings: Listings, breakers: Breakers) -> None:
        self._state = state
        self._quoting = quoting
        self._listings = listings
        self._breakers = breakers

    def on_send(self, message: messages.SendAnswered, now: int) -> list[Effect]:
        order = self._state.orders.on_send(message.cloid, message.result, now)
        return self._after(order, self._told(order, message.result, now), now)

    def on_cancel(self, message: messages.CancelAnswered, now: int) -> list[Effect]:
        order = self._state.orders.on_cancel(message.cloid, message.result, now)
        return self._after(order, _unanswered(order, message.result), now)

    def on_replace(self, message: messages.ReplaceAnswered, now: int) -> list[Effect]:
        old, order = self._state.orders.on_replaced(message.old, message.cloid, message.result, now)
        match message.result:
            case Replaced(CancelRefused(), Rejected(reason=reason, cure=Cure.LOOK_UP)):
                self._state.guard.settled(order.cloid)
                told: list[Effect] = [Emit(narration.moot(order, old.cloid, reason, now))]
            case Replaced(cancel, send):
                told = _unanswered(old, cancel) + self._told(order, send, now)
        return self._after(order, told, now)

    def on_lookup(self, message: messages.LookupAnswered, now: int) -> list[Effect]:
        state = self._state
        first_news = not state.orders.known(message.cloid).oid
        order = state.orders.on_lookup(message.cloid, message.result, now, blind=state.in_doubt)
        told: list[Effect] = []
        if order.state is not OrderState.UNKNOWN:
            state.guard.settled(order.cloid)
        match message.result:
            case Resting() if first_news:
                told += self._acknowledged(order, now)
            case NeverSeen() if order.state is OrderState.REJECTED:
                told.append(Emit(narration.rejected(state.specs[order.market], order, LOST, now)))
        return self._after(order, told, now)

    def on_doubt(self, message: messages.OrderDoubted, now: int) -> list[Effect]:
        return self.doubt(message.cloid, message.reason, now) + self.ask(now)

    def doubt(self, cloid: str, reason: str, now: int) -> list[Effect]:
        """Believe no more that this order rests as it should; nothing to do for one that is over."""
        order = self._state.orders.doubt(cloid, now)
        return [] if order is None else [Emit(narration.unknown(order, reason))]

    def ask(self, now: int) -> list[Effect]:
        """Questions that are due."""
        return [messages.LookUp(order.market, order.cloid) for order in self._state.orders.to_ask(now)]

    def unsettled(self) -> str:
        """Why the account must be read, as asking for single orders leads nowhere; empty when it need not."""
        for order in self._state.orders.open():
            if order.state is OrderState.UNKNOWN and (order.forgotten or order.untold >= UNTOLD_TOO_OFTEN):
                return "doubt"
        return ""

    def _after(self, order: Order, told: list[Effect], now: int) -> list[Effect]:
        return told + self.ask(now) + self._quoting.requote(order.market, now)

    def _told(self, order: Order, result: SendResult, now: int) -> list[Effect]:
        match result:
            case Accepted():
                self._state.last_reject.pop(order.market, None)
                self._state.guard.settled(order.cloid)
                return self._acknowledged(order, now)
            case NoAnswer(reason):
                self._breakers.failed(order, now)
                return [Emit(narration.unknown(order, reason))]
            case Rejected(reason=reason) if order.state is OrderState.UNKNOWN:
                return [Emit(narration.unknown(order, reason))]
            case Rejected():
                return self._refused(order, result, now)

    def _acknowledged(self, order: Order, now: int) -> list[Effect]:
        """What was never sent is not acknowledged either."""
        return [] if self._state.params.shadow else [Emit(narration.accepted(order, now))]

    def _refused(self, order: Order, result: Rejected, now: int) -> list[Effect]:
        state, spec = self._state, self._state.specs[order.market]
        state.last_reject[order.market] = result
        self._breakers.refused(order, result, now)
        told: list[Effect] = [Emit(narration.rejected(spec, order, result, now))]
        if result.cure is Cure.HALT:
            return told + state.hold("venue", off=True, source="venue") + self._quoting.requote_all(now)
        match state.guard.refused(order, result):
            case Retry():
                state.orders.hold(order.market, order.side, now)
                told += self._listings.read("e_tick", now)
            case Exhausted(attempts):
                told.append(Emit(narration.retries_exhausted(order, result, attempts)))
        return told


def _unanswered(order: Order, result: CancelResult) -> list[Effect]:
    return [Emit(narration.unknown(order, result.reason))] if isinstance(result, NoAnswer) else []
