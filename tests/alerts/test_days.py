"""Every alert over generated days: silent on good ones, ringing on its fault and on no other, silent again.

The store and the ruler are those of a host; only the clock is the test's own. `test_both_backends` asks a Loki too.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.events import ALL, LINE_PREFIX
from firedrill.drills.catalogue import DRILLS
from firedrill.logql import syntax
from firedrill.store.embedded import Embedded
from firedrill.store.engine import DEFAULTS
from tests.alerts.faults import FAULTS
from tests.alerts.replay import DAY, MINUTE, STEP, check_fault, faulty, ringing, written
from tests.alerts.test_alerts import ALWAYS, REPOSITORY, RULES
from tests.day import SECOND, Day


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    return written(Day(), tmp_path_factory.mktemp("good"))


def test_a_whole_good_day_is_silent(good: Embedded) -> None:
    assert set(ringing(good, 5 * MINUTE, DAY - STEP, 5 * MINUTE)) == ALWAYS


def test_the_minutes_around_a_restart_are_silent_at_every_step(good: Embedded) -> None:
    assert set(ringing(good, DAY // 2 - 2 * MINUTE, DAY // 2 + 8 * MINUTE)) == ALWAYS


def test_no_rule_looks_further_back_than_the_store_remembers() -> None:
    """Beyond that a store reads the day's files at every evaluation."""
    reach = {alert: syntax.reach(rule.query) // SECOND for alert, (_, rule) in RULES.items()}
    assert {alert: seconds for alert, seconds in reach.items() if seconds + MINUTE > DEFAULTS.recent_s} == {}


def test_every_alert_has_its_fault_and_its_drill() -> None:
    assert {fault.alert for fault in FAULTS.values()} == set(RULES) - ALWAYS
    assert {DRILLS[name].alert for name in FAULTS} == set(RULES) - ALWAYS
    assert {name: fault.alert for name, fault in FAULTS.items()} == {name: DRILLS[name].alert for name in FAULTS}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_rings_its_alert_and_no_other_until_it_is_over(name: str, tmp_path: Path) -> None:
    check_fault(name, written(faulty(name), tmp_path))


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.also])
def test_what_rings_for_the_same_cause_is_named_in_the_runbook(name: str) -> None:
    fault = FAULTS[name]
    runbook = (REPOSITORY / RULES[fault.alert][1].annotations["runbook"]).read_text()
    assert [alert for alert in fault.also if alert not in runbook] == []


def test_lines_of_a_day_are_the_bots_own() -> None:
    numbers: dict[str, int] = {}
    last = 0.0
    for line in Day(seconds=600).lines():
        event = msgspec.json.decode(line)
        head = {name: event.pop(name) for name in LINE_PREFIX}
        kind = ALL[event["action"]]
        msgspec.convert(event, kind)
        assert head["level"] == kind.level
        assert head["n"] == numbers.get(head["run"], 0) + 1
        assert head["ts"] >= last
        numbers[head["run"]], last = head["n"], head["ts"]


def test_a_day_is_the_same_each_time_and_another_with_another_seed() -> None:
    first, again, other = (list(Day(seed=seed, seconds=300).lines()) for seed in (7, 7, 8))
    assert first == again
    assert first != other
