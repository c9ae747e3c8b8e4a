"""An edge-locked session under whatever comes, in whatever order: books, fills, refusals, silence, clocks, restarts.

`edge_eyes` says what must hold after each message, `edge_venue` what can happen. EDGE_EXAMPLES=20000 looks longer, and
elsewhere each time.
"""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot import messages
from bot.market.units import Ticks
from tests.bot.session.edge_evening import Evening
from tests.bot.session.edge_venue import CENTS, CONTRACT, DECI, MARKETS, SECOND, START, TAPERED

EXAMPLES = int(os.environ.get("EDGE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 120,
    stateful_step_count=60,
    deadline=None,
    derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
MARKET = st.sampled_from(MARKETS)
PICK = st.integers(0, 7)
FATES = st.sampled_from(("done", "done", "done", "answer lost", "lost", "late", "poor", "budget"))
SIZES = st.sampled_from((1, 3, 10, 50))
THEN = st.sampled_from(("wait", "calm", "calm", "answer lost", "lost", "late", "poor", "key"))
"""What follows: nothing yet, or all that must, the first request meeting another fate."""


class AnEvening(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.evening = Evening()
        self.evening.calm()
        for market in MARKETS:
            self.evening.venue.crowd_moves(market, 5_400, 5_800, 20 * CONTRACT)
        self.evening.feed()
        self.evening.calm()

    def _then(self, then: str) -> None:
        self.evening.pass_on()
        if then == "wait":
            return
        while then != "calm" and self.evening.queue and not self.evening.asked:
            self.evening.hear()
        if then != "calm":
            self.evening.work(0, then)
        self.evening.calm()

    @rule(market=MARKET, bid=st.integers(1, 98), spread=st.sampled_from((1, 1, 2, 4, 30)), size=SIZES, then=THEN)
    def the_crowd_moves(self, market: str, bid: int, spread: int, size: int, then: str) -> None:
        ask = min(bid + spread, 99)
        self._book(market, bid * 100, ask * 100 if ask > bid else None, size, then)

    @rule(market=MARKET, bid=st.integers(30, 75), spread=st.sampled_from((1, 2, 4)), size=SIZES, then=THEN)
    def the_crowd_stays_near(self, market: str, bid: int, spread: int, size: int, then: str) -> None:
        self._book(market, bid * 100, (bid + spread) * 100, size, then)

    @rule(market=MARKET, price=st.one_of(st.none(), st.integers(1, 99)), bids=st.booleans(), then=THEN)
    def a_side_is_empty(self, market: str, price: int | None, bids: bool, then: str) -> None:
        ticks = None if price is None else price * 100
        self._book(market, ticks if bids else None, None if bids else ticks, 10, then)

    def _book(self, market: str, bid: int | None, ask: int | None, size: int, then: str) -> None:
        self.evening.venue.crowd_moves(market, bid, ask, size * CONTRACT)
        self.evening.feed(market)
        self._then(then)

    @rule(market=MARKET, price=st.integers(1, 99), cross=st.sampled_from((0, 0, 100)), then=THEN)
    def a_book_is_told_locked_or_crossed(self, market: str, price: int, cross: int, then: str) -> None:
        if self.evening.connected:
            bid, ask = Ticks(price * 100), Ticks(max(price * 100 - cross, 1))
            top = replace(self.evening.top(market), bid=bid, ask=ask)
            self.evening.queue.append(messages.BookMoved(top))
        self._then(then)

    @rule(pick=PICK, lots=st.sampled_from((1, 100, 200, 333, 500, 999, 1_000, 2_000)), then=THEN)
    def the_crowd_takes(self, pick: int, lots: int, then: str) -> None:
        resting = self.evening.venue.resting()
        if resting:
            self.evening.venue.crowd_takes(resting[pick % len(resting)], lots)
        self._then(then)

    @rule(market=MARKET, bid=st.booleans(), lots=st.sampled_from((1, 100, 300)), then=THEN)
    def somebody_trades_by_hand(self, market: str, bid: bool, lots: int, then: str) -> None:
        if not self.evening.venue.over(market):
            lots = max(lots, self.evening.venue.specs[market].lot_step)
            eyes = self.evening.eyes
            eyes.by_hand[market] = eyes.by_hand.get(market, 0) + lots
            self.evening.venue.by_hand(market, "bid" if bid else "ask", lots)
        self._then(then)

    @rule(pick=PICK, fate=FATES)
    def a_request_meets_its_fate(self, pick: int, fate: str) -> None:
        self.evening.work(pick, fate)

    @rule(count=st.integers(1, 4))
    def it_hears(self, count: int) -> None:
        self.evening.hear(count)

    @rule()
    def all_is_calm(self) -> None:
        self.evening.calm()

    @rule(pick=PICK)
    def something_arrives_late(self, pick: int) -> None:
        self.evening.arrive(pick)

    @rule(seconds=st.sampled_from((0.1, 1, 1, 2, 5, 8)), then=THEN)
    def time_passes(self, seconds: float, then: str) -> None:
        self._wait(round(seconds * SECOND), then)

    @rule(minutes=st.sampled_from((4, 8, 12, 20)), then=THEN)
    def minutes_pass(self, minutes: int, then: str) -> None:
        self._wait(minutes * 60 * SECOND, then)

    @rule(before=st.sampled_from((302, 300, 299, 1, 0)), then=THEN)
    def the_start_comes_near(self, before: int, then: str) -> None:
        self._wait(max(START - before * SECOND - self.evening.now, 0), then)

    def _wait(self, nanos: int, then: str) -> None:
        self.evening.pass_time(nanos)
        self.evening.feed()
        if then != "wait":
            self.evening.calm()
        self.evening.queue.append(messages.Turn())
        self._then(then)

    @rule(millis=st.sampled_from((50, 900, 2_500)))
    def the_clock_is_set_back(self, millis: int) -> None:
        self.evening.set_back(millis * 1_000_000)

    @rule(pick=PICK, then=THEN)
    def the_venue_ends_an_order(self, pick: int, then: str) -> None:
        resting = self.evening.venue.resting()
        if resting:
            self.evening.venue.ends(resting[pick % len(resting)])
        self._then(then)

    @rule()
    def the_group_is_hit(self) -> None:
        self.evening.venue.hold_entries(True)
        self._then("wait")

    @rule()
    def the_venue_does_as_it_is_told(self) -> None:
        self.evening.hold_entries()

    @precondition(lambda self: self.evening.connected)
    @rule()
    def the_connection_is_lost(self) -> None:
        self.evening.lose()

    @precondition(lambda self: not self.evening.connected)
    @rule()
    def the_connection_is_back(self) -> None:
        self.evening.connect()

    @rule(holder=st.sampled_from(("ctl", "file")), off=st.booleans(), then=THEN)
    def a_switch_is_thrown(self, holder: str, off: bool, then: str) -> None:
        self.evening.tell(messages.HoldQuotes(holder, off, holder))
        self._then(then)

    @rule(market=MARKET, grid=st.sampled_from((CENTS, TAPERED, DECI)))
    def prices_change(self, market: str, grid: object) -> None:
        self.evening.venue.change(market, grid=grid)

    @rule(market=MARKET, starts=st.sampled_from((None, START - 900 * SECOND, START, START + 900 * SECOND)))
    def the_start_is_moved(self, market: str, starts: int | None) -> None:
        self.evening.venue.change(market, starts=starts)

    @rule(market=MARKET, payout=st.sampled_from((0, 10_000, 5_000)), then=THEN)
    def a_market_pays(self, market: str, payout: int, then: str) -> None:
        if not self.evening.venue.over(market):
            self.evening.venue.settle(market, payout)
        self._then(then)

    @rule(killed=st.booleans(), then=THEN)
    def a_new_run(self, killed: bool, then: str) -> None:
        self.evening.restart(killed)
        self.evening.feed()
        self._then(then)

    @rule(market=st.sampled_from(("", *MARKETS)))
    def a_breaker_is_reset(self, market: str) -> None:
        self.evening.tell(messages.ResetBreaker(market))

    @rule(market=MARKET, seconds=st.sampled_from((1, 2)))
    def the_crowd_is_restless(self, market: str, seconds: int) -> None:
        """Entries have to move again and again, until the breaker trips."""
        for cents in (40, 44) * 7:
            self._wait(seconds * SECOND, "calm")
            self._book(market, cents * 100, (108 - cents) * 100, 10, "calm")

    @rule(low=st.sampled_from((4_400, 4_800)), high=st.sampled_from((6_500, 7_000)), then=THEN)
    def the_desk_moves_its_gates(self, low: int, high: int, then: str) -> None:
        self.evening.new_gates(low, high)
        self._then(then)

    def teardown(self) -> None:
        """Whatever came: with a venue that does as it is told for a while, both agree again, and the end is empty."""
        evening = self.evening
        if not evening.sound:
            return
        if not evening.connected:
            evening.connect()
        for holder in ("ctl", "file"):
            evening.tell(messages.HoldQuotes(holder, False, holder))
        for _ in range(16):
            evening.calm()
            self._wait(SECOND, "calm")
        session, venue = evening.session, evening.venue
        for market in MARKETS:
            held = venue.held[market].lots if market in venue.held else 0
            assert session.positions[market].lots == held, f"{market}: the venue holds {held}"
        assert {o.cloid for o in session.orders.open()} == {k.new.cloid for k in venue.resting()}
        assert not session.in_doubt
        evening.tell(messages.Drain())
        evening.calm()
        assert not venue.resting(), "something rests after the end"


AnEvening.TestCase.settings = PROFILE
TestAnEvening = AnEvening.TestCase
