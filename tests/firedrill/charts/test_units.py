"""Numbers, axes and times as people read them."""

from __future__ import annotations

import pytest

from firedrill.charts.ticks import SECOND, time_ticks, value_ticks
from firedrill.charts.units import axis_labels, number

DAY = 1_767_312_000 * SECOND  # 2026-01-02T00:00:00Z
HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "short", "0"),
        (3.0, "short", "3"),
        (12_345.6, "short", "12,346"),
        (2_500_000.0, "short", "2.5 M"),
        (-0.0123, "none", "-0.0123"),
        (86.42, "ms", "86.4 ms"),
        (1290.0, "ms", "1.29 s"),
        (0.0, "s", "0 s"),
        (0.05, "s", "50 ms"),
        (600.0, "s", "10 min"),
        (86_400.0, "s", "1 d"),
        (61.5, "percent", "61.5 %"),
        (0.995, "percentunit", "99.5 %"),
        (20_000.0, "mbytes", "19.5 GiB"),
        (-12.5, "currencyUSD", "-$12.5"),
        (8.3, "suffix: lines/s", "8.3 lines/s"),
        (float("nan"), "ms", "—"),
        (float("inf"), "ms", "—"),
    ],
)
def test_a_number_is_told_with_its_unit(value: float, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_an_unknown_unit_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown unit 'furlong': write suffix:TEXT or one of .*percentunit"):
        number(1.0, "furlong")


@pytest.mark.parametrize(
    ("ticks", "unit", "labels"),
    [
        ([0.0, 500.0, 1000.0], "ms", ["0.0 s", "0.5 s", "1.0 s"]),
        ([0.0, 0.25, 0.5], "short", ["0.00", "0.25", "0.50"]),
        ([0.0, 0.005, 0.01], "percentunit", ["0.0 %", "0.5 %", "1.0 %"]),
        ([-20.0, 0.0, 20.0], "short", ["-20", "0", "20"]),
    ],
)
def test_an_axis_tells_all_its_ticks_in_one_unit_and_with_as_many_decimals(
    ticks: list[float], unit: str, labels: list[str]
) -> None:
    assert axis_labels(ticks, unit) == labels


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 9.3, [0, 2.5, 5, 7.5, 10]),
        (3.0, 3.0, [3, 4, 5, 6]),
        (-1.0, 1.0, [-1, -0.5, 0, 0.5, 1]),
        (0.0, 0.0, [0, 0.25, 0.5, 0.75, 1]),
        (97_010.0, 97_380.0, [97_000, 97_100, 97_200, 97_300, 97_400]),
    ],
)
def test_ticks_are_round_and_hold_every_value(low: float, high: float, ticks: list[float]) -> None:
    assert value_ticks(low, high, 5) == ticks


def test_times_are_round_and_midnight_says_the_day() -> None:
    found = time_ticks(DAY - HOUR, DAY + 5 * HOUR, 6)
    assert [label for _, label in found] == ["23:00", "Jan 2", "01:00", "02:00", "03:00", "04:00", "05:00"]
    assert found[1][0] == DAY


@pytest.mark.parametrize("hours", [0.01, 0.3, 1, 6, 24, 72, 400])
def test_times_never_crowd(hours: float) -> None:
    assert 1 <= len(time_ticks(DAY, DAY + int(hours * HOUR), 8)) <= 9
