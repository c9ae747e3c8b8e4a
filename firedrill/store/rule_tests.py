"""Unit tests of alert rules, in promtool's file shape, with log events as input.

A test writes its events to a file, replays the rules over it at every evaluation interval and
compares what fires. Nothing waits: the clock is the test's own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bot import events
from firedrill.logql.rules import Group, Rule
from firedrill.logql.syntax import SECOND
from firedrill.logql.text import duration, print_duration
from firedrill.store import rule_files
from firedrill.store.embedded import Embedded
from firedrill.store.ruler import Ruler
from firedrill.store.store import Labels, Scalar, Series, Store, Vector

START = 1_767_225_600 * SECOND
"""When a test begins: 2026-01-01T00:00:00Z."""

PREFIX = {"run": "00000000", "release": "0.0.0+test"}


class TestFileError(Exception):
    """A test file that cannot be run: what was found, and where."""

    __test__ = False  # not a test class, whatever its name


class InputEvent(msgspec.Struct, forbid_unknown_fields=True):
    """Lines of one kind: at `at`, and again `every` so long up to `until`. Fields, or a raw line as it stands."""

    at: str = "0s"
    every: str | None = None
    until: str | None = None
    event: dict[str, Any] | None = None
    line: str | None = None


class ExpectedAlert(msgspec.Struct, forbid_unknown_fields=True):
    """Labels without alertname, as in promtool. Annotations are compared where they are given."""

    exp_labels: dict[str, str] = {}
    exp_annotations: dict[str, str] | None = None


class AlertTest(msgspec.Struct, forbid_unknown_fields=True):
    eval_time: str
    alertname: str
    exp_alerts: list[ExpectedAlert] = []


class Test(msgspec.Struct, forbid_unknown_fields=True):
    """`labels` are those of all lines, as the store is given them."""

    __test__ = False

    input_events: list[InputEvent]
    alert_rule_test: list[AlertTest]
    name: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=lambda: {"job": "bot", "host": "test"})


class TestFile(msgspec.Struct, forbid_unknown_fields=True):
    __test__ = False

    rule_files: list[str]
    tests: list[Test]
    evaluation_interval: str = "5s"


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met; both sides one alert a line."""

    test: str
    alert: str
    at: str
    expected: tuple[str, ...]
    found: tuple[str, ...]


def run_file(path: Path, foreign: bool = False) -> list[Failure]:
    """The failures of a test file; TestFileError when it, or a rule it names, is broken."""
    file = _read(path)
    groups = _rules(path, file)
    failures: list[Failure] = []
    for number, test in enumerate(file.tests, 1):
        name = test.name or f"test {number}"
        try:
            failures += _run(test, name, groups, duration(file.evaluation_interval), foreign)
        except ValueError as error:
            raise TestFileError(f"{path}: {name}: {error}") from None
    return failures


def _read(path: Path) -> TestFile:
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), TestFile)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TestFileError(f"{path}: {error}") from None


def _rules(path: Path, file: TestFile) -> list[Group]:
    groups = []
    for name in file.rule_files:
        found, problems = rule_files.load(path.parent / name)
        if problems:
            raise TestFileError("\n".join(map(str, problems)))
        groups += found
    return groups


def _run(test: Test, name: str, groups: Sequence[Group], interval: int, foreign: bool) -> Iterator[Failure]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events.jsonl"
        log.write_text("".join(f"{line}\n" for line in _lines(test, foreign)), encoding="utf-8")
        store = Embedded((str(log),), test.labels)
        for alertname in dict.fromkeys(check.alertname for check in test.alert_rule_test):
            checks = [check for check in test.alert_rule_test if check.alertname == alertname]
            yield from _run_alert(checks, name, _chosen(groups, alertname), store, interval)


def _chosen(groups: Sequence[Group], alertname: str) -> Group:
    for group in groups:
        if rules := [rule for rule in group.rules if rule.alert == alertname]:
            return Group(group.name, group.file, group.interval, tuple(rules))
    raise ValueError(f"no rule is called {alertname!r} in the rule_files")


def _run_alert(
    checks: Sequence[AlertTest], name: str, group: Group, store: Embedded, interval: int
) -> Iterator[Failure]:
    step = group.interval or interval
    last = START + max(duration(check.eval_time) for check in checks)
    replay = _Replay(store, group.rules, last, step)
    ruler = Ruler([group], replay, interval, store.given)
    waiting = sorted(checks, key=lambda check: duration(check.eval_time))
    for now in range(START, last + 1, step):
        ruler.evaluate(now)
        while waiting and START + duration(waiting[0].eval_time) < now + step:
            if failure := _compare(waiting.pop(0), name, ruler):
                yield failure


class _Replay:
    """Answers instant queries out of one range query for each rule: a test costs one statement a rule."""

    def __init__(self, store: Store, rules: Sequence[Rule], end: int, step: int) -> None:
        self._answers = {rule.expr: self._ask(store, rule.expr, end, step) for rule in rules}

    @staticmethod
    def _ask(store: Store, query: str, end: int, step: int) -> dict[int, list[Series]]:
        by_time: dict[int, list[Series]] = {}
        for series in store.range(query, START, end, step).series:
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
    at = print_duration(duration(check.eval_time))
    return Failure(name, check.alertname, at, tuple(expected), tuple(found))


def _without_name(labels: Mapping[str, str]) -> Labels:
    return {name: text for name, text in labels.items() if name != "alertname"}


def _shown(labels: Mapping[str, str], annotations: Mapping[str, str], annotated: bool) -> str:
    return f"labels {_pairs(labels)}" + (f" annotations {_pairs(annotations)}" if annotated else "")


def _pairs(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{name}="{texts[name]}"' for name in sorted(texts)) + "}"


def _lines(test: Test, foreign: bool) -> list[str]:
    """All lines in time order; each gets its time and number as the bot would give them."""
    timed = [(at, given) for given in test.input_events for at in _times(given)]
    timed.sort(key=lambda pair: pair[0])
    return [_line(given, at, number, foreign) for number, (at, given) in enumerate(timed, 1)]


def _times(given: InputEvent) -> range:
    first = duration(given.at) if given.at != "0" else 0
    if (given.every is None) != (given.until is None):
        raise ValueError(f"input event at {given.at}: `every` and `until` belong together")
    if given.every is None or given.until is None:
        return range(first, first + 1)
    return range(first, duration(given.until) + 1, duration(given.every))


def _line(given: InputEvent, at: int, number: int, foreign: bool) -> str:
    if (given.line is None) == (given.event is None):
        raise ValueError(f"input event at {given.at}: give either `event` (fields) or `line` (text)")
    if given.line is not None:
        return given.line
    fields = dict(given.event or {})
    if not foreign:
        _check_fields(fields)
        fields = {"level": events.ALL[fields["action"]].level, **PREFIX, "n": number, **fields}
    return json.dumps({"ts": (START + at) / SECOND, **fields})


def _check_fields(fields: Mapping[str, Any]) -> None:
    action = fields.get("action")
    if action not in events.ALL:
        raise ValueError(f"no event of bot/events has the action {action!r}")
    known = {"action", *events.LINE_PREFIX, *events.fields(str(action))}
    if unknown := sorted(set(fields) - known):
        raise ValueError(f"the event {action} has no field {', '.join(map(repr, unknown))} (see bot/events)")
