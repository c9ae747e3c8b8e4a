"""What the venue says about orders: changes in one request, doubts, orders the venue forgot, refusals for good."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot import events, messages
from bot.market.orders import OrderState
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    Cure,
    Gone,
    NeverSeen,
    NoAnswer,
    Rejected,
    Resting,
    VenuePosition,
)
from bot.market.units import Lots, Ticks
from bot.risk import limits
from bot.session import Session
from tests.bot.builders import SECOND, account, actions, params, trade
from tests.bot.session.desk import Desk, resting

NO_SUCH = Rejected("E_NO_SUCH_ORDER", "Cannot modify canceled or filled order", Cure.LOOK_UP)


def moved(desk: Desk) -> list[messages.Replace]:
    """Both quotes follow the price in one request each."""
    desk.quote()
    desk.price(18_590, 18_610)
    return desk.changes


def test_a_quote_follows_the_price_in_one_request() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.price(18_590, 18_610)
    assert actions(desk.said) == ["quote_cancel", "quote_place"] * 2
    assert [change.old for change in desk.changes] == [bid.cloid, ask.cloid]
    assert (desk.sends, desk.cancels) == ([], [])
    assert [change.order.cloid[-1] for change in desk.changes] == ["3", "4"], "under ids of their own"
    changes = desk.changes
    for change in changes:
        desk.replaced(change, Cancelled(), Accepted("9"))
    assert [order.cloid for order in desk.session.orders.open()] == [change.order.cloid for change in changes]


def test_without_room_for_both_the_old_quote_leaves_first() -> None:
    desk = Desk(Session(params(limits=limits.Params(max_inventory={"SOL": Decimal(5)}))))
    bid, ask = desk.quote()
    assert bid.lots * 2 > 500
    desk.price(18_590, 18_610)
    assert (desk.changes, desk.cancels) == ([], [bid.cloid, ask.cloid])
    desk.cancelled(bid.cloid)
    assert [order.side for order in desk.sends] == ["bid"]


def test_a_fill_on_its_way_while_a_quote_is_changed_keeps_the_limit() -> None:
    desk = Desk(Session(params(limits=limits.Params(max_inventory={"SOL": Decimal("5.5")}))))
    bid, _ = desk.quote()
    change = moved_bid(desk)
    assert bid.lots + change.order.lots <= 550
    desk.traded(trade("1", "bid", bid.ticks, bid.lots, bid.cloid))
    desk.replaced(change, CancelRefused("filled"), Accepted("9"))
    assert desk.session.positions["SOL"].lots + change.order.lots <= 550


def moved_bid(desk: Desk) -> messages.Replace:
    desk.price(18_590, 18_610)
    return next(change for change in desk.changes if change.order.side == "bid")


def test_an_old_order_that_was_gone_is_asked_for_and_the_new_one_sent_when_that_is_known() -> None:
    desk = Desk()
    change = moved(desk)[0]
    desk.replaced(change, CancelRefused("gone"), NO_SUCH)
    assert actions(desk.said) == ["order_moot"], "nothing was refused: it came too late"
    (moot,) = [event for event in desk.told if isinstance(event, events.OrderMoot)]
    assert (moot.cloid, moot.replaces) == (change.order.cloid, change.old)
    assert desk.questions == [change.old]
    assert desk.sends == []
    desk.tell(messages.LookupAnswered(change.old, Gone(Lots(0))))
    assert [order.side for order in desk.sends] == ["bid"], "at once: the refusal was none of the price"


def test_a_new_order_that_was_refused_for_itself_is_told_as_refused() -> None:
    desk = Desk()
    change = moved(desk)[0]
    desk.replaced(change, CancelRefused("?"), Rejected("E_MODIFY", "Attempted to modify to invalid new order"))
    assert actions(desk.said) == ["order_reject"]


def test_an_unanswered_change_leaves_both_in_doubt_until_neither_can_surprise() -> None:
    desk = Desk()
    change = moved(desk)[0]
    desk.replaced(change, NoAnswer("lost"), NoAnswer("lost"))
    assert actions(desk.said) == ["order_unknown", "order_unknown"]
    desk.turn()
    assert desk.questions == [change.old, change.order.cloid]
    desk.tell(messages.LookupAnswered(change.old, Gone(Lots(0))))
    desk.tell(messages.LookupAnswered(change.order.cloid, NeverSeen()))
    assert desk.session.orders.known(change.order.cloid).state is OrderState.UNKNOWN, "it may still arrive"
    desk.turn(6)
    assert change.order.cloid in desk.questions
    assert desk.sends == []
    desk.tell(messages.LookupAnswered(change.order.cloid, NeverSeen()))
    assert desk.session.orders.known(change.order.cloid).state is OrderState.REJECTED


def test_a_doubted_order_is_asked_for_at_once() -> None:
    desk = Desk()
    bid, _ = desk.quote()
    desk.tell(messages.OrderDoubted(bid.cloid, "marginCanceled"))
    assert actions(desk.said) == ["order_unknown"]
    assert desk.questions == [bid.cloid]
    desk.tell(messages.LookupAnswered(bid.cloid, Gone(Lots(0))))
    assert [order.side for order in desk.sends] == ["bid"]


@pytest.mark.parametrize("cloid", ["0xdeadbeef" + "0" * 24, ""])
def test_doubts_about_orders_of_others_are_none_of_ours(cloid: str) -> None:
    desk = Desk()
    desk.quote()
    assert desk.tell(messages.OrderDoubted(cloid, "canceled")) == []


def test_a_doubt_that_overtakes_the_answer_is_remembered() -> None:
    desk = Desk()
    desk.price()
    bid = desk.sends[0]
    assert desk.tell(messages.OrderDoubted(bid.cloid, "marginCanceled")) == []
    desk.answer(bid.cloid, Accepted("1"))
    assert desk.questions == [bid.cloid]
    assert desk.session.orders.known(bid.cloid).state is OrderState.UNKNOWN


def test_a_doubt_that_overtakes_the_answer_to_a_question_is_asked_again() -> None:
    desk = Desk()
    bid, _ = desk.quote()
    desk.tell(messages.OrderDoubted(bid.cloid, "first"))
    desk.tell(messages.OrderDoubted(bid.cloid, "second"))
    assert desk.questions == [], "it is being asked for"
    desk.tell(messages.LookupAnswered(bid.cloid, resting(bid)))
    assert desk.questions == [bid.cloid]


def test_a_taken_order_the_venue_forgot_is_over_when_the_account_says_so() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.now += SECOND
    desk.tell(messages.OrderDoubted(bid.cloid, "gone?"))
    desk.tell(messages.LookupAnswered(bid.cloid, NeverSeen()))
    assert desk.session.orders.known(bid.cloid).state is OrderState.UNKNOWN
    desk.turn()
    assert desk.reads == ["doubt"]
    sold = trade("7", "bid", bid.ticks, 100, bid.cloid)
    desk.read("doubt", account([VenuePosition("SOL", Lots(100), 0)], [sold], [resting(ask)]))
    assert "FILL" in actions(desk.said)
    assert desk.session.orders.known(bid.cloid).state is OrderState.CANCELLED


def test_trades_that_nobody_tells_are_read_from_the_account() -> None:
    desk = Desk()
    bid, _ = desk.quote()
    desk.tell(messages.OrderDoubted(bid.cloid, "filled"))
    for _ in range(3):
        desk.tell(messages.LookupAnswered(bid.cloid, Gone(bid.lots)))
        desk.turn()
    assert desk.reads == ["doubt"]


def test_a_refusal_for_good_takes_all_quotes_off_until_a_hand_says_otherwise() -> None:
    desk = Desk()
    desk.price()
    bid, ask = desk.sends
    desk.answer(ask.cloid, Accepted("2"))
    desk.answer(bid.cloid, Rejected("E_KEY", "User or API Wallet 0x1 does not exist.", Cure.HALT))
    assert [event for event in desk.told if isinstance(event, events.KillSwitch)] == [
        events.KillSwitch(on=True, source="venue")
    ]
    assert desk.cancels == [ask.cloid]
    assert desk.session.holders == {"venue"}
    desk.tell(messages.HoldQuotes("ctl", off=False, source="ctl"))
    assert desk.session.quotes_enabled
    assert [event for event in desk.told if isinstance(event, events.KillSwitch)] == [
        events.KillSwitch(on=False, source="ctl")
    ]


def test_a_send_refused_as_a_duplicate_is_asked_for_and_not_sent_again() -> None:
    desk = Desk()
    desk.price()
    bid = desk.sends[0]
    desk.answer(bid.cloid, Rejected("E_DUPLICATE", "Duplicate client order id.", Cure.LOOK_UP))
    assert actions(desk.said) == ["order_unknown"]
    assert desk.questions == [bid.cloid]


def test_an_orphan_that_was_filled_in_part_before_we_knew_it_blocks_its_side_no_longer_than_a_reading() -> None:
    """The venue counts what was filled of it since it was sent; we know only what was left when we found it."""
    desk = Desk()
    found = Resting("SOL", "bid", Ticks(18_400), Lots(50), "0xdeadbeef" + "0" * 24, "4")
    desk.read("routine", account(resting=[found]))
    assert desk.cancels == [found.cloid]
    desk.cancelled(found.cloid, CancelRefused("never placed, already canceled, or filled"))
    assert desk.questions == [found.cloid]
    desk.tell(messages.LookupAnswered(found.cloid, Gone(Lots(70))))
    desk.turn(2)
    assert desk.reads == ["doubt"]
    desk.price()
    desk.read("doubt", account())
    assert desk.session.orders.known(found.cloid).state is OrderState.CANCELLED
    assert "bid" in {order.side for order in desk.sends}


def test_entries_that_the_venue_stopped_by_itself_are_asked_for_again_after_a_while() -> None:
    desk = Desk()
    desk.price()
    desk.answer(desk.sends[0].cloid, Rejected("E_GROUP", "order group is triggered", Cure.WAIT))
    asked = []
    for _ in range(45):
        asked += [desk.now // SECOND for effect in desk.turn() if isinstance(effect, messages.HoldEntries)]
    assert asked == [31], "once, and not at once"
