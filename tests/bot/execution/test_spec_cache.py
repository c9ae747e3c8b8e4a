"""What a fresh reading of the rules changes, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.execution.spec_cache import Changes, SpecCache
from bot.market.grid import UniformGrid
from bot.market.overrides import Override
from bot.market.spec import Spec
from bot.venues.hyperliquid.spec import spec_of
from tests.bot.builders import COARSE, SOL, SPECS

UNCHANGED = Changes(frozenset(), (), ())


def cache(overrides: dict[str, Override] | None = None) -> SpecCache:
    return SpecCache(SPECS, overrides or {}, 5)


def test_the_same_again_changes_nothing_but_the_age() -> None:
    subject = cache()
    assert subject.take(dict(SPECS), 9) == UNCHANGED
    assert (subject.read_at, dict(subject)) == (9, SPECS)


@pytest.mark.parametrize("now", [replace(SOL, grid=UniformGrid(5)), replace(SOL, min_notional=Decimal(20))])
def test_other_rules_are_taken_in_place(now: Spec) -> None:
    subject = cache()
    assert subject.take({"SOL": now, "COARSE": COARSE}, 9) == Changes(frozenset({"SOL"}), (), ())
    assert subject["SOL"] == now


@pytest.mark.parametrize(
    "now", [replace(SOL, tick=Decimal("0.1")), replace(SOL, lot=Decimal("0.1")), replace(SOL, asset=6)]
)
def test_other_units_are_named_and_not_taken(now: Spec) -> None:
    subject = cache()
    assert subject.take({"SOL": now, "COARSE": COARSE}, 9) == Changes(frozenset(), ("SOL",), ())
    assert subject["SOL"] == SOL


def test_a_market_that_is_listed_no_more_keeps_its_spec_until_it_is_back() -> None:
    subject = cache()
    assert subject.take({"COARSE": COARSE}, 9) == Changes(frozenset(), (), ("SOL",))
    assert (subject["SOL"], subject.unlisted) == (SOL, {"SOL"})
    assert subject.take(SPECS, 10) == UNCHANGED
    assert subject.unlisted == frozenset()


def test_a_new_market_is_listed_from_now_on() -> None:
    subject, new = cache(), spec_of("NEW", 11, 1)
    assert subject.take({**SPECS, "NEW": new}, 9) == Changes(frozenset({"NEW"}), (), ())
    assert subject["NEW"] == new


def test_an_override_outlives_every_reading() -> None:
    subject = cache({"SOL": Override(tick=Decimal("0.05"), lot=Decimal("0.1"))})
    before = subject["SOL"]
    assert (before.grid, before.lot_step) == (UniformGrid(5), 10)
    assert subject.take(SPECS, 9) == UNCHANGED
    assert subject["SOL"] == before
    subject.take({**SPECS, "SOL": replace(SOL, grid=UniformGrid(2))}, 10)
    assert subject["SOL"].grid == UniformGrid(10), "on the venue's new grid and on the asked one"
