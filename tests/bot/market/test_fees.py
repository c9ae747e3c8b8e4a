"""Kalshi's fees: the sheet's vectors, then what holds for every fill."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.fees import CENT, CENTICENT, FREE, Charge, FeeSchedule, Role, UnknownFees, charge, schedule
from bot.market.units import Lots, Ticks

QUADRATIC = schedule("quadratic", Decimal(1))
MAKER_FEES = schedule("quadratic_with_maker_fees", Decimal(1))
COMBO = schedule("quadratic_with_combo_maker_fees", Decimal(1))
SCHEDULES = st.builds(
    schedule,
    st.sampled_from(["quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees"]),
    st.decimals(0, 4, places=3),
)
PRICES, SIZES = st.integers(1, 9_999).map(Ticks), st.integers(1, 10**6).map(Lots)


def fee(of: FeeSchedule, role: Role, price: str, contracts: str) -> str:
    """The trade fee as the venue writes it."""
    ticks, lots = Decimal(price) * 10_000, Decimal(contracts) * 100
    return str(Decimal(of.trade_fee(role, Ticks(int(ticks)), Lots(int(lots)))) / 1_000_000)


@pytest.mark.parametrize(
    ("of", "role", "price", "contracts", "expected"),
    [
        (QUADRATIC, "taker", "0.52", "1", "0.0175"),
        (QUADRATIC, "taker", "0.99", "1", "0.0007"),
        (QUADRATIC, "taker", "0.50", "1", "0.0175"),
        (QUADRATIC, "taker", "0.50", "100", "1.75"),
        (QUADRATIC, "taker", "0.055", "1", "0.0037"),
        (QUADRATIC, "taker", "0.50", "0.30", "0.0053"),
        (QUADRATIC, "taker", "0.48", "100", "1.7472"),
        (QUADRATIC, "taker", "0.60", "100", "1.68"),
        (QUADRATIC, "taker", "0.65", "100", "1.5925"),
        (QUADRATIC, "taker", "0.67", "100", "1.5477"),
        (QUADRATIC, "maker", "0.50", "100", "0"),
        (MAKER_FEES, "maker", "0.48", "100", "0.4368"),
        (MAKER_FEES, "maker", "0.50", "100", "0.4375"),
        (MAKER_FEES, "maker", "0.60", "100", "0.42"),
        (MAKER_FEES, "maker", "0.67", "100", "0.387"),
        (COMBO, "maker", "0.50", "100", "0.875"),
        (schedule("quadratic", Decimal("0.5")), "taker", "0.50", "1", "0.0088"),
        (FREE, "taker", "0.50", "100", "0"),
    ],
)
def test_the_sheet_s_trade_fees(of: FeeSchedule, role: Role, price: str, contracts: str, expected: str) -> None:
    assert fee(of, role, price, contracts) == expected


@pytest.mark.parametrize(("contracts", "net"), [(1, 20_000), (100, 1_750_000)])
def test_an_account_of_whole_cents_pays_two_cents_for_one_contract_at_fifty(contracts: int, net: int) -> None:
    lots = Lots(contracts * 100)
    cost = charge(-5_000 * lots, QUADRATIC.trade_fee("taker", Ticks(5_000), lots))
    assert cost.net == net


def test_rounding_fees_of_an_order_add_up_and_a_cent_comes_back() -> None:
    """The venue's own example of three fills, with the illustrative trade fee it uses."""
    kept, steps = 0, []
    for _ in range(3):
        cost = charge(-55_000, 8_500, kept)
        kept = cost.kept
        steps.append(cost)
    assert [step.rounding for step in steps] == [6_500] * 3
    assert [step.rebate for step in steps] == [0, CENT, 0]
    assert [step.kept for step in steps] == [6_500, 3_000, 9_500]
    assert [step.net for step in steps] == [15_000, 5_000, 15_000]


@pytest.mark.parametrize(("kept", "rebate"), [(3_500, 0), (3_501, CENT)])
def test_a_cent_comes_back_once_there_is_more_than_a_cent(kept: int, rebate: int) -> None:
    assert charge(-55_000, 8_500, kept).rebate == rebate


def test_a_direct_member_is_rounded_to_a_hundredth_of_a_cent() -> None:
    assert charge(-5_000 * 100, 17_500, step=CENTICENT) == Charge(17_500, 0, 0, 0)
    assert charge(-1, 100, step=CENTICENT) == Charge(100, 99, 0, 99)


def test_a_cent_that_a_fill_does_not_pay_for_waits() -> None:
    first, second = charge(-55_000, 0, kept=9_000), charge(-55_000, 5_000, kept=14_000)
    assert (first.net, first.kept) == (5_000, 14_000)
    assert (second.net, second.kept) == (5_000, 14_000)
    assert charge(-55_000, 15_000, kept=14_000).net == 5_000


@pytest.mark.parametrize(
    ("fee_type", "multiplier", "reason"), [("flat", 1, "'flat' has no formula"), ("quadratic", -1, "below zero")]
)
def test_what_cannot_be_priced_is_refused(fee_type: str, multiplier: int, reason: str) -> None:
    with pytest.raises(UnknownFees, match=reason):
        schedule(fee_type, Decimal(multiplier))


@given(SCHEDULES, st.sampled_from(["maker", "taker"]), PRICES, SIZES)
def test_a_trade_fee_is_the_formula_rounded_up(of: FeeSchedule, role: Role, ticks: Ticks, lots: Lots) -> None:
    price = Fraction(ticks, 10_000)
    exact = of.rate(role) * Fraction(lots, 100) * price * (1 - price)
    assert of.trade_fee(role, ticks, lots) == ceil(exact * 10_000) * CENTICENT
    assert exact * 10_000 <= of.dearest(role) * Fraction(lots, 100)


@given(SCHEDULES, st.lists(st.tuples(PRICES, SIZES, st.booleans()), max_size=20), st.sampled_from([CENT, CENTICENT]))
def test_an_order_s_fills_move_whole_steps_and_keep_at_most_what_they_owe(
    of: FeeSchedule, fills: list[tuple[Ticks, Lots, bool]], step: int
) -> None:
    kept = 0
    for ticks, lots, buys in fills:
        revenue = -ticks * lots if buys else ticks * lots
        cost = charge(revenue, of.trade_fee("taker", ticks, lots), kept, step)
        assert (revenue - cost.net) % step == 0
        assert 0 <= cost.rounding < step
        assert cost.net >= 0
        assert cost.kept == kept + cost.rounding - cost.rebate >= 0
        kept = cost.kept
