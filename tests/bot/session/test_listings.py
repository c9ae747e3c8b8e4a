"""Fresh rules: read when old, read on a refusal, and what a retry is made of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot import events, messages
from bot.errors import MustReconcile
from bot.execution import retry_guard
from bot.market.grid import UniformGrid
from bot.market.overrides import Override
from bot.market.reports import Accepted, Cure, Rejected
from bot.market.spec import Spec
from bot.session import Session
from tests.bot.builders import SECOND, SOL, SPECS, account, actions, emitted, params
from tests.bot.session.desk import Desk

OFF_GRID = Rejected("E_TICK", "Price must be divisible by tick size. asset=5", Cure.REQUANTISE)
TAKEN = 3_000_000


def specs(sol: Spec = SOL) -> dict[str, Spec]:
    return {**SPECS, "SOL": sol}


def refused(desk: Desk) -> str:
    """The bid was refused for its price, the ask rests; the bid's id."""
    desk.price()
    bid, ask = desk.sends
    desk.answer(ask.cloid, Accepted("2"))
    desk.answer(bid.cloid, OFF_GRID)
    return bid.cloid


def test_a_price_refused_for_its_grid_is_made_anew_on_fresh_rules_from_the_present_book() -> None:
    desk = Desk()
    cloid = refused(desk)
    assert actions(desk.said) == ["order_reject"]
    assert desk.spec_reads == ["e_tick"]
    desk.price(18_500, 18_520)
    assert [order.side for order in desk.sends] == [], "nothing is sent before the rules are there"
    desk.now += SECOND // 100
    desk.tell(messages.SpecsRead("e_tick", specs(replace(SOL, grid=UniformGrid(5))), TAKEN))
    retry = next(order for order in desk.sends if order.side == "bid")
    assert retry.cloid != cloid
    assert retry.ticks == 18_500, "on the new grid, from the book of now"
    attempt = next(event for event in desk.told if isinstance(event, events.RetryAttempt))
    assert (attempt.retry_of, attempt.cloid, attempt.attempt, attempt.code) == (cloid, retry.cloid, 1, "E_TICK")
    assert attempt.price == SOL.price(retry.ticks)
    placed = [event for event in desk.told if isinstance(event, events.QuotePlace) and event.side == "bid"]
    assert [event.retry_of for event in placed] == [cloid]
    (refresh,) = [event for event in desk.told if isinstance(event, events.SpecRefresh)]
    assert (refresh.market, refresh.reason, refresh.changed, refresh.took_ms) == ("SOL", "e_tick", True, 3.0)


def test_a_retry_refused_again_is_given_up_and_backs_off() -> None:
    desk = Desk()
    refused(desk)
    desk.tell(messages.SpecsRead("e_tick", specs(), TAKEN))
    (retry,) = desk.sends
    desk.answer(retry.cloid, OFF_GRID)
    assert actions(desk.said) == ["order_reject", "retry_exhausted"]
    exhausted = desk.told[1]
    assert isinstance(exhausted, events.RetryExhausted)
    assert (exhausted.attempts, exhausted.cloid, exhausted.reason) == (1, retry.cloid, OFF_GRID.reason)
    assert desk.spec_reads == []
    desk.price()
    assert desk.sends == [], "the side rests"
    desk.now += 2 * SECOND
    desk.price()
    assert len(desk.sends) == 1
    assert all(event.retry_of is None for event in desk.told if isinstance(event, events.QuotePlace))


def test_rules_that_cannot_be_read_do_not_keep_the_retry_back() -> None:
    desk = Desk()
    refused(desk)
    desk.tell(messages.SpecsRead("e_tick", None, TAKEN))
    assert actions(desk.said) == ["retry_attempt", "quote_place"]


def test_a_quote_that_is_not_wanted_any_more_is_no_retry() -> None:
    desk = Desk()
    refused(desk)
    desk.tell(messages.HoldQuotes("setting", off=True, source="reload"))
    desk.tell(messages.SpecsRead("e_tick", specs(), TAKEN))
    assert "retry_attempt" not in actions(desk.said)
    desk.now += 2 * SECOND
    desk.tell(messages.HoldQuotes("setting", off=False, source="reload"))
    assert "retry_attempt" not in actions(desk.said)


def test_two_sides_refused_wait_for_one_reading() -> None:
    desk = Desk()
    desk.price()
    reads = []
    for order in desk.sends:
        desk.answer(order.cloid, OFF_GRID)
        reads += desk.spec_reads
    assert reads == ["e_tick"]
    desk.tell(messages.SpecsRead("e_tick", specs(), TAKEN))
    assert actions(desk.said).count("retry_attempt") == 2


def test_switched_off_the_guard_only_backs_off() -> None:
    desk = Desk(Session(params(guard=retry_guard.Params(enabled=False))))
    refused(desk)
    assert (actions(desk.said), desk.spec_reads) == (["order_reject"], [])


def test_old_rules_are_read_again_one_reading_at_a_time() -> None:
    desk = Desk(Session(params(started=SECOND)))
    asked = []
    for second in range(2, 200):
        desk.turn()
        asked += [second for _ in desk.spec_reads]
        if second == 70:
            desk.tell(messages.SpecsRead("ttl", specs(), TAKEN))
            assert "spec_refresh" in actions(desk.said)
    assert asked == [61, 130]


def test_changed_units_end_the_run() -> None:
    desk = Desk()
    with pytest.raises(MustReconcile, match="SOL"):
        desk.tell(messages.SpecsRead("ttl", specs(replace(SOL, lot=Decimal("0.1"))), TAKEN))


def test_a_market_that_is_listed_no_more_is_quoted_no_more() -> None:
    desk = Desk()
    bid, ask = desk.quote()
    desk.tell(messages.SpecsRead("ttl", {"COARSE": SPECS["COARSE"]}, TAKEN))
    assert desk.cancels == [bid.cloid, ask.cloid]


def test_overrides_are_told_once_and_obeyed() -> None:
    asked = {"SOL": Override(tick=Decimal("0.05"), lot=Decimal("0.5")), "COARSE": Override(lot=Decimal(2))}
    session = Session(params(overrides=asked))
    told = emitted(session.handle(messages.AccountRead("start", [], [], account()), SECOND))
    assert [event for event in told if isinstance(event, events.SpecOverride)] == [
        events.SpecOverride(
            market="SOL", tick=0.05, lot=0.5, asked_tick=0.05, asked_lot=0.5, venue_tick=0.01, venue_lot=0.01
        )
    ]
    desk = Desk(session)
    assert "spec_override" not in actions(desk.said)
    desk.price()
    assert [(order.ticks % 5, order.lots % 50) for order in desk.sends] == [(0, 0), (0, 0)]


def test_changed_rules_are_read_at_once_and_again_if_a_reading_was_under_way() -> None:
    desk = Desk()
    desk.price()
    desk.tell(messages.RulesChanged("SOL"))
    assert desk.spec_reads == ["structure"]
    desk.now += SECOND // 10
    desk.tell(messages.RulesChanged("SOL"))
    assert desk.spec_reads == [], "one reading at a time"
    desk.tell(messages.SpecsRead("structure", specs(), TAKEN))
    assert desk.spec_reads == ["structure"], "that one may have been answered before the change"
    desk.tell(messages.SpecsRead("structure", specs(replace(SOL, grid=UniformGrid(5))), TAKEN))
    assert desk.spec_reads == []
    assert desk.session.specs["SOL"].grid == UniformGrid(5)


def test_changed_rules_that_were_not_told_are_asked_for_until_they_are() -> None:
    desk = Desk()
    desk.price()
    desk.tell(messages.RulesChanged("SOL"))
    for _ in range(3):
        desk.tell(messages.SpecsRead("structure", None, TAKEN))
        assert desk.spec_reads == [], "no faster than a turn"
        desk.now += SECOND
        desk.tell(messages.Turn())
        assert desk.spec_reads == ["structure"]
    desk.tell(messages.SpecsRead("structure", specs(), TAKEN))
    desk.now += SECOND
    desk.tell(messages.Turn())
    assert desk.spec_reads == []
