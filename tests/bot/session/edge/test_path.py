"""The way of a position: entries at the gates, the take-profit once one filled, and how it leaves."""

from __future__ import annotations

import pytest

from bot import events, messages
from bot.market.book import Top
from bot.market.reports import Accepted, Gone, NewOrder, Rejected, Resting, Trade, VenuePosition
from bot.market.units import Lots, Ticks
from tests.bot.builders import SECOND, account, trade
from tests.bot.session.edge.game_desk import LEAFS, MINUTE, START, GameDesk, edge_session, spec


def test_entries_stand_at_the_gates_of_the_league_and_carry_what_they_are() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    assert (desk.resting("bid"), desk.resting("ask")) == ((48, 10, False), (65, 10, False))
    placed = desk.told_of(events.QuotePlace)
    assert [(one.state, one.ro, one.tif, one.strategy, one.tp) for one in placed] == [
        ("FLAT", False, "Alo", "edge_locked", None)
    ] * 2


def test_a_fill_takes_the_entries_off_and_rests_the_take_profit_seven_cents_away() -> None:
    desk = GameDesk()
    desk.long()
    assert (desk.resting("bid"), desk.resting("ask")) == (None, (55, 10, True))
    (fill,) = desk.told_of(events.Fill)
    assert (fill.state, fill.position, fill.vwap, fill.tp) == ("FLAT", 10, 0.48, 0.55)
    assert (fill.gate_err, fill.pnl, fill.pos_frac, fill.strategy) == (0, None, 0.5, "edge_locked")
    placed = desk.told_of(events.QuotePlace)[-1]
    assert (placed.state, placed.side, placed.ro, placed.vwap, placed.tp, placed.tp_err) == (
        "SKEW_LONG", "ask", True, 0.48, 0.55, 0.0,
    )  # fmt: skip
    (turned,) = desk.told_of(events.StateChange)
    assert (turned.state, turned.vwap, turned.tp) == ("SKEW_LONG", 0.48, 0.55)


def test_the_take_profit_stays_wherever_the_market_goes() -> None:
    desk = GameDesk()
    desk.long()
    before = desk.order("ask")
    for bid, ask in ((40, 60), (51, 54), (45, 47), (52, 56)):
        desk.now += SECOND
        desk.look(bid, ask)
        assert desk.order("ask") == before


def test_a_take_profit_that_fills_is_told_as_an_exit_with_all_that_it_earned() -> None:
    desk = GameDesk()
    desk.long()
    desk.now += 90 * SECOND
    desk.fill(desk.order("ask"), 4, fee=20_000)
    assert desk.told_of(events.TpExit) == []
    assert desk.resting("ask") == (55, 6, True)
    desk.fill(desk.order("ask"), fee=30_000)
    (left,) = desk.told_of(events.TpExit)
    assert (left.state, left.side, left.price, left.size, left.vwap, left.tp) == (
        "SKEW_LONG",
        "ask",
        0.55,
        6,
        0.48,
        0.55,
    )
    assert (left.age_s, left.pnl) == (90, 0.65)
    fills = desk.told_of(events.Fill)[1:]
    assert [(fill.state, fill.pnl, fill.gate_err) for fill in fills] == [
        ("SKEW_LONG", 0.26, None),
        ("SKEW_LONG", 0.39, None),
    ]
    assert (desk.resting("bid"), desk.resting("ask")) == ((48, 10, False), (65, 10, False)), "flat again, and in again"


def test_a_fill_of_what_was_left_of_an_entry_is_no_leak_in_the_log() -> None:
    """The seed looks for fills with the state SKEW_LONG on the bid: a late fill of an entry sent while flat is none."""
    desk = GameDesk()
    desk.look(50, 52)
    bid = desk.order("bid")
    desk.tell(messages.Traded(_trade(desk, bid, 3)))
    desk.tell(messages.Traded(_trade(desk, bid, 2)))
    assert [(fill.side, fill.state) for fill in desk.told_of(events.Fill)] == [("bid", "FLAT")] * 2
    assert desk.holding() == 5


def test_an_entry_of_a_killed_run_that_fills_in_parts_is_no_leak_either() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    theirs = {"cloid": "0x000000090001000000000000000000aa", "market": LEAFS}
    for tid, side, lots in (("1", "bid", 300), ("2", "bid", 200), ("3", "ask", 100)):
        desk.tell(messages.Traded(trade(tid, side, 4_800, lots, at=desk.now, **theirs)))
    assert [fill.state for fill in desk.told_of(events.Fill)] == ["FLAT", "FLAT", "SKEW_LONG"]


def test_a_take_profit_of_a_killed_run_that_fills_is_no_breach_of_the_gates() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    theirs, left = trade("1", "bid", 4_800, 1_000, "0x01", LEAFS, desk.now), "0x000000090001000000000000000000ab"
    desk.traded(theirs)
    found = Resting(LEAFS, "ask", Ticks(5_500), Lots(1_000), left, "9")
    desk.now += SECOND
    desk.read("doubt", account([VenuePosition(LEAFS, Lots(1_000), 4_800_000)], [theirs], [found]))
    desk.traded(trade("2", "ask", 5_500, 400, left, LEAFS, desk.now))
    sold = desk.told_of(events.Fill)[-1]
    assert (sold.state, sold.gate_err) == ("SKEW_LONG", None)
    assert sold.pnl is not None


def test_somebody_who_bids_the_take_profit_is_taken_at_once() -> None:
    desk = GameDesk()
    desk.long()
    desk.book(56, 58)
    assert desk.sends == [], "first what rests has to be off"
    (cancelled,) = desk.cancels
    desk.cancelled(cancelled)
    (taken,) = desk.sends
    assert (taken.side, taken.ticks, taken.lots, taken.tif, taken.ro) == ("ask", 5_500, 1_000, "Ioc", True)
    desk.traded(_trade(desk, taken, 10))
    assert [left.price for left in desk.told_of(events.TpExit)] == [0.55]


def test_an_order_that_takes_at_once_is_asked_for_and_then_the_rest_goes_on() -> None:
    desk = GameDesk()
    desk.long()
    desk.book(56, 58)
    desk.cancelled(desk.cancels[0])
    (taken,) = desk.sends
    desk.traded(_trade(desk, taken, 4))
    desk.answer(taken.cloid, Accepted("9"))
    assert (desk.questions, desk.sends) == ([taken.cloid], [])
    desk.book(50, 52)
    assert desk.sends == [], "until the venue said what became of it"
    desk.tell(messages.LookupAnswered(taken.cloid, Gone(taken.lots - 600)))
    assert [(one.ticks, one.lots, one.tif) for one in desk.sends] == [(5_500, 600, "Alo")]


def test_nothing_to_take_makes_the_exit_wait_a_moment_and_try_again() -> None:
    desk = GameDesk()
    desk.long()
    desk.book(56, 58)
    desk.cancelled(desk.cancels[0])
    desk.answer(desk.sends[0].cloid, Rejected("E_NO_MATCH", "nothing there"))
    desk.turn(1)
    assert [one.tif for one in desk.sends] == ["Ioc"]


@pytest.mark.parametrize(
    ("minutes", "price", "tif", "kind"),
    [
        pytest.param(8, 51, "Alo", events.SweetSpotExit, id="sweet spot: the middle"),
        pytest.param(20, 50, "Ioc", events.HardCapExit, id="hard cap: the bid"),
    ],
)
def test_a_position_leaves_by_its_age(minutes: int, price: int, tif: str, kind: type[events.Event]) -> None:
    desk = GameDesk()
    desk.long()
    desk.wait(minutes * 60 - 1)
    early = len(desk.told_of(kind))
    desk.book(50, 52 if minutes < 20 else 60)
    desk.settle()
    desk.turn(1)
    for cloid in desk.cancels:
        desk.cancelled(cloid)
    (order,) = desk.sends or [desk.order("ask")]
    assert (order.ticks, order.tif, order.ro) == (price * 100, tif, True)
    assert early == 0
    (told,) = desk.told_of(kind)
    assert (told.state, told.vwap, told.tp, told.age_s) == ("SKEW_LONG", 0.48, 0.55, minutes * 60)
    at = desk.log.index(told)
    assert isinstance(desk.log[at + 1], events.QuotePlace)
    assert desk.log[at + 1].price == told.price
    desk.settle()
    for _ in range(3):
        desk.wait(1)
    assert len(desk.told_of(kind)) == 1, "once for each position and kind"


def test_later_in_the_sweet_spot_it_asks_one_tick_before_the_bid() -> None:
    desk = GameDesk()
    desk.long()
    desk.now += 12 * MINUTE
    desk.look(44, 60)
    assert desk.resting("ask") == (45, 10, True)


def test_an_exit_does_not_follow_its_own_quote_down() -> None:
    desk = GameDesk()
    desk.long()
    desk.now += 8 * MINUTE
    desk.look(50, 60)
    assert desk.resting("ask") == (55, 10, True), "the take-profit is no further than the middle"
    desk.look(44, 60)
    assert desk.resting("ask") == (52, 10, True)
    for _ in range(5):
        desk.now += SECOND
        own = messages.BookMoved(_top(44, 52, desk.now))
        desk.tell(own)
        desk.settle()
        assert desk.resting("ask") == (52, 10, True)


def test_an_exit_that_rests_does_not_cross_what_the_book_shows_of_an_order_that_is_gone() -> None:
    desk = GameDesk()
    desk.look(64, 66)
    entry = desk.order("ask")
    assert entry.ticks == 6_600
    desk.now += 3 * SECOND
    desk.book(65, 67)  # ours is to follow, and is still there alone
    desk.book(65, 66, lots=1_000)
    desk.fill(entry)
    assert desk.holding() == -10
    desk.wait(8 * 60)
    assert desk.resting("bid") == (65, 10, True), "the middle of the others is 66, where the book still shows ours"


def test_a_position_that_goes_against_us_is_trimmed_for_each_step() -> None:
    desk = GameDesk()
    desk.long()
    desk.look(36, 38)
    (told,) = desk.told_of(events.MaeTrim)
    assert (told.mae_c, told.fraction, told.size) == (11, 0.2811, 2)
    assert (told.price, told.side) == (0.36, "ask")
    assert isinstance(desk.log[desk.log.index(told) + 1], events.QuotePlace)


def test_exits_go_on_when_the_game_starts_and_nothing_is_entered() -> None:
    desk = GameDesk()
    desk.now = START - 301 * SECOND
    desk.long()
    desk.now = START - 300 * SECOND
    desk.look(50, 52)
    assert desk.resting("ask") == (55, 10, True)
    desk.now = START
    desk.book(50, 52)
    desk.cancelled(desk.cancels[0])
    (order,) = desk.sends
    assert (order.ticks, order.tif) == (5_000, "Ioc")
    desk.fill(order)
    assert [told.age_s for told in desk.told_of(events.HardCapExit)] == [301]
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)


@pytest.mark.parametrize("before_s", [301, 300, 0])
def test_entries_leave_before_the_game_starts_on_our_own_clock(before_s: int) -> None:
    desk = GameDesk()
    desk.now = START - 400 * SECOND
    desk.look(50, 52)
    desk.wait(400 - before_s)
    assert (desk.resting("bid") is None) is (before_s <= 300)
    if before_s <= 300:
        assert {told.reason for told in desk.told_of(events.QuoteCancel)} == {"risk"}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(spec(LEAFS, starts=None), id="nobody knows when it starts"),
        pytest.param(spec(LEAFS, series="KXMLBGAME"), id="a league without a gate"),
    ],
)
def test_what_is_not_known_is_not_entered(unknown: object) -> None:
    desk = GameDesk(edge_session(specs={LEAFS: unknown}))
    desk.look(50, 52)
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)
    assert desk.session.quoted_at == {LEAFS: desk.now}, "nothing is wanted, and nothing is missing"


def test_an_entry_that_would_have_to_move_waits_for_the_cooldown_and_an_exit_does_not() -> None:
    desk = GameDesk()
    desk.look(40, 52)
    desk.now += SECOND
    desk.look(45, 52)
    assert desk.resting("bid") == (40, 10, False)
    desk.fill(desk.order("bid"))
    assert desk.resting("ask") == (47, 10, True)
    desk.wait(1)
    desk.fill(desk.order("ask"))
    desk.look(45, 52)
    assert desk.resting("bid") == (45, 10, False)


def _trade(desk: GameDesk, order: NewOrder, contracts: int) -> Trade:
    desk.tids += 1
    lots = Lots(contracts * 100)
    return Trade(str(desk.tids), order.market, order.side, order.ticks, lots, order.cloid, 0, desk.now)


def _top(bid: int, ask: int, at: int) -> Top:
    """Ten contracts at the ask, as many as are ours."""
    return Top(LEAFS, Ticks(bid * 100), Ticks(ask * 100), at, Lots(5_000), Lots(1_000))


def test_the_next_position_leaves_anew_and_earns_its_own() -> None:
    desk = GameDesk()
    for _ in range(2):
        desk.now += 3 * SECOND
        desk.look(50, 60)
        desk.fill(desk.order("bid"))
        desk.now += 9 * MINUTE
        desk.look(50, 60)
        assert desk.resting("ask") == (55, 10, True)
        desk.look(40, 48)
        assert desk.resting("ask") == (44, 10, True)
        desk.fill(desk.order("ask"))
    assert len(desk.told_of(events.SweetSpotExit)) == 2
    desk.now += 3 * SECOND
    desk.long()
    desk.fill(desk.order("ask"))
    assert [told.pnl for told in desk.told_of(events.TpExit)] == [0.7]


def test_what_was_to_leave_a_position_is_no_entry_once_somebody_sold_it_by_hand() -> None:
    """Its price would do for an entry. But the venue holds back entries only, and this one it would not."""
    kept = messages.JournalPosition(LEAFS, 1_000, 6_000_000)
    found = account([VenuePosition(LEAFS, Lots(1_000), 6_000_000)])
    desk = GameDesk(journal=[kept], at_start=found)
    desk.look(63, 66)
    assert desk.resting("ask") == (67, 10, True)
    desk.traded(Trade("by hand", LEAFS, "ask", Ticks(6_300), Lots(1_000), "", 0, desk.now))
    desk.settle()
    desk.wait(2)
    assert desk.resting("ask") == (66, 10, False)


def test_an_entry_that_turns_the_position_earns_on_what_it_closed_and_enters_with_the_rest() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    bid, ask = desk.order("bid"), desk.order("ask")
    desk.traded(_trade(desk, bid, 4))
    desk.tell(messages.Traded(Trade("9", LEAFS, "ask", ask.ticks, ask.lots, ask.cloid, 100_000, desk.now)))
    turned = desk.told_of(events.Fill)[-1]
    assert (turned.state, turned.position, turned.vwap, turned.gate_err, turned.pnl) == ("FLAT", -6, 0.65, 0, 0.64)
    steps = [(told.previous, told.state, told.position) for told in desk.told_of(events.StateChange)]
    assert steps == [("FLAT", "SKEW_LONG", 4), ("SKEW_LONG", "FLAT", 0), ("FLAT", "SKEW_SHORT", -6)]
