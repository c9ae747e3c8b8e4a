"""The seed's core facts with its numbers: take-profit, gates, trim, windows. (States and breaker have their own.)"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.fees import FREE, FeeSchedule, schedule
from bot.market.units import Lots, Side, Ticks
from bot.strategy.edge_locked.exits import adverse_cents
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.quoting import decide
from bot.strategy.edge_locked.take_profit import offset, take_profit
from bot.strategy.edge_locked.trim import fraction, surplus
from bot.strategy.edge_locked.view import Decision
from tests.bot.strategy.edge_locked.game import PARAMS, QUADRATIC, TAPERED, held, look, quote, spec


def test_the_offset_is_seven_cents_and_sixty_makes_sixty_seven() -> None:
    distance = offset(spec(), QUADRATIC, PARAMS)
    assert distance == 700
    assert take_profit(spec(), held("bid", 60, 10).holding, distance) == 6_700
    assert take_profit(spec(), held("ask", 60, 10).holding, distance) == 5_300


@pytest.mark.parametrize(
    ("fees", "params", "cents"),
    [
        (QUADRATIC, PARAMS, 7),
        (schedule("quadratic", Decimal(2)), PARAMS, 14),
        (schedule("quadratic", Decimal("0.5")), PARAMS, 4),
        (schedule("quadratic_with_maker_fees", Decimal(1)), Params(entry_role="maker"), 5),
        (schedule("quadratic_with_maker_fees", Decimal(1)), Params(entry_role="maker", exit_role="maker"), 2),
        (FREE, PARAMS, 1),
    ],
)
def test_the_offset_follows_the_schedule_up_to_the_next_tick(fees: FeeSchedule, params: Params, cents: int) -> None:
    assert offset(spec(), fees, params) == cents * 100


@pytest.mark.parametrize(
    ("side", "cents", "expected"), [("bid", 93, 9_900), ("bid", 99, 9_900), ("ask", 5, 100), ("bid", 92, 9_900)]
)
def test_a_take_profit_beyond_the_last_price_is_the_last_price(side: Side, cents: int, expected: int) -> None:
    assert take_profit(spec(), held(side, cents, 10).holding, Ticks(700)) == expected


def test_a_vwap_between_two_ticks_takes_at_least_the_whole_offset() -> None:
    position = held("bid", 47, 10).after("bid", Ticks(4_800), Lots(5), 1)
    assert take_profit(spec(), position.holding, Ticks(700)) == 5_500
    position = held("ask", 65, 10).after("ask", Ticks(6_600), Lots(5), 1)
    assert take_profit(spec(), position.holding, Ticks(700)) == 5_800


@pytest.mark.parametrize(
    ("league", "bid", "ask", "expected"),
    [
        ("NHL", 55, 57, (48, 65)),
        ("NHL", 47, 49, (47, 65)),
        ("NHL", 66, 68, (48, 68)),
        ("NHL", 30, 31, (30, 65)),
        ("NHL", 48, 65, (48, 65)),
        ("NFL", 55, 57, (44, 72)),
        ("CFB", 55, 57, (42, 75)),
    ],
)
def test_entries_stand_outside_the_gates(league: str, bid: int, ask: int, expected: tuple[int, int]) -> None:
    low, high = expected
    assert decide(look(bid, ask, league=league), PARAMS) == Decision(bid=quote(low, 10), ask=quote(high, 10))


@pytest.mark.parametrize(
    ("bid", "ask", "league"), [(None, 57, "NHL"), (55, None, "NHL"), (57, 57, "NHL"), (5, 7, "XX")]
)
def test_without_a_book_or_a_gate_nobody_enters(bid: int | None, ask: int | None, league: str) -> None:
    assert decide(look(bid, ask, league=league), PARAMS) == Decision()


def test_a_switch_that_forbids_entries_leaves_exits() -> None:
    assert decide(look(entries=False), PARAMS) == Decision()
    position = held("bid", 48, 10)
    assert decide(look(50, 52, position, entries=False), PARAMS).ask == quote(55, 10)
    late = decide(look(50, 52, position, age_s=1_300, entries=False), PARAMS)
    assert late.exit is not None
    assert late.exit.kind == "hard_cap_exit"


def test_a_trim_at_eleven_cents_is_28_1_per_cent() -> None:
    assert round(fraction(Fraction(11), Decimal("0.03")), 3) == Decimal("0.281")
    assert surplus(Lots(2_000), Lots(2_000), Fraction(11), Decimal("0.03")) == 562


@given(st.fractions(0, 99, max_denominator=200), st.integers(1, 10**6))
def test_a_trim_is_the_formula(cents: Fraction, peak: int) -> None:
    expected = 1 - exp(-0.03 * float(cents))
    assert float(fraction(cents, Decimal("0.03"))) == pytest.approx(expected, abs=1e-12)
    lots = surplus(Lots(peak), Lots(peak), cents, Decimal("0.03"))
    assert lots == pytest.approx(peak * expected, abs=1)
    assert surplus(Lots(peak - lots), Lots(peak), cents, Decimal("0.03")) == 0, "no depth is trimmed twice"


def test_what_went_against_us_is_trimmed_once_and_the_rest_keeps_its_take_profit() -> None:
    position = held("bid", 48, 20)
    seen = look(36, 38, position)
    assert adverse_cents(seen) == 11
    decision = decide(seen, PARAMS)
    assert decision.exit is not None
    assert (decision.exit.kind, decision.exit.tif, decision.exit.quote) == ("mae_trim", "Ioc", quote(36, 5))
    assert decision.ask == quote(55, 15)
    trimmed = seen.held.after("ask", Ticks(3_600), Lots(5), 1)
    assert decide(look(36, 38, trimmed), PARAMS).exit is None
    assert decide(look(45, 47, trimmed), PARAMS).exit is None, "the worst is remembered, and was answered"


def test_a_short_is_trimmed_by_buying() -> None:
    decision = decide(look(75, 77, held("ask", 65, 20)), PARAMS)
    assert decision.exit is not None
    assert (decision.exit.side, decision.exit.quote) == ("bid", quote(77, 5))
    assert decision.bid == quote(58, 15)


@pytest.mark.parametrize(
    ("age_s", "bid", "ask", "kind", "tif", "cents"),
    [
        (479, 47, 51, None, "", 0),
        (480, 47, 51, "sweet_spot_exit", "Alo", 49),
        (719, 47, 51, "sweet_spot_exit", "Alo", 49),
        (720, 47, 51, "sweet_spot_exit", "Alo", 48),
        (1_199, 47, 51, "sweet_spot_exit", "Alo", 48),
        (1_200, 47, 51, "hard_cap_exit", "Ioc", 47),
        (60, 55, 57, "tp_exit", "Ioc", 55),
        (60, 58, 60, "tp_exit", "Ioc", 55),
        (1_200, 58, 60, "hard_cap_exit", "Ioc", 58),
        (600, 54, 60, "sweet_spot_exit", "Alo", 55),
    ],
)
def test_the_windows_of_a_position_bought_at_48(
    age_s: int, bid: int, ask: int, kind: str | None, tif: str, cents: int
) -> None:
    decision = decide(look(bid, ask, held("bid", 48, 10), age_s=age_s), PARAMS)
    if kind is None:
        assert decision == Decision(ask=quote(55, 10), tp=Ticks(5_500))
    else:
        assert decision.exit is not None
        assert (decision.exit.kind, decision.exit.tif, decision.exit.quote) == (kind, tif, quote(cents, 10))
        assert (decision.bid, decision.ask) == (None, None), "nothing else rests of what leaves"


@pytest.mark.parametrize("age_s", [480, 1_200])
def test_exits_pass_by_the_cooldown(age_s: int) -> None:
    now = age_s * SECOND
    cooled = look(47, 51, held("bid", 48, 10), age_s=age_s)
    hot = look(47, 51, held("bid", 48, 10), age_s=age_s, quoted_at=now)
    assert decide(hot, PARAMS) == decide(cooled, PARAMS)
    assert decide(look(47, 51, quoted_at=now, age_s=age_s), PARAMS) == Decision(), "entries wait"


def test_an_entry_that_rests_stays_through_the_cooldown_but_not_with_less_room_nor_inside_the_gates() -> None:
    working, moved = quote(45, 10), {"age_s": 1, "quoted_at": 0}
    assert decide(look(47, 49, working_bid=working, **moved), PARAMS).bid == working
    assert decide(look(47, 49, working_bid=working, age_s=2), PARAMS).bid == quote(47, 10)
    assert decide(look(47, 49, working_bid=working, room_bid=Lots(9), **moved), PARAMS).bid is None
    assert decide(look(44, 45, working_bid=working, **moved), PARAMS).bid is None, "it would cross now"
    assert decide(look(55, 57, working_bid=quote(49, 10), **moved), PARAMS).bid is None


def test_on_a_finer_grid_an_entry_stays_for_less_than_a_requote() -> None:
    seen = look(5, 7, working_bid=quote(5, 10), spec=spec(TAPERED))
    assert decide(seen, PARAMS).bid == quote(5, 10)
    assert decide(look(4, 7, working_bid=quote(5, 10), spec=spec(TAPERED)), PARAMS).bid == quote(4, 10)


def test_a_resting_sweet_spot_exit_does_not_follow_every_tick() -> None:
    position = held("bid", 48, 10)
    fine = look(47, 51, position, age_s=500, working_ask=quote(49, 10), spec=spec(TAPERED))
    decision = decide(fine, PARAMS)
    assert decision.exit is not None
    assert decision.exit.quote == quote(49, 10)


def test_an_empty_position_has_no_story() -> None:
    assert Held().age(5) == 0
    assert Held().adverse == 0
    assert Held().marked(Fraction(1)) == Held()
