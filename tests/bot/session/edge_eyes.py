"""Eyes on an edge-locked session: what it asks for and says, against what the seed forbids and promises.

They keep a ledger of their own, in fractions, and take from the session only what it knew when it decided: the last
prices, the rules of the markets, and which answers are outstanding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bot import events, messages
from bot.market.book import Top
from bot.market.orders import Order, OrderState
from bot.market.reports import NewOrder, Trade
from bot.market.spec import Spec
from bot.market.units import Side, Ticks, opposite, sign
from bot.messages import Effect, Emit, Message
from bot.session import Session
from bot.strategy import edge_locked
from tests.bot.session.edge_venue import GameVenue

SECOND = 1_000_000_000
OFFSET = 700
"""Ticks: 2 x (1.75 + 1.75) cents."""
LEAVES = (events.SweetSpotExit, events.HardCapExit, events.MaeTrim)
ADDS: dict[int, Side] = {1: "bid", -1: "ask"}


@dataclass(slots=True)
class Ledger:
    """A position by its trades; `paid` over `lots` is exact. `since` is when it was opened."""

    lots: int = 0
    vwap: Fraction = Fraction(0)
    since: int = 0
    told: set[str] = field(default_factory=set)

    def take(self, trade: Trade) -> None:
        change, before = sign(trade.side) * trade.lots, self.lots
        self.lots = before + change
        if before * change >= 0:
            self.vwap = (self.vwap * abs(before) + trade.ticks * trade.lots) / abs(self.lots)
        elif before * self.lots < 0:
            self.vwap = Fraction(trade.ticks)
        if before * self.lots <= 0:
            self.since = trade.at
            self.told.clear()

    def target(self, spec: Spec) -> Ticks:
        """The take-profit, worked out from the exact average."""
        if self.lots > 0:
            price = spec.grid.ceil(self.vwap + OFFSET)
            return price if spec.legal(price) else spec.grid.floor(9_999)
        return spec.grid.floor(self.vwap - OFFSET) or spec.grid.ceil(1)


@dataclass(slots=True)
class Eyes:
    """Of one session after another; what is believed over a restart is in `ledgers`."""

    venue: GameVenue
    params: edge_locked.Params
    cap: int
    event_cap: int
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)
    others: dict[tuple[str, int, int | None, int | None], tuple[int | None, int | None]] = field(default_factory=dict)
    """Of each top that was told, the prices that are not ours: an order of ours that just filled is in nobody's way."""

    def ledger(self, market: str) -> Ledger:
        return self.ledgers.setdefault(market, Ledger())

    def restarted(self) -> None:
        self.levels.clear()
        for ledger in self.ledgers.values():
            ledger.told.clear()

    def said(self, session: Session, effects: list[Effect], now: int) -> None:
        """All that one message led to, in its order."""
        told: list[events.Event] = []
        for effect in effects:
            match effect:
                case Emit(event):
                    self._event(session, event, told[-1] if told else None, now)
                    told.append(event)
                case messages.KeepTrade(trade, lots):
                    self.ledger(trade.market).take(trade)
                    assert self.ledger(trade.market).lots == lots
                case messages.KeepPosition(market, lots, cost):
                    self._settled(market, lots, cost, now)
                case messages.Send(order):
                    self._sent(session, order, told[-1], now)
                case messages.Replace(_, order):
                    assert not order.ro, "only entries are changed in one request"
                    self._sent(session, order, told[-1], now)
        if told:
            assert not isinstance(told[-1], LEAVES), "an exit was told and nothing was sent for it"

    def _settled(self, market: str, lots: int, cost: int, now: int) -> None:
        """The venue says what is held."""
        ledger = self.ledger(market)
        if not lots or lots * ledger.lots <= 0:
            ledger.told.clear()
            ledger.since = now
        ledger.lots, ledger.vwap = lots, Fraction(cost, lots) if lots else Fraction(0)

    def _event(self, session: Session, event: events.Event, before: events.Event | None, now: int) -> None:
        kind = type(event).__name__
        match event:
            case events.CbSoft(market=market) | events.CbHard(market=market):
                self.levels[market] = kind
            case events.BreakerReset(market=market):
                self.levels.pop(market, None)
            case events.SweetSpotExit(market=market) | events.HardCapExit(market=market):
                assert kind not in self.ledger(market).told, f"{kind} told twice of one position"
                self.ledger(market).told.add(kind)
            case events.QuotePlace() if isinstance(before, LEAVES):
                named = (before.market, before.state, before.side, before.price)
                assert named == (event.market, event.state, event.side, event.price), "an exit and its order differ"
                assert event.ro
            case events.Fill(market=market, tp=tp):
                self._locked(session, market, tp)
        if isinstance(before, LEAVES):
            assert isinstance(event, events.QuotePlace), f"{type(before).__name__} is followed by {kind}"

    def _locked(self, session: Session, market: str, tp: float | None) -> None:
        ledger, spec = self.ledger(market), session.specs[market]
        expected = spec.price(ledger.target(spec)) if ledger.lots else None
        assert tp == expected, f"take-profit of {market} told at {tp}, locked at {expected}"

    def _sent(self, session: Session, order: NewOrder, placed: events.Event, now: int) -> None:
        spec, ledger, top = session.specs[order.market], self.ledger(order.market), session.tops[order.market]
        state = "FLAT" if not ledger.lots else "SKEW_LONG" if ledger.lots > 0 else "SKEW_SHORT"
        assert isinstance(placed, events.QuotePlace), "an order without its quote_place"
        said = (placed.cloid, placed.state, placed.side, placed.price, placed.size, placed.tif, placed.ro)
        price, size = spec.price(order.ticks), spec.size(order.lots)
        assert said == (order.cloid, state, order.side, price, size, order.tif, order.ro)
        assert "venue" not in session.holders, "sent although the venue refused us for good"
        assert not session.draining, "sent in a drain"
        assert spec.legal(order.ticks), f"{order.ticks} is not on the grid"
        assert order.lots > 0
        assert order.lots % spec.lot_step == 0
        assert top.age(now) <= session.params.stale_after, "sent on a stale price"
        best = self._best(top, opposite(order.side))
        if order.tif == "Alo":
            assert best is None or sign(order.side) * (order.ticks - best) < 0, "a resting order would cross"
        if ledger.lots:
            self._exit(session, order, ledger, placed)
        else:
            self._entry(session, order, now)

    def _exit(self, session: Session, order: NewOrder, ledger: Ledger, placed: events.QuotePlace) -> None:
        assert sign(order.side) * ledger.lots < 0, "a skew leak"
        assert order.ro, "an exit is not marked as one"
        assert order.lots <= abs(ledger.lots), "leaves more than is held"
        self._locked(session, order.market, placed.tp)
        if order.tif == "Alo":
            beyond = sign(order.side) * (order.ticks - ledger.target(session.specs[order.market]))
            assert beyond >= 0, "further than the take-profit"

    def _entry(self, session: Session, order: NewOrder, now: int) -> None:
        market, contract = order.market, session.specs[order.market].contract
        assert not order.ro, "nothing is held that could leave"
        assert order.tif == "Alo", "an entry took"
        assert self._outside(order), "inside the gate"
        assert contract is not None
        assert contract.starts is not None
        assert now < contract.starts - self.params.quiet_s * SECOND, "an entry after quotes are to be pulled"
        assert not session.holders, "an entry while somebody holds quotes off"
        assert market not in self.levels, f"an entry was sent or moved in {self.levels[market]}"
        assert market not in session.over
        assert market not in session.specs.unlisted

    def _best(self, top: Top, side: Side) -> int | None:
        bid, ask = self.others.get((top.market, top.at, top.bid, top.ask), (top.bid, top.ask))
        return bid if side == "bid" else ask

    def _outside(self, order: NewOrder | Order) -> bool:
        gate = self.params.gates["NHL"]
        price = Decimal(order.ticks) / 10_000
        return price <= gate.low if order.side == "bid" else price >= gate.high

    def limits(self, may_rest: list[tuple[str, Side, int]]) -> None:
        """The largest position of each market and event, `may_rest` being what the venue has or may still get."""
        events_: dict[str, int] = {}
        for market, spec in self.venue.specs.items():
            held = self.venue.held[market].lots if market in self.venue.held else 0
            low = held - sum(lots for name, side, lots in may_rest if (name, side) == (market, "ask"))
            high = held + sum(lots for name, side, lots in may_rest if (name, side) == (market, "bid"))
            slack, most = self.by_hand.get(market, 0), max(-low, high)
            assert most <= self.cap + slack, f"{market} could come to {most} lots"
            assert spec.contract is not None
            events_[spec.contract.event] = events_.get(spec.contract.event, 0) + max(most - slack, 0)
        for event, lots in events_.items():
            assert lots <= self.event_cap, f"{event} could come to {lots} lots"

    def one_a_side(self, slots: list[tuple[str, Side]]) -> None:
        assert len(slots) == len(set(slots)), f"two orders on a side: {sorted(slots)}"

    def due(self, session: Session, market: str, now: int) -> None:
        """What a position must have on its way by now: an order that leaves, unless an answer is outstanding."""
        ledger, spec, top = self.ledger(market), session.specs[market], session.tops.get(market)
        quiet = session.draining or "venue" in session.holders or not session.alone or session.in_doubt
        if quiet or not session.reconciled or market in session.over or market in session.specs.unlisted:
            return
        if market not in session.markets or top is None or top.age(now) > session.params.stale_after:
            return
        if not ledger.lots:
            return self._flat(session, market, spec, now)
        side: Side = "ask" if ledger.lots > 0 else "bid"
        adding = [order for order in session.orders.open(market, opposite(side)) if _rests(order)]
        assert not adding, "what adds was not asked off in the handling that made the position"
        orders = list(session.orders.open(market, side))
        if not orders:
            return self._rests_after_refusal(session, market, side, spec, ledger, now)
        if all(map(_rests, orders)):
            (order,) = orders
            self._fits(session, order, ledger, spec, now)
        return None

    def _flat(self, session: Session, market: str, spec: Spec, now: int) -> None:
        contract, hard = spec.contract, self.levels.get(market) == "CbHard"
        assert contract is not None
        starts = contract.starts
        quiet = starts is None or now >= starts - self.params.quiet_s * SECOND
        left = [order for order in session.orders.open(market) if _rests(order)]
        assert all(map(self._outside, left)), "an entry stays inside the gate"
        if session.holders or hard or quiet:
            assert not left, f"entries were not asked off: {left}"

    def _rests_after_refusal(
        self, session: Session, market: str, side: Side, spec: Spec, ledger: Ledger, now: int
    ) -> None:
        """Nothing is there: only a refusal of an exit gives a reason, for a while."""
        waits = session.orders._rest_until[market, side, True]
        best = self._best(session.tops[market], opposite(side))
        target, lots = ledger.target(spec), spec.sendable(abs(ledger.lots))
        nowhere = best is None and not spec.legal(target)
        assert now < waits or not lots or nowhere, f"nothing leaves {market}, and no answer is outstanding"
        assert waits - now <= 60 * SECOND

    def _fits(self, session: Session, order: Order, ledger: Ledger, spec: Spec, now: int) -> None:
        """What rests is what is due: the take-profit of all, or after so long a better price for all."""
        top, side = session.tops[order.market], order.side
        best, target, age = self._best(top, opposite(side)), ledger.target(spec), max(now - ledger.since, 0)
        contract = spec.contract
        assert contract is not None
        started = contract.starts is not None and now >= contract.starts
        assert order.ro, "an entry stays beside a position"
        capped = started or age >= self.params.hard_cap_s * SECOND
        assert best is None or not capped, "the hard cap is due, and something still rests"
        assert best is None or sign(side) * (best - target) > 0, "the take-profit is bid for, and still rests"
        if age < self.params.sweet_from_s * SECOND:
            assert order.ticks == target, "what rests is not the take-profit"
            trimmed = _surplus(session, order.market, spec)
            assert best is None or trimmed < spec.lot_step, "a trim is due, and the take-profit still rests"
        elif best is not None and top.mid is not None:
            nearest = spec.grid.ceil(best + 1) if side == "ask" else spec.grid.floor(best - 1)
            assert sign(side) * (order.ticks - nearest) <= 0, "an exit would cross"
        assert order.left == abs(ledger.lots), "what rests is not all that is held"


def _rests(order: Order) -> bool:
    return order.state is OrderState.WORKING


def _surplus(session: Session, market: str, spec: Spec) -> float:
    """How many lots a trim would take, less a rounding of floats."""
    held = session.positions.story(market)
    cents = float(held.adverse * Fraction(spec.tick) * 100)
    keep = math.ceil(held.peak * math.exp(-0.03 * cents)) if cents >= 5 else held.lots
    return held.lots - keep - 1e-6


def looks_at(session: Session, message: Message, effects: list[Effect]) -> list[str]:
    """Markets whose orders this message must leave as they are wanted."""
    match message:
        case messages.BookMoved(top):
            return [top.market]
        case messages.Traded(trade):
            return [trade.market] if effects else []
        case messages.SendAnswered(cloid=cloid) | messages.CancelAnswered(cloid=cloid):
            order = session.orders.find(cloid)
            return [] if order is None else [order.market]
        case messages.Turn() | messages.HoldQuotes() | messages.ResetBreaker() | messages.NewParams():
            return list(session.markets)
    return []
