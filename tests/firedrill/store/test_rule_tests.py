from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firedrill.store.rules_command import command

RULES = """
groups:
  - name: g
    rules:
      - alert: Fills
        expr: sum by (market) (count_over_time({action="FILL"} | json market="market" | __error__="" [1m])) > 1
        for: 10s
        annotations: {summary: "{{ $value }} on {{ $labels.market }}"}
"""
TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 5s
tests:
  - name: two fills
    input_events:
      - {at: 30s, every: 5s, until: 35s, event: {action: FILL, market: BTC}}
      - {at: 32s, line: nonsense}
    alert_rule_test:
      - {eval_time: 30s, alertname: Fills}
      - {eval_time: 40s, alertname: Fills}
      - eval_time: 45s
        alertname: Fills
        exp_alerts:
          - exp_labels: {market: BTC, job: bot, host: test}
            exp_annotations: {summary: 2 on BTC}
      - {eval_time: 95s, alertname: Fills}
"""


def run(folder: Path, tests: str = TESTS, rules: str = RULES, *options: str) -> Result:
    (folder / "rules.yaml").write_text(rules)
    (folder / "tests.yaml").write_text(tests)
    return CliRunner().invoke(command, ["test", str(folder), *options])


def test_what_holds_succeeds(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert (result.exit_code, result.output) == (0, f"Unit Testing: {tmp_path}/tests.yaml\n  SUCCESS\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("> 1", "> 2"),
        ("> 1", "> 0"),
        ("for: 10s", "for: 15s"),
        ("for: 10s", "for: 0s"),
        ("[1m]", "[2m]"),
        ("by (market)", "by (side)"),
        ("FILL", "fill"),
        ("{{ $value }} on", "{{ $value }} at"),
    ],
)
def test_a_changed_rule_fails(tmp_path: Path, old: str, new: str) -> None:
    result = run(tmp_path, rules=RULES.replace(old, new))
    assert result.exit_code == 1
    assert "FAILED" in result.output


def test_a_failure_shows_both_sides(tmp_path: Path) -> None:
    result = run(tmp_path, TESTS.replace("2 on BTC", "3 on BTC"))
    assert "alertname: Fills, time: 45s (- expected, + found)" in result.output
    assert '- labels {host="test", job="bot", market="BTC"} annotations {summary="3 on BTC"}' in result.output
    assert '+ labels {host="test", job="bot", market="BTC"} annotations {summary="2 on BTC"}' in result.output


BROKEN = [
    ("rule_files: [rules.yaml]", "rule_files: [none.yaml]", "no such file or folder"),
    ("alert_rule_test", "alert_rule_tests", "unknown field `alert_rule_tests`"),
    ("at: 32s", "at: soon", "no duration"),
    ("at: 32s, line: nonsense", "at: 32s", "give either `event` (fields) or `line` (text)"),
    (", until: 35s", "", "belong together"),
    ("action: FILL", "action: fill", "no event of bot/events has the action 'fill'"),
    ("market: BTC}}", "pair: BTC}}", "has no field 'pair'"),
    ("alertname: Fills", "alertname: Filled", "no rule is called 'Filled'"),
    ("tests:", "tests: [", "tests.yaml"),
]


@pytest.mark.parametrize(("old", "new", "reason"), BROKEN)
def test_a_broken_test_file_is_exit_2(tmp_path: Path, old: str, new: str, reason: str) -> None:
    result = run(tmp_path, TESTS.replace(old, new, 1))
    assert result.exit_code == 2
    assert reason in result.output


def test_a_broken_rule_file_is_exit_2(tmp_path: Path) -> None:
    result = run(tmp_path, rules=RULES.replace("> 1", "> "))
    assert result.exit_code == 2
    assert "rules.yaml:" in result.output


def test_no_test_at_all_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    assert CliRunner().invoke(command, ["test", str(tmp_path)]).exit_code == 2


def test_another_programs_lines_are_taken_as_they_are(tmp_path: Path) -> None:
    rules = RULES.replace("FILL", "sold").replace("market", "pair")
    tests = TESTS.replace("FILL", "sold").replace("market", "pair")
    assert run(tmp_path, tests, rules).exit_code == 2
    assert run(tmp_path, tests, rules, "--foreign").exit_code == 0
