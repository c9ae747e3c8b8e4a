"""From what is believed to what is asked of the venue: the wish of the strategy and the risk, turned into orders.

Nothing is wanted before the venue's account was read, nor on a stale book or none. Whoever holds quotes off stops the
maker altogether and the edge-locked strategy's entries only; a venue that refused us for good stops both.
"""

from __future__ import annotations

from collections import defaultdict

from bot.execution.order_manager import Change, Place, Step
from bot.market.book import Top
from bot.market.others import Others
from bot.messages import Effect
from bot.session.breakers import Breakers
from bot.session.edge import EdgeLocked
from bot.session.exits import Exits
from bot.session.maker import Maker
from bot.session.sending import Sending
from bot.session.state import VENUE, State
from bot.session.wish import Wish


class Quoting:
    """Call `requote` after anything that a quote depends on."""

    def __init__(self, state: State, breakers: Breakers, exits: Exits) -> None:
        self._state = state
        self._breakers = breakers
        self._sending = Sending(state, breakers, exits)
        self._maker, self._edge = Maker(state), EdgeLocked(state, breakers)
        self._others: defaultdict[str, Others] = defaultdict(Others)
        self._without_ours: dict[str, Top] = {}

    def saw(self, top: Top) -> Top:
        """New best prices, returned without ours: those are known now, and not any more once an order ended."""
        if not self._state.params.ours_shown:
            return top
        ours = self._state.orders.open(top.market)
        others = self._without_ours[top.market] = self._others[top.market].seen(top, ours)
        return others

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
        effects = self._breakers.look(market, bool(state.holders), now)
        why = self._stopped(market, now)
        wish = Wish(why) if why else self._asked(market, now)
        held = state.positions[market].state
        for step in state.orders.plan(market, wish.quotes, wish.reason, now, wish.room, held):
            self._note(step, now)
            effects += self._sending.carry_out(step, wish, now)
        if (
            self._content(market, wish, why, now)
            or state.orders.working(market, "bid")
            or state.orders.working(market, "ask")
        ):
            state.quoted_at[market] = now
        return effects

    def _content(self, market: str, wish: Wish, why: str, now: int) -> bool:
        """Whether nothing is missing where nothing rests: a maker always wants something."""
        return self._state.closed(market, now) or (not why and wish.empty and self._state.edge is not None)

    def _note(self, step: Step, now: int) -> None:
        if isinstance(step, Place | Change) and not step.order.ro:
            self._edge.entered(step.order.market, now)

    def _stopped(self, market: str, now: int) -> str:
        """Why nothing may rest in this market, whatever the strategy wants; empty when it may."""
        state = self._state
        if state.draining:
            return "shutdown"
        if VENUE in state.holders or (state.holders and state.edge is None):
            return "kill"
        if not state.alone:
            return "orphan"
        if market in state.specs.unlisted or market in state.over:
            return "risk"
        top = state.tops.get(market)
        if state.in_doubt or market not in state.markets or top is None or top.age(now) > state.params.stale_after:
            return "stale"
        return ""

    def _asked(self, market: str, now: int) -> Wish:
        top, others = self._state.tops[market], self._without_ours.get(market)
        strategy = self._maker if self._state.edge is None else self._edge
        return strategy.wish(market, top, others, now)
