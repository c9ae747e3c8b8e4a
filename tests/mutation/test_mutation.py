"""Every small wrong change to an alert rule fails its lint or its tests, but for those judged to change nothing.

`python -m tests.mutation` prints the same as a list.
"""

from __future__ import annotations

import pytest
import yaml

from firedrill.logql.rules import Rule, read_rules
from tests.alerts.test_alerts import RULES
from tests.mutation.mutants import mutants
from tests.mutation.run import FAMILIES, JUDGED, judged, outcomes

KILL_RATE = 0.95
EXAMPLE = """
groups:
  - name: g
    rules:
      - alert: A
        expr: sum by (host, m) (count_over_time({job="bot", level!="x"} | json m="m" | m=~"B.*" [5m])) / 2 > 0
        for: 1m
"""
MADE = {
    "[5m] #1 -> [2m30s]",
    "[5m] #1 -> [10m]",
    "> #1 -> >=",
    "> #1 -> <",
    "0 #1 -> 1",
    "2 #1 -> 4",
    "2 #1 -> 1",
    "/ #1 -> *",
    "sum #1 -> count",
    "count_over_time #1 -> bytes_over_time",
    "= #2 -> !=",  # of json m="m": a line filter now; without job="bot" nothing positive would be left
    "!= #1 -> =",
    "=~ #1 -> !~",
    '"bot" #1 -> "botx"',
    '"x" #1 -> "xx"',
    '"m" #1 -> "mx"',
    '"B.*" #1 -> "B.*x"',
    'filter #1 | m=~"B.*" removed',
    "by #1 without host",
    "by #1 without m",
    "for: 1m -> 0s",
    "for: 1m -> 30s",
    "for: 1m -> 2m",
}


def _rule() -> Rule:
    groups, problems = read_rules(EXAMPLE, "g.yaml")
    assert not problems
    return groups[0].rules[0]


def test_mutants_are_of_every_kind_and_differ_from_their_rule() -> None:
    rule = _rule()
    found = mutants(rule)
    assert {one.name for one in found} == MADE
    assert all((one.rule.expr, one.rule.hold) != (rule.expr, rule.hold) for one in found)


@pytest.mark.parametrize("family", FAMILIES)
def test_who_survives_was_judged_to_change_nothing(family: str) -> None:
    known = judged()
    for outcome in outcomes(family):
        assert set(outcome.survived) == set(known.get(outcome.alert, {})), outcome.alert
        assert outcome.killed


def test_enough_is_killed() -> None:
    """Together with the test above: what was not judged is dead."""
    made = {alert: {one.name for one in mutants(rule)} for alert, (_, rule) in RULES.items()}
    known = judged()
    assert set(known) <= set(made)
    total, alive = sum(map(len, made.values())), sum(map(len, known.values()))
    assert total > 500
    assert 1 - alive / total >= KILL_RATE


def test_every_judgement_has_its_reason() -> None:
    entries = yaml.safe_load(JUDGED.read_text())
    assert all(set(entry) == {"reason", "mutants"} and len(entry["reason"]) > 20 for entry in entries)
    named = [(alert, name) for entry in entries for alert, names in entry["mutants"].items() for name in names]
    assert len(set(named)) == len(named)
