"""Eyes on what an edge-locked session wants sent, by what it believes at that moment: the rules of the strategy.

Worked out here once more from the settings, without the strategy's own code.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from bot.clock import NANOS
from bot.events import Event, Fill, QuotePlace
from bot.market.orders import Order, OrderState
from bot.market.reports import NewOrder
from bot.market.units import sign
from bot.session import Session
from bot.strategy import edge_locked
from tests.bot.schedules.eyes import Notes

LATE = NANOS + NANOS // 2
"""How long (ns) after the last moment an entry may still be seen resting: the session looks once a second."""


class Wishes:
    """`params` are what the desk set."""

    def __init__(self, params: edge_locked.Params, notes: Notes) -> None:
        self._params, self._notes = params, notes
        self._locked: dict[tuple[str, Fraction, object, object], float] = {}

    def sends(self, session: Session, order: NewOrder, now: int) -> None:
        """The session wants this sent."""
        held = session.positions[order.market].lots
        told = f"{order.tif} {order.side} {order.lots} of {order.market} at {order.ticks}, held {held}"
        if held * sign(order.side) > 0:
            self._notes.violated(f"skew leak: {told}")
        if order.ro != bool(held):
            self._notes.violated(f"ro is {order.ro}: {told}")
        if held and order.lots > abs(held):
            self._notes.violated(f"more than is held leaves: {told}")
        self._crosses(session, order, told)
        if not held:
            self._enters(session, order, now, told)

    def turns(self, session: Session, now: int) -> None:
        """No entry rests that should be gone; one whose cancel is under way is going."""
        for order in session.orders.open():
            if order.state is OrderState.WORKING and not order.ro and not order.orphan:
                self._stays(session, order, now)

    def says(self, session: Session, event: Event) -> None:
        """The session tells this."""
        match event:
            case QuotePlace():
                self._locked_in(session, event)
            case Fill(state="SKEW_LONG", side="bid") | Fill(state="SKEW_SHORT", side="ask"):
                self._notes.violated(f"a leak by the log: {event}")
            case Fill(gate_err=float(error)) if error > 0:
                self._notes.violated(f"a breach of a gate by the log: {event}")

    def _locked_in(self, session: Session, placed: QuotePlace) -> None:
        """Where a position takes its profit moves with its average price only."""
        market = placed.market
        vwap, spec = session.positions[market].vwap, session.specs[market]
        if vwap is None or placed.tp is None or spec.contract is None:
            if vwap is not None:
                self._notes.violated(f"an order of a position without its take-profit: {placed}")
            return
        before = self._locked.setdefault((market, vwap, spec.grid, spec.contract.fees), placed.tp)
        if before != placed.tp:
            self._notes.violated(f"the take-profit of {market} moved from {before} to {placed.tp} at one average price")

    def _crosses(self, session: Session, order: NewOrder, told: str) -> None:
        top = session.tops.get(order.market)
        if order.tif == "Ioc" or top is None:
            return
        across = top.ask if order.side == "bid" else top.bid
        if across is not None and (order.ticks - across) * sign(order.side) >= 0:
            self._notes.violated(f"crosses {across}: {told}")

    def _enters(self, session: Session, order: NewOrder, now: int, told: str) -> None:
        spec = session.specs[order.market]
        contract = spec.contract
        if contract is None or order.tif != "Alo":
            self._notes.violated(f"no entry: {told}")
            return
        gate = self._params.gates[self._params.leagues[contract.series]]
        price = Decimal(order.ticks) * spec.tick
        if not (price <= gate.low if order.side == "bid" else price >= gate.high):
            self._notes.violated(f"entry inside the gates {gate.low} and {gate.high}: {told}")
        if contract.starts is None or now >= contract.starts - self._params.quiet_s * NANOS:
            self._notes.violated(f"entry in the quiet before the start: {told}")
        if session.holders or session.draining:
            self._notes.violated(f"entry while quotes are off by {sorted(session.holders)}: {told}")

    def _stays(self, session: Session, order: Order, now: int) -> None:
        contract = session.specs[order.market].contract
        top = session.tops.get(order.market)
        if contract is None or contract.starts is None or top is None or top.mid is None:
            return
        late = now - (contract.starts - self._params.quiet_s * NANOS)
        if late > LATE and now - order.sent_at > LATE:
            self._notes.violated(f"an entry in {order.market} rests {late / NANOS:.1f} s after the quiet began")
