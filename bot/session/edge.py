"""The wish of edge-locked quoting for one market: when it may enter and with how much, and how a position leaves.

Entries stop for a switch, a breaker, the start of the game and the limits; the take-profit and the exits go on.
It sees the market without its own orders: an exit that followed its own quote would run down to the bid.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from bot.execution.order_manager import NO_ROOM
from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import NO_LOTS, SIDES, Lots, Side
from bot.risk import limits
from bot.session import terms
from bot.session.breakers import Breakers
from bot.session.state import State
from bot.session.wish import NO_QUOTES, Room, Wish
from bot.strategy.edge_locked import Params
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.quoting import decide
from bot.strategy.edge_locked.states import MAY_QUOTE
from bot.strategy.edge_locked.view import Decision, Exit, View


class EdgeLocked:
    """`entered` must be told of every entry that goes out: the cooldown counts from there."""

    def __init__(self, state: State, breakers: Breakers) -> None:
        self._state = state
        self._breakers = breakers
        self._entered_at: dict[str, int] = {}
        self._events: defaultdict[str, list[str]] = defaultdict(list)
        for market, spec in state.specs.items():
            if spec.contract is not None:
                self._events[spec.contract.event].append(market)

    def entered(self, market: str, now: int) -> None:
        self._entered_at[market] = now

    def wish(self, market: str, top: Top, others: Top | None, now: int) -> Wish:
        """`others` are the best prices without ours, as far as they are known."""
        state, params = self._state, self._state.edge
        spec, held = state.specs[market], state.positions.story(market)
        if params is None or spec.contract is None:
            return Wish("risk")
        why = self._no_entries(market, spec, params, now)
        view = self._view(market, others or top, params, not why, now)
        decision = decide(view, params)
        if held.lots:
            decision = replace(decision, exit=_inside(spec, decision.exit, top))
            return Wish("requote", _leaving(held, decision), NO_ROOM, decision.exit, decision.tp)
        room: Room = {"bid": view.room_bid, "ask": view.room_ask}
        return Wish(why or "requote", {"bid": decision.bid, "ask": decision.ask}, room)

    def _no_entries(self, market: str, spec: Spec, params: Params, now: int) -> str:
        """Why nothing may be entered, as events.QuoteCancel has it; empty when it may."""
        if self._state.holders:
            return "kill"
        stopped = self._breakers.level(market) == "hard" or terms.quiet(spec, params, now)
        return "risk" if stopped else ""

    def _view(self, market: str, top: Top, params: Params, entries: bool, now: int) -> View:
        state = self._state
        spec, held = state.specs[market], state.positions.story(market)
        assert spec.contract is not None, "asked only of contracts"
        cap, lots = self._cap(market, spec), held.holding.lots
        return View(
            spec=spec,
            top=top,
            held=held,
            fees=spec.contract.fees,
            league=terms.league(spec, params),
            now=now,
            room_bid=spec.sendable(limits.room("bid", lots, cap)),
            room_ask=spec.sendable(limits.room("ask", lots, cap)),
            working_bid=self._working(market, "bid", held),
            working_ask=self._working(market, "ask", held),
            quoted_at=self._entered_at.get(market, 0),
            entries=entries,
            still=self._breakers.level(market) == "soft",
            started=terms.started(spec, now),
        )

    def _working(self, market: str, side: Side, held: Held) -> Quote | None:
        """What rests; to someone who is flat an order that was to leave a position is none of his quotes."""
        quote = self._state.orders.working(market, side)
        return None if quote is not None and quote.ro and not held.lots else quote

    def _cap(self, market: str, spec: Spec) -> Lots:
        """The largest position: of the market, and what the other markets of its event leave of the event's."""
        state, own = self._state, limits.cap(spec, self._state.limits)
        if state.limits.max_per_event is None or spec.contract is None:
            return own
        others = (self._reach(other) for other in self._events[spec.contract.event] if other != market)
        left = spec.whole_lots(state.limits.max_per_event) - sum(others)
        return Lots(max(min(own, left), NO_LOTS))

    def _reach(self, market: str) -> int:
        """The largest position that what is held and what may rest can come to."""
        lots, orders = self._state.positions[market].lots, self._state.orders
        bids, asks = (sum(order.left for order in orders.open(market, side) if not order.ro) for side in SIDES)
        return limits.reach(lots, Lots(bids), Lots(asks))


def _inside(spec: Spec, out: Exit | None, shown: Top) -> Exit | None:
    """An exit that rests crosses nothing that the book shows, be it what is left of an order of ours."""
    if out is None or out.tif == "Ioc":
        return out
    price = spec.maker_price(out.side, out.quote.ticks, shown.ask if out.side == "bid" else shown.bid)
    return replace(out, quote=Quote(price, out.quote.lots)) if spec.legal(price) else None


def _leaving(held: Held, decision: Decision) -> dict[Side, Quote | None]:
    """One order at a time: the exit first, and the take-profit once that is done."""
    (side,) = MAY_QUOTE[held.state]
    resting = decision.bid if side == "bid" else decision.ask
    out, quotes = decision.exit, dict(NO_QUOTES)
    if out is not None:
        quotes[side] = Quote(out.quote.ticks, out.quote.lots, out.tif, ro=True)
    elif resting is not None:
        quotes[side] = Quote(resting.ticks, resting.lots, ro=True)
    return quotes
