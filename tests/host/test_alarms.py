"""Every alarm rings: its drill injects the fault on a real host, and the notification arrives with the right token."""

from __future__ import annotations

import pytest

from tests.host.desk import Desk

pytestmark = pytest.mark.host


def test_an_e_tick_rings_and_resolves(desk: Desk) -> None:
    said, host = desk.firedrill("--drill", "etick_error")
    assert said.code == 0, said.text
    (drill,) = host["drills"]
    assert drill["ok"]
    assert drill["seconds_to_alarm"] < 60
    assert drill["seconds_to_recover"] > 0


@pytest.mark.parametrize("name", ["bot_silent", "order_reject_rate_high", "watchdog"])
def test_every_other_alarm_rings(desk: Desk, name: str) -> None:
    said, host = desk.firedrill("--drill", name)
    assert said.code == 0, said.text
    assert host["drills"][0]["ok"]
