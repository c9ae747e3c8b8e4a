"""What stops entries and lets exits go on: switches, breakers, limits of an event."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot import events, messages
from bot.market.reports import Cancelled, Cure, NeverSeen, NoAnswer, Rejected, SendResult
from bot.messages import HoldEntries
from bot.risk import circuit_breaker
from bot.strategy import edge_locked
from tests.bot.builders import SECOND
from tests.bot.session.edge.game_desk import HABS, LEAFS, OTHER, GameDesk, edge_session, given

SHUT = Rejected("E_GROUP", "order group was triggered", Cure.WAIT)
CALM = circuit_breaker.Params(soft_cancels=10, hard_cancels=14)


def kill(desk: GameDesk, off: bool = True, holder: str = "file") -> None:
    desk.tell(messages.HoldQuotes(holder, off=off, source=holder))


def shuffle(desk: GameDesk, moves: int, market: str = LEAFS) -> None:
    """The bid follows the market so many times, with a cancel each."""
    for number in range(moves):
        desk.now += 2 * SECOND
        desk.look(40 + number % 2 * 2, 52, market)


def test_a_switch_takes_entries_off_and_tells_the_venue_and_they_come_back() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    kill(desk)
    assert HoldEntries(True) in desk.said
    assert [told.reason for told in desk.told_of(events.QuoteCancel)] == ["kill", "kill"]
    desk.settle()
    desk.now += 5 * SECOND
    desk.look(50, 52)
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)
    kill(desk, off=False)
    assert HoldEntries(False) in desk.said
    desk.settle()
    assert desk.resting("bid") == (48, 10, False)


def test_under_a_switch_the_take_profit_and_the_exits_go_on() -> None:
    desk = GameDesk()
    desk.long()
    kill(desk)
    assert desk.cancels == []
    desk.settle()
    desk.now += 481 * SECOND
    desk.look(48, 52)
    assert desk.resting("ask") == (50, 10, True)
    desk.now += 720 * SECOND
    desk.book(44, 60)
    desk.cancelled(desk.cancels[0])
    (taken,) = desk.sends
    assert (taken.ticks, taken.tif) == (4_400, "Ioc")
    desk.fill(taken)
    assert (desk.holding(), desk.resting("bid"), desk.resting("ask")) == (0, None, None)


def test_an_entry_that_fills_after_the_switch_gets_its_take_profit() -> None:
    desk = GameDesk()
    desk.look(50, 52)
    entry = desk.order("bid")
    kill(desk)
    desk.fill(entry)
    for cloid in [effect.cloid for effect in desk.said if isinstance(effect, messages.CancelOrder)]:
        desk.cancelled(cloid)
    desk.tell(messages.CancelAnswered(next(desk.session.orders.open(LEAFS, "ask")).cloid, Cancelled()))
    desk.settle()
    assert desk.resting("ask") == (55, 10, True)


def test_a_venue_that_refused_us_for_good_stops_everything() -> None:
    desk = GameDesk()
    desk.long()
    kill(desk, holder="venue")
    desk.settle()
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)


def test_too_many_cancels_let_what_rests_rest_and_too_many_more_take_entries_off() -> None:
    desk = GameDesk(edge_session(breaker=CALM))
    shuffle(desk, 12)
    (soft,) = desk.told_of(events.CbSoft)
    assert (soft.market, soft.cancels_30, soft.limit, soft.reason) == (LEAFS, 11, 10, "soft_cancels")
    resting = desk.resting("bid")
    desk.now += 10 * SECOND
    desk.look(38, 52)
    assert desk.resting("bid") == resting, "softly tripped: nothing moves"
    assert desk.told_of(events.CbHard, events.BreakerReset) == []


def test_a_soft_breaker_clears_by_itself_and_quotes_move_again() -> None:
    desk = GameDesk(edge_session(breaker=CALM))
    shuffle(desk, 12)
    for _ in range(31):
        desk.wait(1)
    (cleared,) = desk.told_of(events.BreakerReset)
    assert (cleared.market, cleared.after_s) == (LEAFS, 30)
    desk.look(30, 52)
    assert desk.resting("bid") == (30, 10, False)


def hard(desk: GameDesk) -> None:
    for _ in range(8):
        desk.now += 11 * SECOND
        desk.session._breakers._breakers[LEAFS]._errors.extend([desk.now] * 7)
        desk.look(50, 52)
        if desk.told_of(events.CbHard):
            return


def test_a_hard_breaker_takes_entries_off_and_exits_go_on() -> None:
    desk = GameDesk()
    desk.long()
    hard(desk)
    assert desk.resting("ask") == (55, 10, True)
    desk.fill(desk.order("ask"))
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)


@pytest.mark.parametrize("market", ["", LEAFS])
def test_a_hard_breaker_is_cleared_by_hand(market: str) -> None:
    desk = GameDesk()
    desk.look(50, 52)
    hard(desk)
    assert (desk.resting("bid"), desk.resting("ask")) == (None, None)
    desk.tell(messages.ResetBreaker(OTHER))
    assert desk.told_of(events.BreakerReset) == []
    desk.tell(messages.ResetBreaker(market))
    assert len(desk.told_of(events.BreakerReset)) == 1
    desk.settle()
    assert desk.resting("bid") == (48, 10, False)


def test_a_group_that_the_venue_shut_trips_and_is_reset_when_the_breaker_clears() -> None:
    desk = GameDesk()
    desk.book(50, 52)
    while not desk.told_of(events.CbSoft):
        for order in desk.sends:
            desk.answer(order.cloid, SHUT)
        desk.turn(1)
        assert desk.now < 60 * SECOND
    assert desk.told_of(events.CbSoft)[0].reason == "soft_errors"
    said = []
    for _ in range(40):
        said += desk.turn(1)
    assert said.count(HoldEntries(False)) == 1
    assert desk.told_of(events.BreakerReset)


def test_an_exit_that_fails_trips_nothing() -> None:
    desk = GameDesk()
    desk.long()
    desk.look(50, 52)
    for _ in range(40):
        desk.now += SECOND
        desk.book(56, 58)
        for cloid in desk.cancels:
            desk.cancelled(cloid)
        for order in desk.sends:
            desk.answer(order.cloid, Rejected("E_PAUSED", "paused", Cure.WAIT))
    assert desk.told_of(events.CbSoft, events.CbHard) == []


@pytest.mark.parametrize(
    ("result", "trips"),
    [
        pytest.param(Rejected("E_POST_ONLY", "crossed"), False, id="the market moved"),
        pytest.param(Rejected("E_MARGIN", "not enough", Cure.SHRINK), True, id="refused"),
        pytest.param(NoAnswer("lost"), True, id="lost"),
    ],
)
def test_what_counts_as_an_error_of_entries(result: SendResult, trips: bool) -> None:
    desk = GameDesk()
    for _ in range(40):
        said = [*desk.turn(1), *desk.book(50, 52)]
        for effect in said:
            match effect:
                case messages.Send(order):
                    desk.answer(order.cloid, result)
                case messages.LookUp(_, cloid):
                    desk.tell(messages.LookupAnswered(cloid, NeverSeen()))
    assert bool(desk.told_of(events.CbSoft)) is trips


@pytest.mark.parametrize("new", [edge_locked.Params(size=Decimal(3)), None], ids=["a smaller entry", "none said"])
def test_settings_that_are_read_again_count_at_once_and_the_strategy_stays(new: edge_locked.Params | None) -> None:
    desk = GameDesk()
    desk.look(50, 52)
    made = given()
    desk.tell(messages.NewParams(made.maker, made.limits, new))
    desk.settle()
    desk.wait(3)
    desk.fill(desk.order("bid"))
    desk.fill(desk.order("ask"))
    desk.wait(3)
    assert desk.resting("bid") == (48, 10 if new is None else 3, False)
    assert {told.strategy for told in desk.told_of(events.QuotePlace)} == {"edge_locked"}


def held(most: int = 20, event: int | None = None) -> dict[str, object]:
    limits = given().limits
    sized = {market: Decimal(most) for market in (LEAFS, HABS, OTHER)}
    per_event = None if event is None else Decimal(event)
    return {"limits": replace(limits, max_inventory=sized, max_per_event=per_event), "markets": (LEAFS, HABS, OTHER)}


def test_two_markets_of_one_game_share_the_room_of_their_event() -> None:
    desk = GameDesk(edge_session(**held(20, event=15)))
    desk.long()
    desk.look(40, 42, HABS)
    assert desk.resting("bid", HABS) == (40, 5, False), "ten are held in the other market"
    desk.look(40, 42, OTHER)
    assert desk.resting("bid", OTHER) == (40, 10, False), "another game"


def test_entries_that_rest_in_the_other_market_count_and_the_cap_holds_if_all_fill() -> None:
    desk = GameDesk(edge_session(**held(20, event=12)))
    desk.look(50, 52)
    desk.look(40, 42, HABS)
    assert (desk.resting("bid", HABS), desk.resting("ask", HABS)) == ((40, 2, False), (65, 2, False))
    desk.fill(desk.order("bid"))
    desk.fill(desk.order("bid", HABS))
    assert abs(desk.holding()) + abs(desk.holding(HABS)) == 12


def test_a_flat_event_gives_its_room_back() -> None:
    desk = GameDesk(edge_session(**held(20, event=10)))
    desk.long()
    desk.look(40, 42, HABS)
    assert desk.resting("bid", HABS) is None
    desk.fill(desk.order("ask"))
    desk.tell(messages.HoldQuotes("file", off=True, source="file"))
    desk.settle()
    desk.wait(3)
    desk.tell(messages.HoldQuotes("file", off=False, source="file"))
    desk.settle()
    assert desk.resting("bid") == (48, 10, False), "first come, first served"


def test_an_entry_that_nobody_knows_of_still_takes_room_of_its_event() -> None:
    desk = GameDesk(edge_session(**held(20, event=10)))
    desk.book(50, 52)
    for order in desk.sends:
        desk.answer(order.cloid, NoAnswer("lost"))
    desk.look(40, 42, HABS)
    assert desk.resting("bid", HABS) is None
