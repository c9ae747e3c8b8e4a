"""Unit tests of alert rules, in promtool's file shape, with log events as input.

The rules are replayed over a test's lines at every evaluation interval, and what fires is compared. Nothing waits: the
clock is the test's own. Where the lines stand, in files or in a Loki, is `rule_test_stores`' business.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firedrill.logql.parse import parse
from firedrill.logql.rules import Group, Rule
from firedrill.logql.syntax import LogQuery, QueryError
from firedrill.logql.text import duration, print_duration, print_number
from firedrill.rules.rule_test_file import (
    AlertTest,
    ExpectedSample,
    ExprTest,
    Test,
    TestFileError,
    checks_by_alert,
    lines,
    read,
    rules,
    since,
    times_of_checks,
)
from firedrill.rules.rule_test_stores import OnFiles, Stores
from firedrill.rules.ruler import Ruler
from firedrill.store.store import Labels, Scalar, Series, Store, StoreError, Vector


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met; both sides one alert or sample a line. `what`: the alert, or the expression."""

    test: str
    what: str
    at: str
    expected: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One test of a file, its failures, and how long it took."""

    name: str
    failures: tuple[Failure, ...]
    seconds: float


def run_file(path: Path, foreign: bool = False, stores: Stores | None = None) -> list[Failure]:
    """The failures of a test file; TestFileError when it, or a rule it names, is broken."""
    return [failure for result in results(path, foreign, stores) for failure in result.failures]


def results(path: Path, foreign: bool = False, stores: Stores | None = None) -> Iterator[Result]:
    """Runs a test file, one test after the other."""
    file = read(path)
    groups, interval = rules(path, file, foreign), duration(file.evaluation_interval)
    for number, test in enumerate(file.tests, 1):
        name, began = test.name or f"test {number}", time.perf_counter()
        try:
            failures = tuple(_run(test, name, groups, interval, foreign, stores or OnFiles()))
        except (ValueError, QueryError, StoreError) as error:
            raise TestFileError(f"{path}: {name}: {error}") from None
        yield Result(name, failures, time.perf_counter() - began)


def _run(
    test: Test, name: str, groups: Sequence[Group], interval: int, foreign: bool, stores: Stores
) -> Iterator[Failure]:
    steps = [interval, *(group.interval for group in groups if group.interval)]
    begin = stores.begin(max(times_of_checks(test)), math.lcm(*steps))
    with stores.holding(lines(test, foreign, begin), test.labels) as store:
        for alertname, checks in checks_by_alert(test):
            group = chosen(groups, alertname)
            yield from run_alert(checks, name, group, Stage(store, {} if foreign else test.labels, begin, interval))
        for check in test.logql_expr_test:
            if failure := _compare_samples(check, name, store.instant(check.expr, begin + since(check.eval_time))):
                yield failure


def chosen(groups: Sequence[Group], alertname: str) -> Group:
    """The group of an alert, with that rule only. ValueError: there is none."""
    for group in groups:
        if found := [rule for rule in group.rules if rule.alert == alertname]:
            return Group(group.name, group.file, group.interval, tuple(found))
    raise ValueError(f"no rule is called {alertname!r} in the rule_files")


@dataclass(frozen=True, slots=True)
class Stage:
    """What an alert is tested on: the store, when the test begins, and how often it looks.

    `labels` are added to alerts that lack them, as the ruler of an embedded store adds its own and a Loki's adds none.
    """

    store: Store
    labels: Labels
    begin: int
    interval: int


def run_alert(checks: Sequence[AlertTest], name: str, group: Group, stage: Stage) -> Iterator[Failure]:
    """The checks of one alert, whose group has that rule only."""
    step, begin = group.interval or stage.interval, stage.begin
    last = begin + max(since(check.eval_time) for check in checks)
    ruler = Ruler([group], _Replay(stage, group.rules, last, step), stage.interval, stage.labels)
    waiting = sorted(checks, key=lambda check: since(check.eval_time))
    for now in range(begin, last + 1, step):
        ruler.evaluate(now)
        while waiting and begin + since(waiting[0].eval_time) < now + step:
            if failure := _compare(waiting.pop(0), name, ruler):
                yield failure


class _Replay:
    """Answers instant queries out of one range query for each rule: a test costs one statement a rule."""

    def __init__(self, stage: Stage, rules: Sequence[Rule], end: int, step: int) -> None:
        self._answers = {rule.expr: self._ask(stage, rule.expr, end, step) for rule in rules}

    @staticmethod
    def _ask(stage: Stage, query: str, end: int, step: int) -> dict[int, list[Series]]:
        by_time: dict[int, list[Series]] = {}
        for series in stage.store.range(query, stage.begin, end, step).series:
            for at, value in series.points:
                by_time.setdefault(at, []).append(Series(series.labels, ((at, value),)))
        return by_time

    def instant(self, query: str, at: int) -> Scalar | Vector:
        return Vector(tuple(self._answers[query].get(at, ())))


def _compare(check: AlertTest, name: str, ruler: Ruler) -> Failure | None:
    firing = [alert for state in ruler.rules() for alert in state.live() if alert.state == "firing"]
    annotated = any(alert.exp_annotations is not None for alert in check.exp_alerts)
    expected = sorted(_shown(one.exp_labels, one.exp_annotations or {}, annotated) for one in check.exp_alerts)
    found = sorted(_shown(_without_name(one.labels), one.annotations, annotated) for one in firing)
    if expected == found:
        return None
    at = print_duration(since(check.eval_time))
    return Failure(name, f"alertname: {check.alertname}", at, tuple(expected), tuple(found))


def _compare_samples(check: ExprTest, name: str, answer: Scalar | Vector) -> Failure | None:
    """Values may differ in the last digits, as promtool lets them."""
    expected = sorted((_pairs(_labels(one)), one.value) for one in check.exp_samples)
    if isinstance(answer, Scalar):
        found = [(_pairs({}), answer.value)]
    else:
        found = sorted((_pairs(one.labels), one.points[0][1]) for one in answer.series)
    if len(expected) == len(found) and all(map(_same, expected, found)):
        return None
    at = print_duration(since(check.eval_time))
    return Failure(name, f"expr: {check.expr.strip()}", at, _samples(expected), _samples(found))


def _same(one: tuple[str, float], other: tuple[str, float]) -> bool:
    both_nan = math.isnan(one[1]) and math.isnan(other[1])
    return one[0] == other[0] and (both_nan or math.isclose(one[1], other[1], rel_tol=1e-9))


def _samples(pairs: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(f"{labels} {print_number(value)}" for labels, value in pairs)


def _labels(sample: ExpectedSample) -> Labels:
    if isinstance(sample.labels, dict):
        return sample.labels
    text = sample.labels.strip()
    if text in ("", "{}"):
        return {}
    tree = parse(text)
    if not isinstance(tree, LogQuery) or tree.stages or any(matcher.op != "=" for matcher in tree.matchers):
        raise ValueError(f'exp_samples: {text!r} are no labels: write {{market="BTC"}}')
    return {matcher.name: matcher.value for matcher in tree.matchers}


def _without_name(labels: Mapping[str, str]) -> Labels:
    return {name: text for name, text in labels.items() if name != "alertname"}


def _shown(labels: Mapping[str, str], annotations: Mapping[str, str], annotated: bool) -> str:
    return f"labels {_pairs(labels)}" + (f" annotations {_pairs(annotations)}" if annotated else "")


def _pairs(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{name}="{texts[name]}"' for name in sorted(texts)) + "}"
