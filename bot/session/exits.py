"""How positions leave, told once for each position and kind: directly before the order that does it, or, for a
take-profit, when it closed the position.

A trim is told for each of its orders. Decides nothing; an order of an earlier run is nobody's exit.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from bot import events
from bot.market.orders import Order
from bot.messages import Effect, Emit
from bot.session import position_events, terms
from bot.session.positions import Counted
from bot.session.state import State
from bot.session.wish import Wish
from bot.strategy.edge_locked import trim
from bot.strategy.edge_locked.view import ExitKind

TOLD_ONCE: dict[ExitKind, type[events.SweetSpotExit | events.HardCapExit]] = {
    "sweet_spot_exit": events.SweetSpotExit,
    "hard_cap_exit": events.HardCapExit,
}


class Exits:
    """Remembers what each leaving order is for, and what a position earned on its way out."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._kinds: dict[str, ExitKind] = {}
        self._told: defaultdict[str, set[ExitKind]] = defaultdict(set)
        self._won: defaultdict[str, float] = defaultdict(float)

    def sent(self, order: Order, wish: Wish, now: int) -> list[Effect]:
        """An order goes out: what must be told before it."""
        if not order.ro:
            return []
        kind = self._kinds[order.cloid] = "tp_exit" if wish.leaving is None else wish.leaving.kind
        if kind == "mae_trim":
            return [Emit(self._trim(order, wish, now))]
        if kind not in TOLD_ONCE or kind in self._told[order.market]:
            return []
        self._told[order.market].add(kind)
        return [Emit(TOLD_ONCE[kind](**self._leaving(order, wish, now)))]

    def filled(self, counted: Counted, now: int) -> list[Effect]:
        """A trade was counted: whether a take-profit closed the position."""
        trade, before, after = counted.trade, counted.before, counted.after
        market = trade.market
        self._won[market] += position_events.realised(self._state.specs[market], counted) or 0.0
        if after.state == before.state:
            return []
        told, kind = list[Effect](), self._kinds.get(trade.cloid)
        if kind == "tp_exit" and not after.lots:
            spec = self._state.specs[market]
            closed = events.TpExit(
                market=market,
                state=before.state,
                side=trade.side,
                price=spec.price(trade.ticks),
                size=spec.size(trade.lots),
                vwap=position_events.price(spec, before.holding.vwap),
                age_s=position_events.seconds(before.age(now)),
                tp=position_events.optional(spec, terms.target(spec, before.holding, self._state.edge)),
                pnl=round(self._won[market], 6),
            )
            told.append(Emit(closed))
        self.over(market)
        return told

    def over(self, market: str) -> None:
        """The position is gone, or another one."""
        self._told.pop(market, None)
        self._won.pop(market, None)

    def forget(self) -> None:
        """Drop orders that nobody asks for any more."""
        gone = [cloid for cloid in self._kinds if self._state.orders.find(cloid) is None]
        for cloid in gone:
            del self._kinds[cloid]

    def _leaving(self, order: Order, wish: Wish, now: int) -> dict[str, Any]:
        state, spec = self._state, self._state.specs[order.market]
        held = state.positions.story(order.market)
        return {
            "market": order.market,
            "state": held.state,
            "side": order.side,
            "price": spec.price(order.ticks),
            "size": spec.size(order.lots),
            "vwap": position_events.price(spec, held.holding.vwap),
            "age_s": position_events.seconds(held.age(now)),
            "tp": position_events.optional(spec, wish.tp),
        }

    def _trim(self, order: Order, wish: Wish, now: int) -> events.MaeTrim:
        state, spec = self._state, self._state.specs[order.market]
        assert state.edge is not None, "only edge-locked positions are trimmed"
        against = state.positions.story(order.market).adverse * Fraction(spec.tick) * 100
        part = float(trim.fraction(against, state.edge.mae_rate))
        return events.MaeTrim(
            **self._leaving(order, wish, now), mae_c=round(float(against), 4), fraction=round(part, 4)
        )
