from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedrill.logql.text import duration, json_path, print_duration, print_number, print_value, unquote

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("30s", 30 * SECOND),
        ("5m", 300 * SECOND),
        ("1h30m", 5400 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("250ms", SECOND // 4),
        ("1d", 86400 * SECOND),
        ("1w", 604800 * SECOND),
        ("7ns", 7),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "5x", "-5m", "5m!"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


@given(st.integers(min_value=0, max_value=10**18))
def test_a_printed_duration_reads_back(nanoseconds: int) -> None:
    assert duration(print_duration(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (8.799999999999999, "8.799999999999999"),
        (3.1622776601683795, "3.1622776601683795"),
        (1e21, "1000000000000000000000"),
        (1e-9, "0.000000001"),
        (-0.5, "-0.5"),
        (100.0, "100"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_print_as_in_loki(value: float, text: str) -> None:
    assert print_number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_number_reads_back_and_has_no_exponent(value: float) -> None:
    assert float(print_number(value)) == value
    assert "e" not in print_number(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (0.25, "0.25"),
        (999999.5, "999999.5"),
        (1e6, "1e+06"),
        (-1234567.5, "-1.2345675e+06"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-07"),
        (0.0, "0"),
    ],
)
def test_values_in_templates(value: float, text: str) -> None:
    assert print_value(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', "plain"),
        (r'"a\"b\\c\n\t"', 'a"b\\c\n\t'),
        (r'"\x41é\101"', "Aé\x41"),
        ('`raw\\d"`', 'raw\\d"'),
        ('""', ""),
    ],
)
def test_strings(text: str, value: str) -> None:
    assert unquote(text) == value


def test_an_escape_go_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="double the backslash"):
        unquote(r'"\d+"')


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("arr[1]", ("arr", 1)),
        ('a["c d"].e', ("a", "c d", "e")),
        ('["a.b"][0]', ("a.b", 0)),
    ],
)
def test_json_paths(text: str, steps: tuple[str | int, ...]) -> None:
    assert json_path(text) == steps


@pytest.mark.parametrize("text", ["", ".a", "a..b", "a[", "a[x]", "a b"])
def test_what_is_no_json_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        json_path(text)
