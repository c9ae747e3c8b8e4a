"""Every alert over generated days: silent on good ones, ringing on its fault and on no other, silent again.

The store and the ruler are those of a host; only the clock is the test's own.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.events import ALL, LINE_PREFIX
from firedrill.drills.catalogue import DRILLS
from firedrill.logql import syntax
from firedrill.logql.rules import Rule
from firedrill.store.embedded import Embedded
from firedrill.store.engine import DEFAULTS, Limits
from firedrill.store.ruler import Ruler
from firedrill.store.store import Scalar, Series, Vector
from tests.alerts.faults import FAULTS
from tests.alerts.test_alerts import ALWAYS, GROUPS, REPOSITORY, RULES
from tests.day import SECOND, START, Day

STEP = 5
SLOWEST = 15
"""A group of rules may be evaluated as rarely as this."""
MINUTE = 60
DAY = 86_400
AT = 6 * MINUTE
"""When the fault begins: the windows of most rules are filled with good lines by then."""
PATIENCE = 180
"""Each alarm must ring within so many seconds of its fault."""
WHOLE_DAY = Limits(recent_mb=512, recent_s=2 * DAY)


class Replay:
    """The answers to each rule over a day, from one range query; a ruler asks them one instant at a time."""

    def __init__(self, store: Embedded, rules: list[Rule], start: int, end: int, step: int) -> None:
        self._answers: dict[str, dict[int, list[Series]]] = {}
        for rule in rules:
            by_time = self._answers.setdefault(rule.expr, {})
            for series in store.range(rule.expr, start * SECOND, end * SECOND, step * SECOND).series:
                for at, value in series.points:
                    by_time.setdefault(at, []).append(Series(series.labels, ((at, value),)))

    def instant(self, query: str, at: int) -> Scalar | Vector:
        return Vector(tuple(self._answers[query].get(at, ())))


def ringing(store: Embedded, start: int, end: int, step: int = STEP) -> dict[str, list[int]]:
    """When each alert fired, in seconds since the day began; `start` and `end` likewise."""
    rules = [rule for _, rule in RULES.values()]
    ruler = Ruler(GROUPS, Replay(store, rules, START + start, START + end, step), step * SECOND, store.given)
    found: dict[str, list[int]] = {}
    for now in range(start, end + 1, step):
        ruler.evaluate((START + now) * SECOND)
        for state in ruler.rules():
            assert state.health == "ok", state.error
            if state.state == "firing":
                found.setdefault(state.rule.alert, []).append(now)
    return found


def written(day: Day, folder: Path) -> Embedded:
    """A store that has read the day's file, as a host's store keeps what it has read."""
    end = (day.start + day.seconds) * SECOND
    return Embedded((str(day.write(folder)),), {"job": "bot", "host": "desk-1"}, WHOLE_DAY, True, lambda: end)


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
    fault = FAULTS[name]
    reach = syntax.reach(RULES[fault.alert][1].query) // SECOND
    end = AT + fault.lasts + reach + MINUTE
    found = ringing(written(Day(seconds=end, fault=fault, at=AT), tmp_path), 2 * MINUTE, end)
    assert set(found) == {fault.alert, *fault.also} | ALWAYS
    rang = found[fault.alert]
    assert AT <= rang[0] <= AT + PATIENCE
    assert rang[-1] <= AT + fault.lasts + reach + SLOWEST, "it rings longer than its window sees the fault"
    assert rang == list(range(rang[0], rang[-1] + 1, STEP)), "it flaps"


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
