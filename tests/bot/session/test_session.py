"""The session by scenario, by property and by replay."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import events, messages
from bot.market.orders import OrderState
from bot.market.reports import Accepted, NoAnswer, Rejected, Resting, VenuePosition
from bot.market.units import Lots, Ticks
from bot.messages import Effect, HoldEntries, JournalPosition, Message
from bot.risk import limits
from bot.session import Session
from bot.strategy import perp_maker
from tests.bot.builders import SECOND, SOL, account, actions, emitted, params, top, trade
from tests.bot.world import World

EMPTY = messages.AccountRead("start", [], [], account())
PRICE = messages.BookMoved(top(18_490, 18_510, at=SECOND))


def quoting() -> Session:
    """A session with both quotes working, at one second."""
    session = Session(params())
    session.handle(EMPTY, SECOND)
    for effect in session.handle(PRICE, SECOND):
        if isinstance(effect, messages.Send):
            session.handle(messages.SendAnswered(effect.order.cloid, Accepted("1")), SECOND)
    return session


def cancelled(effects: list[Effect]) -> list[str]:
    return [event.reason for event in emitted(effects) if isinstance(event, events.QuoteCancel)]


def test_nothing_is_quoted_before_the_account_was_read() -> None:
    session = Session(params())
    assert session.handle(PRICE, SECOND) == []
    assert actions(session.handle(EMPTY, SECOND)) == ["reconcile", "quote_place", "quote_place"]


def test_a_trade_heard_before_the_account_is_counted_after_it_and_once() -> None:
    session = Session(params())
    first, second = trade("1", "bid", 100, 5), trade("2", "bid", 100, 3)
    for early in (first, second):
        assert session.handle(messages.Traded(early), SECOND) == []
    at_venue = account([VenuePosition("SOL", Lots(5), 500)], [first], [])
    told = actions(session.handle(messages.AccountRead("start", [], [], at_venue), SECOND))
    assert told == ["FILL", "state_change", "position", "reconcile", "FILL"]
    assert session.positions["SOL"].lots == 8


def test_quotes_are_events_first_and_orders_second() -> None:
    session = Session(params())
    session.handle(EMPTY, SECOND)
    effects = session.handle(PRICE, SECOND)
    assert [type(effect).__name__ for effect in effects] == ["Emit", "Send", "Emit", "Send"]
    placed, send = emitted(effects)[0], effects[1]
    assert isinstance(placed, events.QuotePlace)
    assert isinstance(send, messages.Send)
    assert (placed.market, placed.side, placed.price, placed.size) == ("SOL", "bid", 184.94, 2.7)
    assert (placed.seq, placed.cloid, placed.tif, placed.ro) == (1, send.order.cloid, "Alo", False)
    assert SOL.price(send.order.ticks) == placed.price


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (messages.HoldQuotes("ctl", off=True, source="ctl"), "kill"),
        (messages.Drain(), "shutdown"),
        (messages.NewParams(perp_maker.Params(), limits.Params(max_inventory={"SOL": Decimal(2)})), "risk"),
        (messages.NewParams(perp_maker.Params(half_spread_bps=Decimal(9)), params().limits), "requote"),
        (messages.BookMoved(top(18_590, 18_610, at=SECOND)), "requote"),
        (messages.BookMoved(top(None, 18_610, at=SECOND)), "requote"),
    ],
)
def test_why_quotes_leave(message: Message, reason: str) -> None:
    assert cancelled(quoting().handle(message, SECOND)) == [reason, reason]


def test_a_silent_feed_is_said_once_and_takes_quotes_off() -> None:
    session = quoting()
    assert actions(session.handle(messages.Turn(), 4 * SECOND)) == ["heartbeat", "feed_connect"]
    effects = session.handle(messages.Turn(), 4 * SECOND + 1)
    assert actions(effects) == ["heartbeat", "feed_disconnect", "quote_cancel", "quote_cancel"]
    assert cancelled(effects) == ["stale", "stale"]
    assert actions(session.handle(messages.Turn(), 5 * SECOND)) == ["heartbeat"]
    session.handle(messages.BookMoved(top(18_490, 18_510, at=6 * SECOND)), 6 * SECOND)
    session.handle(messages.Turn(), 6 * SECOND)
    assert actions(session.handle(messages.Turn(), 10 * SECOND))[1] == "feed_disconnect"


def test_quotes_come_back_only_when_the_last_holder_lets_go() -> None:
    session = quoting()
    hold = messages.HoldQuotes
    told = [
        [e for e in emitted(session.handle(message, SECOND)) if isinstance(e, events.KillSwitch)]
        for message in (
            hold("file", off=True, source="file"),
            hold("ctl", off=True, source="ctl"),
            hold("file", off=False, source="file"),
            hold("ctl", off=False, source="ctl"),
        )
    ]
    assert told == [[events.KillSwitch(on=True, source="file")], [], [], [events.KillSwitch(on=False, source="ctl")]]
    assert session.quotes_enabled


def test_the_venue_is_told_to_hold_entries_when_the_first_holds_and_when_the_last_lets_go() -> None:
    session = quoting()
    told = [
        [e for e in session.handle(messages.HoldQuotes(by, off, source=by), SECOND) if isinstance(e, HoldEntries)]
        for by, off in (("file", True), ("ctl", True), ("file", False), ("ctl", False))
    ]
    assert told == [[HoldEntries(True)], [], [], [HoldEntries(False)]]


def test_a_market_that_paid_out_has_the_account_read() -> None:
    assert messages.ReadAccount("settlement") in quoting().handle(messages.MarketSettled("SOL"), 3 * SECOND)


def test_the_switch_by_hand_is_kept_others_are_not() -> None:
    session = quoting()
    assert messages.KeepHold(True) in session.handle(messages.HoldQuotes("ctl", off=True, source="ctl"), SECOND)
    others = session.handle(messages.HoldQuotes("setting", off=True, source="reload"), SECOND)
    assert not [effect for effect in others if isinstance(effect, messages.KeepHold)]


def test_the_account_is_settled_and_orphans_leave() -> None:
    session = Session(params())
    session.handle(PRICE, SECOND)
    known, missed = trade("8", "bid", 18_400, 100), trade("9", "bid", 18_400, 100)
    left = Resting("SOL", "bid", Ticks(18_400), Lots(50), "0xdeadbeef" + "0" * 24, "4")
    at_venue = account([VenuePosition("SOL", Lots(250), 1)], [known, missed], [left])
    read = messages.AccountRead("start", [JournalPosition("SOL", 100, 1_840_000)], ["8"], at_venue)
    effects = session.handle(read, SECOND)
    assert actions(effects) == [
        "FILL",
        "reconcile_mismatch",
        "position",
        "reconcile",
        "quote_cancel",
        "quote_place",
    ]
    assert cancelled(effects) == ["orphan"]
    assert session.positions["SOL"].lots == 250
    assert messages.KeepPosition("SOL", 250, 1) in effects
    assert isinstance(effects[0], messages.KeepTrade)


def test_a_rejection_is_told_with_the_venues_words_and_not_answered_at_once() -> None:
    session = Session(params())
    session.handle(EMPTY, SECOND)
    sends = [e for e in session.handle(PRICE, SECOND) if isinstance(e, messages.Send)]
    text = "Price must be divisible by tick size. asset=5"
    effects = session.handle(messages.SendAnswered(sends[0].order.cloid, Rejected("E_TICK", text)), SECOND)
    (told,) = emitted(effects)
    assert isinstance(told, events.OrderReject)
    assert (told.code, told.reason, told.level) == ("E_TICK", text, "error")


def test_a_lost_answer_leads_to_one_question_and_its_answer_is_told() -> None:
    session = Session(params())
    session.handle(EMPTY, SECOND)
    sends = [e for e in session.handle(PRICE, SECOND) if isinstance(e, messages.Send)]
    cloid = sends[0].order.cloid
    assert actions(session.handle(messages.SendAnswered(cloid, NoAnswer("lost")), SECOND)) == ["order_unknown"]
    effects = session.handle(messages.Turn(), 2 * SECOND)
    assert [e for e in effects if isinstance(e, messages.LookUp)] == [messages.LookUp("SOL", cloid)]
    found = Resting("SOL", "bid", sends[0].order.ticks, sends[0].order.lots, cloid, "77")
    assert actions(session.handle(messages.LookupAnswered(cloid, found), 2 * SECOND)) == ["order_ack"]
    assert session.orders.known(cloid).state is OrderState.WORKING


seeds = st.integers(0, 2**32)


CAPS = tuple(Decimal(cap) for cap in (60, 30, 40, 50, 80))
"""Some leave room to change a quote in one request nearly always, some hardly ever."""


def begun(seed: int) -> World:
    world = World(CAPS[seed % len(CAPS)])
    world.chance.seed(seed)
    world.begin()
    return world


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_inventory_holds_whatever_the_venue_does(seed: int) -> None:
    world = begun(seed)
    cap = SOL.whole_lots(world.cap)
    for _ in range(400):
        world.act(world.chance.random())
        low, high = world.venue.exposed()
        assert -cap <= low <= high <= cap
    settled(world)
    assert world.session.positions["SOL"].lots == world.venue.position
    resting = {(resting.cloid, resting.lots) for resting in world.venue.resting()}
    assert resting == {(order.cloid, order.left) for order in world.session.orders.open()}


def settled(world: World) -> None:
    """Quotes off, the streams run, and all that was under way has arrived."""
    world.tell(messages.HoldQuotes("setting", off=True, source="reload"))
    world.connect()
    for _ in range(40):
        world.deliver_all()
        world.turn()
    world.deliver_all()


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(0, 200))
def test_a_drain_always_ends_with_nothing_resting(seed: int, acts: int) -> None:
    world = begun(seed)
    for _ in range(acts):
        world.act(world.chance.random())
    world.tell(messages.Drain())
    world.connect()
    for _ in range(200):
        world.deliver_all()
        if not list(world.session.orders.open()):
            break
        world.turn()
    assert list(world.session.orders.open()) == []
    assert world.venue.resting() == []


def long_day() -> World:
    world = begun(7)
    for _ in range(1_500):
        world.act(world.chance.random())
    return world


def test_a_recorded_session_replays_byte_for_byte() -> None:
    day = long_day()
    seen = {str(event.__struct_config__.tag) for event in day.told}
    assert seen >= {"quote_place", "order_ack", "order_reject", "order_unknown", "quote_cancel", "FILL", "kill_switch"}

    recording = [(now, msgspec.json.encode(message)) for now, message in day.heard]
    session, told = Session(day.session.params), []
    for now, line in recording:
        told += emitted(session.handle(msgspec.json.decode(line, type=Message), now))
    assert [msgspec.json.encode(e) for e in told] == [msgspec.json.encode(e) for e in day.told]


def test_two_runs_of_the_same_day_are_the_same() -> None:
    first, second = long_day(), long_day()
    assert msgspec.json.encode(first.told) == msgspec.json.encode(second.told)


def test_a_feed_that_flows_again_is_said_with_how_long_it_did_not() -> None:
    session = quoting()
    first = next(e for e in emitted(session.handle(messages.Turn(), SECOND)) if isinstance(e, events.FeedConnect))
    assert (first.markets, first.down_s) == (1, 1.0)
    assert "feed_connect" not in actions(session.handle(messages.Turn(), 2 * SECOND)), "said once"
    session.handle(messages.Turn(), 9 * SECOND)
    session.handle(messages.BookMoved(top(18_490, 18_510, at=11 * SECOND)), 11 * SECOND)
    told = emitted(session.handle(messages.Turn(), 11 * SECOND))
    again = next(event for event in told if isinstance(event, events.FeedConnect))
    assert again.down_s == 10.0, "since the last price"


def test_a_feed_that_has_not_shown_every_market_does_not_flow() -> None:
    session = Session(params(markets=("SOL", "BTC")))
    session.handle(EMPTY, SECOND)
    session.handle(PRICE, SECOND)
    assert "feed_connect" not in actions(session.handle(messages.Turn(), 2 * SECOND))


def _inventory(effects: list[Effect]) -> list[events.Inventory]:
    return [event for event in emitted(effects) if isinstance(event, events.Inventory)]


def test_what_is_held_is_told_once_a_minute() -> None:
    session = quoting()
    session.handle(messages.Traded(trade("1", "bid", 18_400, 1500, at=5 * SECOND)), 5 * SECOND)
    assert _inventory(session.handle(messages.Turn(), 59 * SECOND)) == []
    (told,) = _inventory(session.handle(messages.Turn(), 65 * SECOND))
    assert (told.market, told.state, told.position, told.limit) == ("SOL", "SKEW_LONG", 15.0, 30.0)
    assert (told.pos_frac, told.held_s, told.mark, told.vwap, told.upnl) == (0.5, 60.0, 185.0, 184.0, 15.0)
    assert _inventory(session.handle(messages.Turn(), 66 * SECOND)) == []
    session.handle(messages.Traded(trade("2", "ask", 18_600, 1500, at=70 * SECOND)), 70 * SECOND)
    assert _inventory(session.handle(messages.Turn(), 130 * SECOND)) == [], "nothing is held"


def test_a_position_of_an_earlier_run_counts_from_the_start_of_this_one() -> None:
    session = Session(params(started=10 * SECOND))
    at_venue = account([VenuePosition("SOL", Lots(-300), -300 * 18_500)], [], [])
    session.handle(messages.AccountRead("start", [], [], at_venue), 10 * SECOND)
    session.handle(messages.BookMoved(top(18_490, 18_510, at=80 * SECOND)), 80 * SECOND)
    (told,) = _inventory(session.handle(messages.Turn(), 80 * SECOND))
    assert (told.state, told.held_s, told.upnl) == ("SKEW_SHORT", 70.0, 0.0)
