"""Lints the mutants of the rules and runs the rules' own tests on them: one that neither notices has survived.

The lines of a test are read once and asked by every mutant of the rules it is about.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from firedrill.logql.rules import Group
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.logql.text import duration
from firedrill.rules.lint import rule_problems
from firedrill.rules.rule_test_file import AlertTest, checks_by_alert, lines, read, rules
from firedrill.rules.rule_test_stores import START, write
from firedrill.rules.rule_tests import Stage, chosen, run_alert
from firedrill.store.embedded import Embedded
from firedrill.store.engine import Limits
from firedrill.store.store import StoreError
from tests.mutation.mutants import Mutant, mutants

ALERTS = Path(__file__).resolve().parents[2] / "alerts"
FAMILIES = sorted(file.parent.name for file in ALERTS.glob("*/tests.yaml"))
JUDGED = Path(__file__).with_name("equivalent.yaml")
_YEARS = 10**8  # seconds
_EMPTY = Embedded((), {})


@dataclass(frozen=True, slots=True)
class _Case:
    """What one test expects of one alert, and where."""

    checks: Sequence[AlertTest]
    stage: Stage


@dataclass(frozen=True, slots=True)
class Outcome:
    """Names of an alert's mutants, by what became of them."""

    alert: str
    killed: tuple[str, ...]
    survived: tuple[str, ...]


def judged() -> dict[str, dict[str, str]]:
    """Why mutants that survive are as good as the rule: by alert and name."""
    found: dict[str, dict[str, str]] = {}
    for entry in yaml.safe_load(JUDGED.read_text(encoding="utf-8")) or []:
        for alert, names in entry["mutants"].items():
            found.setdefault(alert, {}).update(dict.fromkeys(names, entry["reason"]))
    return found


def outcomes(family: str, wanted: Mapping[str, Sequence[str]] | None = None) -> Iterator[Outcome]:
    """What becomes of the mutants of a family's rules; `wanted`: of those by alert and name only."""
    path = ALERTS / family / "tests.yaml"
    file = read(path)
    groups = rules(path, file)
    with _cases(path) as cases:
        for rule in (rule for group in groups for rule in group.rules):
            found = [one for one in mutants(rule) if wanted is None or one.name in wanted.get(rule.alert, ())]
            dead = {one.name for one in found if _killed(one, chosen(groups, rule.alert), cases.get(rule.alert, []))}
            survived = tuple(one.name for one in found if one.name not in dead)
            yield Outcome(rule.alert, tuple(sorted(dead)), survived)


def _killed(mutant: Mutant, group: Group, cases: Sequence[_Case]) -> bool:
    if rule_problems(mutant.rule, group.file, _EMPTY):
        return True
    changed = Group(group.name, group.file, group.interval, (mutant.rule,))
    return any(_fails(case, changed) for case in cases)


def _fails(case: _Case, group: Group) -> bool:
    """A query that cannot be evaluated fails as well: a host's store would say so."""
    try:
        return next(run_alert(case.checks, "", group, case.stage), None) is not None
    except (QueryError, StoreError):
        return True


@contextmanager
def _cases(path: Path) -> Iterator[dict[str, list[_Case]]]:
    """Every test of a file, its lines in the memory of a store, by alert.

    No host is added to what a rule finds, as an embedded store of one host would: on a Loki of many a rule that does
    not say `by (host)` mixes them.
    """
    file = read(path)
    interval = duration(file.evaluation_interval)
    found: dict[str, list[_Case]] = {}
    with ExitStack() as stack:
        for test in file.tests:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            write(lines(test, False, START), folder)
            limits, now = Limits(threads=1, recent_s=_YEARS), START + _YEARS // 2 * SECOND
            store = Embedded((f"{folder}/*.jsonl",), test.labels, limits, follow=True, clock=lambda now=now: now)
            for alertname, checks in checks_by_alert(test):
                stage = Stage(store, {"job": test.labels["job"]}, START, interval)
                found.setdefault(alertname, []).append(_Case(checks, stage))
        yield found
