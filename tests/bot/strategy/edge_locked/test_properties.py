"""Whatever books, fills, refusals and clocks come, in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.orders import Quote
from bot.market.units import SIDES, Lots, Side, Ticks, opposite
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.quoting import decide
from bot.strategy.edge_locked.states import MAY_QUOTE
from bot.strategy.edge_locked.view import Decision, View
from tests.bot.strategy.edge_locked.game import CAP, CENTS, PARAMS, QUADRATIC, TAPERED, spec, top

GATES = PARAMS.gates["NHL"]
PRICES = st.one_of(st.none(), st.integers(1, 99))
STEPS = st.one_of(
    st.tuples(st.just("book"), PRICES, PRICES),
    st.tuples(st.just("wait"), st.sampled_from([0, 1, 3, 60, 300]), st.none()),
    st.tuples(st.just("fill"), st.sampled_from(SIDES), st.integers(1, 12)),
    st.tuples(st.just("refuse"), st.sampled_from(SIDES), st.none()),
    st.tuples(st.just("leave"), st.integers(0, 20), st.none()),
    st.tuples(st.just("switch"), st.booleans(), st.none()),
)


@dataclass
class World:
    """What a session would keep: the position, what rests, the clock. Entries rest until the next look at the book."""

    grid: Any
    params: Params = PARAMS
    held: Held = field(default_factory=Held)
    book: tuple[int | None, int | None] = (55, 57)
    now: int = SECOND
    quoted_at: int = -60 * SECOND
    entries: bool = True
    resting: dict[Side, Quote] = field(default_factory=dict)
    decision: Decision = field(default_factory=Decision)

    def look(self) -> View:
        seen = top(*self.book)
        self.held = self.held.marked(seen.mid)
        position = self.held.holding.lots
        return View(
            spec=spec(self.grid),
            top=seen,
            held=self.held,
            fees=QUADRATIC,
            league="NHL",
            now=self.now,
            room_bid=Lots(max(CAP - position, 0)),
            room_ask=Lots(max(CAP + position, 0)),
            working_bid=self.resting.get("bid"),
            working_ask=self.resting.get("ask"),
            quoted_at=self.quoted_at,
            entries=self.entries,
        )

    def decide(self, refused: Side | None = None) -> tuple[View, Decision]:
        """Look, decide, and let rest what is wanted, but on the side that the venue refuses."""
        view = self.look()
        decision = self.decision = decide(view, self.params)
        wanted: dict[Side, Quote | None] = {"bid": decision.bid, "ask": decision.ask}
        if decision.exit is not None and decision.exit.tif == "Alo":
            wanted[decision.exit.side] = decision.exit.quote
        for side, quote in wanted.items():
            if quote != self.resting.get(side) and quote is not None and side != refused:
                self.quoted_at = self.now
            if quote is None or (side == refused and quote != self.resting.get(side)):
                self.resting.pop(side, None)
            else:
                self.resting[side] = quote
        return view, decision

    def fill(self, side: Side, lots: int) -> None:
        quote = self.resting.pop(side, None)
        if quote is None:
            return
        filled = min(lots, quote.lots)
        self.held = self.held.after(side, quote.ticks, Lots(filled), self.now)
        if filled < quote.lots:
            self.resting[side] = Quote(quote.ticks, Lots(quote.lots - filled))

    def leave(self, lots: int) -> None:
        """What was to be taken is taken, all or in part."""
        wish = self.decision.exit
        taken = 0 if wish is None else min(lots, wish.quote.lots, self.held.lots)
        if wish is not None and wish.tif == "Ioc" and taken:
            self.held = self.held.after(wish.side, wish.quote.ticks, Lots(taken), self.now)


def check(view: View, decision: Decision) -> None:
    state = view.held.state
    for side, quote in (("bid", decision.bid), ("ask", decision.ask)):
        assert side in SIDES
        if quote is None:
            continue
        across = view.best(opposite(side))
        assert side in MAY_QUOTE[state], "a skew leak"
        assert view.spec.legal(quote.ticks)
        assert across is None or (quote.ticks < across if side == "bid" else quote.ticks > across)
        assert quote.lots > 0
        if state == "FLAT":
            price = Fraction(quote.ticks) * Fraction(view.spec.tick)
            assert price <= GATES.low if side == "bid" else price >= GATES.high
            assert view.entries
            assert quote.lots <= view.room(side)
        else:
            assert quote.ticks == decision.tp
    check_exit(view, decision)


def check_exit(view: View, decision: Decision) -> None:
    resting = sum(quote.lots for quote in (decision.bid, decision.ask) if quote is not None)
    leaving = decision.exit
    if view.held.state == "FLAT":
        assert leaving is None
        assert decision.tp is None
        return
    assert resting + (leaving.quote.lots if leaving is not None else 0) == view.held.lots, "all of it, and not more"
    if leaving is not None:
        assert leaving.side in MAY_QUOTE[view.held.state]
        assert leaving.quote.lots > 0
        assert view.spec.legal(leaving.quote.ticks)
        across = view.best(opposite(leaving.side))
        assert across is not None
        crosses = leaving.quote.ticks <= across if leaving.side == "ask" else leaving.quote.ticks >= across
        assert crosses is (leaving.tif == "Ioc")


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=40), st.sampled_from([CENTS, TAPERED]))
def test_no_leak_no_drift_no_breach_no_cross(steps: list[tuple[Any, Any, Any]], grid: Any) -> None:
    world, locked = World(grid), (Held().holding.vwap, None)
    for kind, one, two in steps:
        refused: Side | None = None
        match kind:
            case "book":
                world.book = (one, two)
            case "wait":
                world.now += one * SECOND
            case "fill":
                world.fill(one, two)
            case "refuse":
                refused = one
            case "leave":
                world.leave(one)
            case "switch":
                world.entries = one
        assert abs(world.held.holding.lots) <= CAP
        view, decision = world.decide(refused)
        check(view, decision)
        vwap: Fraction | None = view.held.holding.vwap
        if vwap == locked[0] and locked[1] is not None and view.held.state != "FLAT":
            assert (decision.tp, view.held.state) == locked[1], "the take-profit moved and the average price did not"
        locked = (vwap, (decision.tp, view.held.state))


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99), st.sampled_from(SIDES))
def test_a_take_profit_never_asks_where_the_market_is(cents: int, bid: int, ask: int, side: Side) -> None:
    world = World(CENTS)
    world.held = Held().after(side, Ticks(cents * 100), Lots(10), SECOND)
    tps = set()
    for book in ((bid, ask), (None, ask), (bid, None), (1, 99), (50, 51)):
        world.book = book
        tps.add(world.decide()[1].tp)
    assert len(tps) == 1
