"""Every alarm rings: its drill injects the fault on a real host, and the notification arrives with the right token."""

from __future__ import annotations

import pytest

from firedrill.drills.catalogue import DRILLS
from tests.host.desk import Desk

pytestmark = pytest.mark.host

PATIENT = ("inventory_near_limit", "kill_switch_on")
"""Their rules wait a minute or two before they ring."""
QUICK = [drill.name for drill in DRILLS.values() if not drill.alone and drill.name not in PATIENT]
SHOWN = ("bot_silent", "order_reject_rate_high", "watchdog")
"""One alarm of each way a fault comes about, beside log lines; the others are `thorough`."""


def test_an_e_tick_rings_within_seconds_and_resolves(desk: Desk) -> None:
    said, host = desk.firedrill("--drill", "etick_error")
    assert said.code == 0, said.text
    (drill,) = host["drills"]
    assert drill["ok"]
    assert drill["seconds_to_alarm"] < 15
    assert drill["seconds_to_recover"] > 0


def test_all_alarms_of_log_lines_ring_at_the_same_time(desk: Desk) -> None:
    said, host = desk.firedrill(*(word for name in QUICK for word in ("--drill", name)))
    assert said.code == 0, said.text
    assert {drill["name"] for drill in host["drills"] if drill["ok"]} == set(QUICK)


@pytest.mark.parametrize("name", SHOWN)
def test_every_other_alarm_rings(desk: Desk, name: str) -> None:
    said, host = desk.firedrill("--drill", name)
    assert said.code == 0, said.text
    assert host["drills"][0]["ok"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(set(DRILLS) - {*QUICK, *SHOWN}))
def test_the_slow_alarms_ring_too(desk: Desk, name: str) -> None:
    test_every_other_alarm_rings(desk, name)
