from __future__ import annotations

import pytest

from firedrill.logql.rules import fill, read_rules
from firedrill.logql.syntax import SECOND

GOOD = """\
groups:
  - name: g
    interval: 15s
    rules:
      - alert: A
        expr: |
          sum by (market) (
            count_over_time({job="bot"}[5m])
          ) > 0
        for: 1m
        labels: {severity: critical}
        annotations:
          summary: "{{ $value }} of {{$labels.market}}"
"""


def test_a_rule_file_is_read_with_its_places() -> None:
    (group,), problems = read_rules(GOOD, "f.yaml")
    assert problems == []
    assert (group.name, group.file, group.interval) == ("g", "f.yaml", 15 * SECOND)
    (rule,) = group.rules
    assert (rule.alert, rule.hold, rule.line, rule.expr_line) == ("A", 60 * SECOND, 5, 7)
    assert rule.keep == 0
    (group,), _ = read_rules(GOOD.replace("for: 1m", "keep_firing_for: 5m"), "f.yaml")
    assert (group.rules[0].hold, group.rules[0].keep) == (0, 300 * SECOND)
    assert rule.labels == {"severity": "critical"}


BROKEN = [
    ("", 0, "the file is empty"),
    ("# nothing\n", 0, "the file is empty"),
    ("groups: [", 1, "not YAML"),
    ("a: b", 1, "unknown key 'a'"),
    ("groups: []", 1, "at least one entry"),
    ("[1]", 1, "must be a mapping"),
    ("groups:\n  - name: g", 2, "at least one entry"),
    ("groups:\n  - rules: [{alert: A, expr: vector(1)}]", 2, "has no `name`"),
    (GOOD.replace("15s", "15"), 3, "no duration"),
    (GOOD.replace("15s", "0s"), 3, "longer than zero"),
    (GOOD.replace("for: 1m", "for: soon"), 10, "no duration"),
    (GOOD.replace("for: 1m", "keep_firing_for: soon"), 10, "no duration"),
    (GOOD.replace("for: 1m", "limit: 1"), 10, "unknown key 'limit'"),
    (GOOD.replace("for: 1m", "expr: vector(1)"), 10, "given twice"),
    (GOOD.replace("- alert: A", "- record: a"), 5, "unknown key 'record'"),
    (GOOD.replace("[5m]", "[5x]"), 8, "A: expr column 31: syntax error"),
    (GOOD.replace("count_over_time({job=", "count_values({job="), 8, "not in Loki 3.6: count_values"),
    (GOOD.replace("severity: critical", "1x: y"), 11, "'1x'"),
    (GOOD.replace("severity: critical", "severity: [a]"), 11, "'severity'"),
    (
        GOOD.replace("{{ $value }}", "{{ $value | humanize }}"),
        13,
        "not implemented: the template {{ $value | humanize }}",
    ),
    (GOOD.replace("{{ $value }}", "{{ .Value }}"), 13, "not implemented: the template"),
]


@pytest.mark.parametrize(("text", "line", "reason"), BROKEN)
def test_a_broken_file_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    _, (problem,) = read_rules(text, "f.yaml")
    assert (problem.file, problem.line) == ("f.yaml", line)
    assert reason in problem.reason


def test_one_broken_rule_does_not_hide_the_others() -> None:
    text = GOOD + "      - alert: B\n        expr: foo(1)\n      - alert: C\n        expr: bar(1)\n"
    (group,), problems = read_rules(text, "f.yaml")
    assert [rule.alert for rule in group.rules] == ["A"]
    assert [problem.line for problem in problems] == [15, 17]


def test_templates() -> None:
    text = "{{ $value }} {{$labels.a}}{{- $labels.b -}} {{ $labels.none }}."
    assert fill(text, {"a": "x", "b": "{{ $value }}"}, 1.5) == "1.5 x{{ $value }} ."
