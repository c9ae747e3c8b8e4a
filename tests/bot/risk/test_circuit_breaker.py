"""When the breaker trips, how it is called, and what clears it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.risk.circuit_breaker import NEVER_UNDER, Breaker, Cleared, Params, Trip
from tests.bot.builders import SECOND

SOFT_PAUSE, HARD_PAUSE = 30, 300


def at(seconds: float) -> int:
    return int(seconds * SECOND)


def told(breaker: Breaker, cancels: int = 0, errors: int = 0, second: float = 0) -> Trip | Cleared | None:
    for _ in range(cancels):
        breaker.cancelled(at(second))
    for _ in range(errors):
        breaker.failed(at(second))
    return breaker.look(at(second))


@pytest.mark.parametrize(
    ("cancels", "errors", "expected"),
    [
        (10, 3, None),
        (11, 0, Trip("soft_cancels", "soft", 11, 0, 10, SOFT_PAUSE)),
        (20, 0, Trip("soft_cancels", "soft", 20, 0, 10, SOFT_PAUSE)),
        (21, 0, Trip("hard_cancels", "hard", 21, 0, 20, HARD_PAUSE)),
        (0, 4, Trip("soft_errors", "soft", 0, 4, 3, SOFT_PAUSE)),
        (0, 6, Trip("soft_errors", "soft", 0, 6, 3, SOFT_PAUSE)),
        (0, 7, Trip("hard_errors", "hard", 0, 7, 6, HARD_PAUSE)),
        (11, 4, Trip("soft_errors", "soft", 11, 4, 3, SOFT_PAUSE)),
        (21, 4, Trip("hard_cancels", "hard", 21, 4, 20, HARD_PAUSE)),
        (21, 7, Trip("hard_errors", "hard", 21, 7, 6, HARD_PAUSE)),
    ],
)
def test_what_trips_it(cancels: int, errors: int, expected: Trip | None) -> None:
    assert told(Breaker(Params()), cancels, errors) == expected


def test_a_count_is_over_thirty_seconds() -> None:
    breaker = Breaker(Params())
    assert told(breaker, cancels=6, second=0) is None
    assert told(breaker, cancels=5, second=30) is None, "the first six are as old as the window"
    assert breaker.cancels(at(30)) == 5
    assert told(breaker, cancels=6, second=59.9) is not None


def test_a_trip_is_said_once_and_a_worse_one_again() -> None:
    breaker = Breaker(Params())
    assert told(breaker, cancels=11) is not None
    assert told(breaker, cancels=1) is None
    worse = told(breaker, cancels=9, second=1)
    assert isinstance(worse, Trip)
    assert (worse.name, breaker.level) == ("hard_cancels", "hard")
    assert told(breaker, cancels=5, errors=9, second=2) is None


def test_it_clears_after_its_pause() -> None:
    breaker = Breaker(Params())
    told(breaker, cancels=11)
    assert breaker.look(at(29.9)) is None
    assert breaker.look(at(30)) == Cleared(at(30), 0)
    assert (breaker.level, breaker.look(at(31))) == ("closed", None)


def test_it_does_not_clear_before_it_is_calm() -> None:
    breaker = Breaker(Params())
    told(breaker, cancels=11)
    assert told(breaker, cancels=6, second=20) is None
    assert breaker.look(at(49.9)) is None, "six are more than half of ten"
    assert breaker.look(at(50)) == Cleared(at(50), 0)


def test_errors_keep_it_tripped_too() -> None:
    breaker = Breaker(Params())
    told(breaker, cancels=11)
    assert told(breaker, errors=2, second=20) is None
    assert breaker.look(at(49)) is None, "two are more than half of three"
    assert breaker.look(at(50)) == Cleared(at(50), 0)


def test_a_hard_one_clears_after_five_minutes_or_by_hand() -> None:
    breaker = Breaker(Params())
    told(breaker, errors=7)
    assert breaker.look(at(299)) is None
    assert breaker.look(at(300)) == Cleared(at(300), 0)
    assert breaker.reset(at(301)) is None
    told(breaker, errors=7, second=301)
    assert breaker.reset(at(302)) == Cleared(at(1), 0)
    assert (breaker.level, breaker.look(at(302))) == ("closed", None)


def test_the_third_soft_trip_in_ten_minutes_is_hard() -> None:
    breaker, names = Breaker(Params()), []
    for second in (0, 100, 200):
        trip = told(breaker, cancels=11, second=second)
        names.append(trip.name if isinstance(trip, Trip) else None)
        breaker.look(at(second + 60))
    assert names == ["soft_cancels", "soft_cancels", "hard_repeats"]


def test_soft_trips_far_apart_stay_soft() -> None:
    breaker = Breaker(Params())
    for second in (0, 400, 800, 1_200):
        trip = told(breaker, cancels=11, second=second)
        assert isinstance(trip, Trip)
        assert trip.name == "soft_cancels"
        breaker.look(at(second + 60))


def test_a_market_that_always_needs_many_cancels_is_allowed_them() -> None:
    breaker = Breaker(Params())
    for second in range(0, 600, 3):
        assert told(breaker, cancels=1, second=second) is None
    assert breaker.limits() == (30, 60)
    assert told(breaker, cancels=15, second=600) is None
    assert told(breaker, cancels=7, second=601) is not None


def test_a_loop_that_grows_slowly_meets_the_ceiling() -> None:
    breaker, second, gap = Breaker(Params()), 0.0, 6.0
    while second < 20_000:
        trip = told(breaker, cancels=1, second=second)
        if trip is not None:
            break
        second, gap = second + gap, gap * 0.9995
    assert isinstance(trip, Trip)
    assert trip.cancels <= 41


def test_what_happens_while_it_is_tripped_is_not_usual() -> None:
    breaker = Breaker(Params())
    told(breaker, cancels=21)
    for second in range(1, 280):
        told(breaker, cancels=3, second=second)
    assert breaker.limits() == (10, 20)


STEPS = st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(["cancel", "look"])), max_size=200)


@given(
    STEPS,
    st.builds(Params, soft_cancels=st.integers(0, 30), hard_cancels=st.integers(0, 30), repeats=st.integers(1, 3)),
)
def test_it_never_trips_on_ten_cancels_in_thirty_seconds(steps: list[tuple[int, str]], params: Params) -> None:
    breaker, now = Breaker(params), 0
    cancels: list[int] = []
    for wait, what in steps:
        now += at(wait / 1_000)
        if what == "cancel":
            cancels.append(now)
            breaker.cancelled(now)
        recent = sum(then > now - at(30) for then in cancels)
        assert breaker.cancels(now) == recent
        found = breaker.look(now)
        if isinstance(found, Trip):
            assert recent > NEVER_UNDER
            assert found.limit >= NEVER_UNDER or found.name == "hard_repeats"
