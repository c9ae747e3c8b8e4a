"""The plan of what goes wrong: what a file may say, and when a line of it strikes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import FixSettings
from bot.venues.simulators.hyperliquid.faults import WHERE, Fault, Faults, Plan, read

ORDER = "exchange:order"


def struck(fault: Fault, places: list[str], since: float = 0.0) -> list[bool]:
    faults = Faults(Plan([fault]), 1, lambda: since)
    return [faults.strikes(fault.fault, place) is not None for place in places]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("drop"), [True, True, True]),
        (Fault("drop", after=1), [False, True, True]),
        (Fault("drop", count=1), [True, False, False]),
        (Fault("drop", after=1, count=1), [False, True, False]),
        (Fault("drop", chance=0.0), [False, False, False]),
        (Fault("drop", where="exchange:cancel"), [False, False, False]),
        (Fault("drop", where="info"), [False, False, False]),
    ],
)
def test_when_a_fault_strikes(fault: Fault, expected: list[bool]) -> None:
    assert struck(fault, [ORDER] * 3) == expected


@pytest.mark.parametrize(("since", "expected"), [(9.9, False), (10.0, True), (14.9, True), (15.0, False)])
def test_a_fault_has_its_time(since: float, expected: bool) -> None:
    assert struck(Fault("frozen_feed", start_s=10, seconds=5), ["ws:bbo"], since) == [expected]


def test_chance_is_seeded() -> None:
    draws = [
        [Faults(Plan([Fault("drop", chance=0.5)]), seed, lambda: 0.0).strikes("drop", ORDER) is None for _ in range(1)]
        for seed in range(40)
    ]
    again = [
        [Faults(Plan([Fault("drop", chance=0.5)]), seed, lambda: 0.0).strikes("drop", ORDER) is None for _ in range(1)]
        for seed in range(40)
    ]
    assert draws == again
    assert [True] in draws
    assert [False] in draws


def test_a_file_is_yaml_or_json(tmp_path: Path) -> None:
    path = tmp_path / "faults"
    path.write_text("faults:\n- fault: unknown\n  where: exchange:order\n- {fault: delay, where: ws:bbo, delay_s: 2}\n")
    plan = Plan([Fault("unknown", "exchange:order"), Fault("delay", "ws:bbo", delay_s=2)])
    assert read(path) == plan
    path.write_text(
        '{"faults": [{"fault": "unknown", "where": "exchange:order"}, '
        '{"fault": "delay", "where": "ws:bbo", "delay_s": 2}]}'
    )
    assert read(path) == plan


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("faults: [{fault: tea}]", "no fault 'tea'"),
        ("faults: [{fault: reorder, where: info}]", "reorder cannot strike at 'info'"),
        ("faults: [{fault: drop, chance: 2}]", "not between 0 and 1"),
        ("faults: [{fault: drop, count: -1}]", "below zero"),
        ("faults: [{fault: drop, often: 3}]", "often"),
        ("faults: [", "faults"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "faults"
    path.write_text(text)
    with pytest.raises(FixSettings) as refused:
        read(path)
    assert reason in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("name", WHERE)
def test_every_fault_strikes_where_it_can(name: str) -> None:
    _, default, places = WHERE[name]
    assert default.split(":")[0] in places
