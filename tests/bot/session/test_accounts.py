"""When the account is read again, whether the reading can be believed, and what follows from it."""

from __future__ import annotations

import pytest

from bot import events, messages
from bot.market.orders import OrderState
from bot.market.reports import Account, Resting, VenuePosition
from bot.market.units import Lots, Ticks
from bot.messages import JournalPosition
from bot.session import Session
from tests.bot.builders import SECOND, account, actions, params, trade
from tests.bot.session.desk import Desk, resting

FOREIGN = Resting("SOL", "bid", Ticks(18_400), Lots(50), "0xdeadbeef" + "0" * 24, "4")
BY_HAND = Resting("SOL", "bid", Ticks(18_400), Lots(50), "", "5")


def held(lots: int) -> list[VenuePosition]:
    return [VenuePosition("SOL", Lots(lots), lots * 18_500)]


def fills(desk: Desk) -> list[str]:
    return [event.tid for event in desk.told if isinstance(event, events.Fill)]


def test_a_lost_connection_voids_the_books_and_takes_quotes_off() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.tell(messages.ConnectionLost("closed by the venue"))
    assert actions(desk.said) == ["feed_disconnect", "quote_cancel", "quote_cancel"]
    assert desk.cancels == [bid.cloid, ask.cloid]
    assert desk.tops == {}


def test_after_the_connection_is_back_the_account_comes_before_any_quote() -> None:
    desk = Desk()
    desk.tell(messages.ConnectionLost("closed by the venue"))
    desk.now += 5 * SECOND
    desk.tell(messages.ConnectionBack())
    assert desk.reads == ["reconnect"]
    desk.price()
    assert desk.said == []
    desk.read("reconnect", account())
    assert actions(desk.said) == ["reconcile", "quote_place", "quote_place"]


def test_a_reading_that_began_before_the_gap_does_not_count() -> None:
    desk = Desk()
    desk.turn(7)
    assert desk.reads == ["late"]
    desk.tell(messages.ConnectionLost("closed by the venue"))
    desk.tell(messages.ConnectionBack())
    desk.price()
    desk.now += 2 * SECOND
    desk.read("late", account())
    assert (desk.reads, desk.sends) == (["reconnect"], [])
    desk.price()
    desk.read("reconnect", account())
    assert len(desk.sends) == 2


def test_a_reading_between_loss_and_return_does_not_let_quotes_on() -> None:
    desk = Desk()
    desk.tell(messages.ConnectionLost("closed by the venue"))
    desk.turn(7)
    assert desk.reads == ["late"]
    desk.read("late", account())
    desk.now += 2 * SECOND
    desk.tell(messages.ConnectionBack())
    assert desk.reads == ["reconnect"]
    desk.price()
    assert desk.sends == []


def test_the_account_is_read_again_once_after_the_start_and_then_every_five_minutes() -> None:
    desk, asked = Desk(), {}
    for second in range(2, 620):
        desk.turn()
        for reason in desk.reads:
            asked[second] = reason
            desk.read(reason, account())
            assert actions(desk.said) == [], "nothing new, nothing to say"
    assert asked == {8: "late", 308: "routine", 608: "routine"}


def test_the_late_order_of_a_killed_run_is_found_and_cancelled() -> None:
    desk = Desk()
    desk.quote()
    desk.turn(7)
    desk.read("late", account([], [], [*(resting_of(desk)), FOREIGN]))
    assert desk.cancels == [FOREIGN.cloid]
    (told,) = [event for event in desk.told if isinstance(event, events.Reconcile)]
    assert (told.reason, told.orphans) == ("late", 1)


def test_nothing_is_quoted_while_orders_of_a_killed_run_may_arrive() -> None:
    desk = Desk(Session(params(stale_after=1_000 * SECOND, others_until=9 * SECOND)))
    desk.price()
    assert desk.sends == []
    desk.turn(7)
    desk.tell(messages.ConnectionLost("closed by the venue"))
    desk.tell(messages.ConnectionBack())
    assert desk.reads == ["reconnect"]
    desk.price()
    desk.read("reconnect", account())
    assert desk.sends == [], "this reading began too early"
    desk.turn(1)
    assert desk.reads == ["late"]
    desk.price()
    assert desk.sends == []
    desk.read("late", account([], [], [FOREIGN]))
    assert desk.cancels == [FOREIGN.cloid]
    assert [order.side for order in desk.sends] == ["ask"]
    desk.cancelled(FOREIGN.cloid)
    assert [order.side for order in desk.sends] == ["bid"]


def resting_of(desk: Desk) -> list[Resting]:
    return [
        Resting(order.market, order.side, order.ticks, order.left, order.cloid, order.oid)
        for order in desk.session.orders.open()
    ]


@pytest.mark.parametrize("first", [True, False])
def test_an_order_by_hand_is_never_touched(first: bool) -> None:
    if first:
        session = Session(params())
        session.handle(messages.AccountRead("start", [], [], account([], [], [BY_HAND])), SECOND)
    else:
        desk = Desk()
        desk.turn(7)
        desk.read("late", account([], [], [BY_HAND]))
        session = desk.session
    assert list(session.orders.open()) == []


def test_a_fill_by_hand_counts_into_the_position() -> None:
    desk = Desk()
    desk.traded(trade("1", "bid", 18_500, 40, cloid=""))
    assert desk.session.positions["SOL"].lots == 40
    assert fills(desk) == ["1"]


def test_a_working_order_the_account_does_not_list_is_asked_for() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.turn(7)
    desk.read("late", account([], [], [resting(ask)]))
    assert desk.questions == [bid.cloid]
    assert desk.session.orders.known(ask.cloid).state is OrderState.WORKING


def test_an_order_sent_while_the_account_was_read_is_not_doubted() -> None:
    desk = Desk()
    desk.turn(7)
    assert desk.reads == ["late"]
    desk.quote()
    desk.read("late", account())
    assert desk.questions == []


def test_an_order_that_ended_while_the_account_was_read_is_no_orphan() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.turn(7)
    read = account([], [], [resting(bid), resting(ask)])
    desk.tell(messages.HoldQuotes("setting", off=True, source="reload"))
    desk.cancelled(bid.cloid)
    desk.cancelled(ask.cloid)
    desk.read("late", read)
    assert desk.cancels == []


def test_what_rests_although_it_was_over_before_is_cancelled() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.tell(messages.HoldQuotes("setting", off=True, source="reload"))
    desk.cancelled(bid.cloid)
    desk.cancelled(ask.cloid)
    desk.turn(7)
    desk.read("late", account([], [], [resting(bid)]))
    assert desk.cancels == [bid.cloid]


def test_a_trade_only_the_account_tells_is_counted_once_and_fills_its_order() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.turn(7)
    filled = trade("1", "bid", bid.ticks, bid.lots, bid.cloid, at=desk.now)
    desk.read("late", account(held(bid.lots), [filled], [resting(ask)]))
    assert fills(desk) == ["1"]
    assert desk.session.orders.known(bid.cloid).state is OrderState.FILLED
    assert desk.traded(filled) == []
    assert desk.session.positions["SOL"].lots == bid.lots


def test_a_reading_older_than_a_counted_trade_changes_nothing_and_is_asked_for_again() -> None:
    desk = Desk()
    desk.turn(7)
    old = account([], [], [FOREIGN], since=SECOND)
    desk.traded(trade("1", "bid", 18_500, 40, cloid="", at=2 * SECOND))
    desk.now += SECOND
    desk.read("late", old)
    assert (desk.reads, desk.told) == (["late"], [])
    assert desk.session.positions["SOL"].lots == 40
    desk.read("late", account(held(40), [trade("1", "bid", 18_500, 40, at=2 * SECOND)], [], since=SECOND))
    assert desk.reads == []


def test_trades_from_before_the_reading_s_time_need_not_be_in_it() -> None:
    desk = Desk()
    desk.traded(trade("1", "bid", 18_500, 40, cloid="", at=2 * SECOND))
    desk.turn(7)
    desk.read("late", account(held(40), [], [], since=3 * SECOND))
    assert desk.reads == []


def test_a_position_that_differs_is_asked_for_twice_before_the_venue_wins() -> None:
    desk = Desk()
    desk.turn(7)
    desk.now += SECOND
    desk.read("late", account(held(500)))
    assert (desk.reads, desk.told) == (["late"], [])
    desk.now += SECOND
    desk.read("late", account(held(500)))
    mismatch = next(event for event in desk.told if isinstance(event, events.ReconcileMismatch))
    assert (mismatch.journal, mismatch.position) == (0.0, 5.0)
    assert messages.KeepPosition("SOL", 500, 500 * 18_500) in desk.said


def test_a_difference_that_changes_is_no_finding_yet() -> None:
    desk = Desk()
    desk.turn(7)
    for lots in (500, 600, 700):
        desk.now += SECOND
        desk.read("late", account(held(lots)))
        assert desk.reads == ["late"]
    desk.read("late", account())
    assert "reconcile_mismatch" not in actions(desk.said)
    assert desk.session.positions["SOL"].lots == 0


def test_the_account_is_not_asked_for_more_than_once_a_second() -> None:
    desk = Desk()
    desk.turn(7)
    desk.read("late", account(held(500)))
    assert desk.reads == [], "just asked"
    desk.turn()
    assert desk.reads == ["late"]


def test_a_start_with_a_journal_ahead_of_the_venue_asks_again_but_not_for_ever() -> None:
    session, read = Session(params()), messages.AccountRead("start", [JournalPosition("SOL", 5, 500)], ["1"], account())
    now = SECOND
    for _ in range(5):
        effects = session.handle(read, now)
        assert not session.reconciled
        now += SECOND
        effects = effects or session.handle(messages.Turn(), now)
        assert messages.ReadAccount("start") in effects
    session.handle(read, now)
    assert session.reconciled, "the venue has forgotten for good"


def test_what_the_account_says_of_fees_and_worth_reaches_the_strategy() -> None:
    desk = Desk()
    desk.turn(7)
    desk.read("late", Account([], [], [], 0, maker_fee_ppm=-10, equity=5_000_000))
    assert (desk.session.maker_fee_ppm, desk.session.equity) == (-10, 5_000_000)


def test_trades_of_a_reading_that_is_too_old_count_all_the_same() -> None:
    """The adapter holds a cancel's answer back until trades were told, by a stream or by a reading."""
    desk = Desk()
    bid, ask = desk.quote()
    desk.traded(trade("late", "ask", ask.ticks, 10, ask.cloid, at=9))
    early = trade("early", "bid", bid.ticks, 40, bid.cloid, at=8)
    desk.now += 2 * SECOND
    desk.read("routine", account(held(40), [early]))
    assert desk.reads == ["routine"], "it lacks a trade that we know: it is asked for again"
    assert fills(desk) == ["early"]
    assert desk.session.positions["SOL"].lots == 30
    assert desk.session.orders.known(bid.cloid).left == bid.lots - 40


def test_trades_of_a_reading_from_before_a_gap_count_once() -> None:
    desk = Desk()
    bid, _ = desk.quote()
    desk.turn(7)
    desk.tell(messages.ConnectionLost("closed by the venue"))
    bought = trade("7", "bid", bid.ticks, 40, bid.cloid, at=8)
    desk.read("late", account(held(40), [bought]))
    assert fills(desk) == ["7"]
    assert desk.session.in_doubt
    desk.traded(bought)
    assert fills(desk) == []
    assert desk.session.positions["SOL"].lots == 40
