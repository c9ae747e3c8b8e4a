from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from firedrill.rules.command import command
from firedrill.rules.lint import lint

RULE = """\
groups:
  - name: g
    rules:
      - alert: A
        expr: {expr}
        labels: {{severity: critical, family: orders}}
        annotations: {{summary: "x", runbook: "y", query: "rejects"}}
"""
GOOD = (
    'sum by (host, m) (count_over_time({job="bot", action="fault_injected"} | json m="fault" | __error__="" [1m])) > 0'
)


def problems(folder: Path, expr: str, **changes: str) -> list[str]:
    text = RULE.format(expr=f"|\n          {expr}")
    for old, new in changes.items():
        text = text.replace(old, new)
    (folder / "orders.yaml").write_text(text)
    _, found = lint(folder)
    return [f"{problem.line}: {problem.reason}" for problem in found]


ALSO_GOOD = [
    'max_over_time({action="FILL"} | json p="price" | label_format q=`{{ mulf .p 2 }}` | unwrap q | __error__="" [1m])',
    'sum by (m) (count_over_time({action="FILL"} | regexp `market":"(?P<m>[A-Z]+)` [1m]))',
    'sum by (m) (count_over_time({action="FILL"} | pattern `<_>"market":"<m>"<_>` [1m]))',
    'sum(count_over_time({action="FILL"} | json p="price" | drop __error__ [1m]))',
]


@pytest.mark.parametrize("expr", [GOOD, *ALSO_GOOD])
def test_a_good_rule_has_no_problem(tmp_path: Path, expr: str) -> None:
    assert problems(tmp_path, expr) == []


BAD = [
    (
        'quantile_over_time(95, {action="FILL"} | json p="price" | unwrap p | __error__="" [1m]) > 1',
        "the quantile 95 is not between 0 and 1",
    ),
    ('count_over_time({action="FILL"} | json p="price" | unwrap p | __error__="" [1m])', "takes no unwrap"),
    ('count_over_time({job="bot", action=~"("} [1m])', "error parsing regexp"),
    ('count_over_time({job="bot"} | regexp "(?P<x>(" [1m])', "error parsing regexp"),
    ('count_over_time({action="FILL"} | json p="price" | p=~"(" | __error__="" [1m])', "error parsing regexp"),
    ('label_replace(vector(1), "a", "$1", "b", "(")', "error parsing regexp"),
    ('count_over_time({job="bot"} | label_format a=`{{ nosuch .b }}` | __error__="" [1m])', "invalid template"),
    ('count_over_time({job="bot"}[15])', "syntax error: unexpected '15'"),
    ('count_over_time({jbo="bot"}[1m])', "'jbo' is no stream label"),
    ('count_over_time({job="bot"} |~ "(" [1m])', "6: A: expr column 1: error parsing regexp"),
    ('{job="bot"}', "6: A: expr column 1: this is a log query"),
    ('count_over_time({job="bot", action="order_rejected"}[1m])', "no event of bot/events has the action"),
    ('count_over_time({job="bot", level="warning"}[1m])', "has the level 'warning'"),
    ('count_over_time({job="bot", event="FILL"}[1m])', "'event' is no stream label"),
    ('count_over_time({job="bot", action=~"fil.*"}[1m])', "no event of bot/events has an action and level"),
    ('count_over_time({job="bot", action="FILL", level="error"}[1m])', "has an action and level"),
    ('count_over_time({action="FILL"} | json p="prise" | __error__="" [1m])', "field 'prise' is in no event"),
    ('count_over_time({action="FILL"} | json c="latency_ms" | __error__="" [1m])', "field 'latency_ms' is in no event"),
    ('count_over_time({action="FILL"} | prise="1" [1m])', "filter on 'prise'"),
    ('count_over_time({action="FILL"} | json | prise="1" | __error__="" [1m])', "filter on 'prise'"),
    ('max_over_time({action="FILL"} | json p="price" | unwrap price | __error__="" [1m])', "unwrap of 'price'"),
    ('sum by (market) (count_over_time({action="FILL"}[1m]))', "grouping by 'market'"),
    ('max_over_time({action="FILL"} | json p="price" | unwrap p | __error__="" [1m]) by (m)', "grouping by 'm'"),
    ('count_over_time({action="FILL"} | json p="price" [1m])', "one odd line makes this rule fail"),
    ('count_over_time({action="FILL"} | json p="price" | __error__="" | p > 1 [1m])', "one odd line"),
    ('max_over_time({action="FILL"} | json p="price" | __error__="" | unwrap p [1m])', "one odd line"),
    (
        'count_over_time({action="FILL"} | json p="price" | __error__="" | label_format q=`{{ .p }}` [1m])',
        "one odd line",
    ),
]


@pytest.mark.parametrize(("expr", "reason"), BAD)
def test_bad_queries_are_found(tmp_path: Path, expr: str, reason: str) -> None:
    found = problems(tmp_path, expr)
    assert any(reason in problem for problem in found), found


BOOKKEEPING = [
    ("critical", "urgent", "severity must be one of"),
    ("family: orders", "family: risk", "family must be 'orders'"),
    ('summary: "x", ', "", "no annotation 'summary'"),
    ('runbook: "y"', 'runbook: ""', "no annotation 'runbook'"),
    ('query: "rejects"', 'query: "rejected"', "names no query of"),
    ("critical", '"critical", x: "{{ $value }}"', "the label x has the value in it"),
    ('summary: "x"', 'summary: "{{ $labels.market }}"', "{{ $labels.market }} will be empty"),
]


@pytest.mark.parametrize(("old", "new", "reason"), BOOKKEEPING)
def test_what_routes_and_people_need_is_there(tmp_path: Path, old: str, new: str, reason: str) -> None:
    (problem,) = problems(tmp_path, GOOD, **{old: new})
    assert reason in problem


def test_another_programs_rules_are_held_to_syntax_only(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        RULE.format(expr="""'count_over_time({app="x"} | json | y="z" | __error__="" [1m])'""").replace("orders", "own")
    )
    assert lint(tmp_path, foreign=True)[1] == []
    (tmp_path / "a.yaml").write_text(RULE.format(expr="""'count_over_time({app="x"} | json [1m])'"""))
    assert "one odd line" in lint(tmp_path, foreign=True)[1][0].reason


def test_stray_and_missing_files_in_either_layout(tmp_path: Path) -> None:
    family = tmp_path / "orders"
    family.mkdir()
    (family / "rules.yaml").write_text(RULE.format(expr=f"'{GOOD}'"))
    for name in ("A.md", "tests.yaml"):
        (family / name).touch()
    (tmp_path / "README.md").touch()
    assert lint(tmp_path)[1] == []
    assert lint(family)[1] == []
    (family / "rules.yaml.bak").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "risk").mkdir()
    found = {Path(problem.file).name: problem.reason for problem in lint(tmp_path)[1]}
    assert set(found) == {"rules.yaml.bak", "notes.txt", "risk"}


@pytest.mark.parametrize(("content", "code"), [(GOOD, 0), ("foo(1)", 1)])
def test_the_exit_code_tells(tmp_path: Path, content: str, code: int) -> None:
    (tmp_path / "orders.yaml").write_text(RULE.format(expr=f"'{content}'"))
    result = CliRunner().invoke(command, ["lint", str(tmp_path)])
    assert result.exit_code == code
    assert ("0 problem(s)" in result.output) == (code == 0)
    assert CliRunner().invoke(command, ["lint", str(tmp_path / "none")]).exit_code == 2
