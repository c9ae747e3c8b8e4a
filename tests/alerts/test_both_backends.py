"""The rules on a real Loki: their own tests, and days good and faulty; both stores agree on every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.rules.rule_test_stores import OnLoki
from firedrill.rules.rule_tests import run_file
from tests.alerts.faults import FAULTS
from tests.alerts.replay import MINUTE, check_fault, faulty, pushed, ringing
from tests.alerts.test_alerts import ALERTS, ALWAYS
from tests.day import Day
from tests.real_loki import RealLoki


@pytest.mark.parametrize("file", sorted(ALERTS.glob("*/tests.yaml")), ids=lambda path: path.parent.name)
def test_rule_tests_hold_on_a_real_loki(file: Path, real_loki: RealLoki) -> None:
    assert run_file(file, stores=OnLoki(real_loki.url)) == []


def test_a_good_hour_is_silent_on_a_real_loki(real_loki: RealLoki) -> None:
    store = pushed(Day(seconds=60 * MINUTE), real_loki, "good")
    assert set(ringing(store, 2 * MINUTE, 60 * MINUTE)) == ALWAYS


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_rings_its_alert_and_no_other_on_a_real_loki(name: str, real_loki: RealLoki) -> None:
    check_fault(name, pushed(faulty(name), real_loki, name))
