"""Texts to whole numbers and back, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.venues.kalshi.numbers import BadNumber, contracts, lots, micros, money, price, ticks


@pytest.mark.parametrize(
    ("text", "expected"), [("0.56", 5_600), ("0.5600", 5_600), ("0.560000", 5_600), ("1", 10_000), ("0.0001", 1)]
)
def test_a_price_with_two_four_or_six_decimals(text: str, expected: int) -> None:
    assert ticks(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("10", 1_000), ("10.0", 1_000), ("10.00", 1_000), ("-2.50", -250)])
def test_a_count_with_up_to_two_decimals(text: str, expected: int) -> None:
    assert lots(text) == expected


@pytest.mark.parametrize("text", ["", "-", ".5", "0.56001", "0,5", "1e2", "+1", "0x1", "٣", "0.5.6", " 1", "nan"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(BadNumber):
        ticks(text)


@given(st.integers(-(10**12), 10**12))
def test_whatever_is_written_reads_back(count: int) -> None:
    assert ticks(price(count)) == count
    assert lots(contracts(count)) == count
    assert micros(money(count)) == count
    assert Decimal(money(count)) == Decimal(count).scaleb(-6)


def test_the_venue_s_forms() -> None:
    assert (price(5_600), contracts(1_000), money(17_500)) == ("0.5600", "10.00", "0.017500")
    assert (price(-1), contracts(-250), money(0)) == ("-0.0001", "-2.50", "0.000000")
