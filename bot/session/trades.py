"""Trades and settlements taken in: counted, kept, told, and laid to the order that they are of."""

from __future__ import annotations

from bot import messages
from bot.market.reports import Settlement, Trade
from bot.messages import Effect, Emit
from bot.session import position_events
from bot.session.exits import Exits
from bot.session.state import State


class Trades:
    """What follows from a change of the position for quotes is left to whoever calls."""

    def __init__(self, state: State, exits: Exits) -> None:
        self._state = state
        self._exits = exits

    def take(self, trade: Trade, now: int) -> list[Effect]:
        """Count a trade; no effects when it was counted before."""
        state = self._state
        counted = state.positions.take(trade)
        if counted is None:
            return []
        order, holding = state.orders.find(trade.cloid), counted.after.holding
        effects: list[Effect] = [
            *state.positions.remembered(trade.market, counted.before),
            messages.KeepTrade(trade, holding.lots, holding.cost, holding.average),
            Emit(position_events.filled(state, counted, order)),
            *self._exits.filled(counted, now),
        ]
        effects += [Emit(told) for told in position_events.turned(state, counted)]
        state.orders.on_trade(trade, now)
        return effects

    def settle(self, settlement: Settlement) -> list[Effect]:
        """A market paid out what was held there."""
        market, state = settlement.market, self._state
        before = state.positions.settle(market)
        self._exits.over(market)
        told = position_events.settled(state.specs[market], before, settlement)
        return [messages.KeepPosition(market, 0, 0), Emit(told)]
