"""Decimal text and whole numbers: each says the other exactly, or says that it cannot."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market import wire

DECIMALS = st.integers(0, 8)


@given(st.integers(-(10**15), 10**15), DECIMALS)
def test_what_is_written_is_read_back(count: int, decimals: int) -> None:
    written = wire.text(count, decimals)
    assert wire.count(written, decimals) == count
    assert Decimal(written) == Decimal(count).scaleb(-decimals)
    assert "." not in written or not written.endswith(("0", "."))


@pytest.mark.parametrize(
    ("written", "decimals", "count"),
    [("97000.0", 1, 970_000), ("97000.000", 1, 970_000), ("0.5", 4, 5_000), ("-0.05", 2, -5), ("12", 0, 12)],
)
def test_zeros_at_the_end_say_nothing(written: str, decimals: int, count: int) -> None:
    assert wire.count(written, decimals) == count


@pytest.mark.parametrize("written", ["1.23", "1e3", "nan", "", ".", "1.2.3", "1.-2"])
def test_what_is_no_such_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        wire.count(written, 1)
