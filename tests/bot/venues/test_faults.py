"""Faults strike as often as asked, and end when told to."""

from __future__ import annotations

import pytest

from bot.venues.simulators.faults import FAULTS, Faults, UnknownFault
from tests.bot.builders import SECOND


def test_a_fault_strikes_count_times() -> None:
    faults = Faults()
    faults.request("tick_reject", 2, now=0)
    assert [faults.strikes("tick_reject") for _ in range(3)] == [True, True, False]
    assert not faults.strikes("reject")


def test_a_new_request_replaces_the_old_one_and_zero_ends_it() -> None:
    faults = Faults()
    faults.request("reject", 1_000, now=0)
    faults.request("reject", 0, now=0)
    assert not faults.strikes("reject")


def test_the_feed_is_silent_for_seconds() -> None:
    faults = Faults()
    faults.request("drop_feed", 5, now=SECOND)
    assert faults.silent(6 * SECOND - 1)
    assert not faults.silent(6 * SECOND)


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(UnknownFault, match=", ".join(FAULTS)):
        Faults().request("meteor", 1, now=0)
