"""The file of rule tests, in promtool's shape with log lines as input: what may stand in it, and the lines it means.

Times are durations since the test's beginning. It knows no store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bot import events
from firedrill.logql.rules import Group
from firedrill.logql.syntax import SECOND
from firedrill.logql.text import duration
from firedrill.rules import rule_files

PREFIX = {"run": "00000000", "release": "0.0.0+test"}


class TestFileError(Exception):
    """A test file that cannot be run: what was found, and where."""

    __test__ = False  # not a test class, whatever its name


class _Timed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    at: str = "0s"
    every: str | None = None
    until: str | None = None

    def times(self) -> range:
        """Nanoseconds since the test's beginning."""
        if (self.every is None) != (self.until is None):
            raise ValueError(f"input at {self.at}: `every` and `until` belong together")
        first = since(self.at)
        if self.every is None or self.until is None:
            return range(first, first + 1)
        return range(first, since(self.until) + 1, duration(self.every))


class InputEvent(_Timed, forbid_unknown_fields=True, kw_only=True):
    """Lines of one kind: at `at`, and again `every` so long up to `until`. Fields, or a raw line as it stands."""

    event: dict[str, Any] | None = None
    line: str | None = None


class InputLine(_Timed, forbid_unknown_fields=True, kw_only=True):
    """A line of any program, as it stands."""

    line: str


class ExpectedAlert(msgspec.Struct, forbid_unknown_fields=True):
    """Labels without alertname, as in promtool. Annotations are compared where they are given."""

    exp_labels: dict[str, str] = {}
    exp_annotations: dict[str, str] | None = None


class AlertTest(msgspec.Struct, forbid_unknown_fields=True):
    eval_time: str
    alertname: str
    exp_alerts: list[ExpectedAlert] = []


class ExpectedSample(msgspec.Struct, forbid_unknown_fields=True):
    """`labels` as promtool writes them, `{market="BTC"}`, or as a mapping."""

    value: float
    labels: str | dict[str, str] = ""


class ExprTest(msgspec.Struct, forbid_unknown_fields=True):
    expr: str
    eval_time: str
    exp_samples: list[ExpectedSample] = []


class Test(msgspec.Struct, forbid_unknown_fields=True):
    """`labels` are those of all lines, as the store is given them."""

    __test__ = False

    input_events: list[InputEvent] = []
    input_lines: list[InputLine] = []
    alert_rule_test: list[AlertTest] = []
    logql_expr_test: list[ExprTest] = []
    name: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=lambda: {"job": "bot", "host": "test"})


class TestFile(msgspec.Struct, forbid_unknown_fields=True):
    __test__ = False

    rule_files: list[str]
    tests: list[Test]
    evaluation_interval: str = "5s"


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its time in nanoseconds since the epoch. `timed`: the text says the time itself."""

    at: int
    text: str
    timed: bool


def since(text: str) -> int:
    """Nanoseconds of a duration; 0 needs no unit."""
    return 0 if text == "0" else duration(text)


def read(path: Path) -> TestFile:
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), TestFile)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise TestFileError(f"{path}: {error}") from None


def rules(path: Path, file: TestFile, foreign: bool = False) -> list[Group]:
    """The groups of the rule files that a test file names."""
    groups = []
    for name in file.rule_files:
        found, problems = rule_files.load(path.parent / name, foreign)
        if problems:
            raise TestFileError("\n".join(map(str, problems)))
        groups += found
    return groups


def lines(test: Test, foreign: bool, begin: int) -> list[Line]:
    """All lines in time order; each event gets its time and number as the bot would give them."""
    inputs: list[InputEvent | InputLine] = [*test.input_events, *test.input_lines]
    timed = [(at, given) for given in inputs for at in given.times()]
    timed.sort(key=lambda pair: pair[0])
    return [_line(given, begin + at, number, foreign) for number, (at, given) in enumerate(timed, 1)]


def _line(given: InputEvent | InputLine, at: int, number: int, foreign: bool) -> Line:
    fields = given.event if isinstance(given, InputEvent) else None
    if (given.line is None) == (fields is None):
        raise ValueError(f"input event at {given.at}: give either `event` (fields) or `line` (text)")
    if given.line is not None:
        own = _own_time(given.line)
        return Line(at if own is None else own, given.line, own is not None)
    fields = dict(fields or {})
    if not foreign:
        _check_fields(fields)
        fields = {"level": events.ALL[fields["action"]].level, **PREFIX, "n": number, **fields}
    return Line(at, json.dumps({"ts": at / SECOND, **fields}), timed=True)


def _own_time(text: str) -> int | None:
    ts = fields_of(text).get("ts")
    return round(ts * 1_000_000) * 1000 if isinstance(ts, int | float) else None


def fields_of(text: str) -> dict[str, Any]:
    """The fields of a JSON line; none of any other."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _check_fields(fields: Mapping[str, Any]) -> None:
    action = fields.get("action")
    if action not in events.ALL:
        raise ValueError(f"no event of bot/events has the action {action!r}")
    known = {"action", *events.LINE_PREFIX, *events.fields(str(action))}
    if unknown := sorted(set(fields) - known):
        raise ValueError(f"the event {action} has no field {', '.join(map(repr, unknown))} (see bot/events)")


def times_of_checks(test: Test) -> list[int]:
    """When something is expected, in nanoseconds since the beginning. ValueError: nothing is."""
    found = [since(check.eval_time) for check in test.alert_rule_test]
    found += [since(check.eval_time) for check in test.logql_expr_test]
    if not found:
        raise ValueError("it expects nothing: give alert_rule_test or logql_expr_test")
    return found


def checks_by_alert(test: Test) -> Iterator[tuple[str, Sequence[AlertTest]]]:
    for alertname in dict.fromkeys(check.alertname for check in test.alert_rule_test):
        yield alertname, [check for check in test.alert_rule_test if check.alertname == alertname]
