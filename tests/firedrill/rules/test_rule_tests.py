from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from firedrill.rules.command import TEST_EXAMPLES, command
from tests.firedrill.store.servers import store_at
from tests.real_loki import RealLoki

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


def test_the_example_of_the_help_holds(tmp_path: Path) -> None:
    example = TEST_EXAMPLES.partition("promtool's shape:\n")[2]
    rules = (Path(__file__).resolve().parents[3] / "alerts" / "orders" / "rules.yaml").read_text()
    assert run(tmp_path, dedent(example), rules).output == f"Unit Testing: {tmp_path}/tests.yaml\n  SUCCESS\n"


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
    ("{eval_time: 30s, alertname: Fills}", "{eval_time: 30s}", "missing required field `alertname`"),
    ("alert_rule_test:", "logql_expr_test: [{expr: 'sum(', eval_time: 1m}]\n    alert_rule_test:", "column 5"),
    ("alert_rule_test:", "input_lines: [{at: 1s}]\n    alert_rule_test:", "missing required field `line`"),
    (TESTS[TESTS.index("    alert_rule_test") :], "", "it expects nothing"),
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
    of_loki = tests.replace(", job: bot, host: test}", "}")  # whose ruler adds no labels
    assert run(tmp_path, of_loki, rules, "--foreign").exit_code == 0


EXPRESSIONS = """
rule_files: []
tests:
  - name: questions
    labels: {app: shop}
    input_lines:
      - {at: 10s, every: 10s, until: 30s, line: "sold pair=BTC n=2"}
      - {at: 25s, line: "panic: out of cheese"}
    logql_expr_test:
      - expr: sum by (pair) (count_over_time({app="shop"} | logfmt | pair!="" [1m]))
        eval_time: 20s
        exp_samples: [{labels: '{pair="BTC"}', value: 2}]
      - expr: sum by (pair) (sum_over_time({app="shop"} | logfmt | pair!="" | unwrap n [1m]))
        eval_time: 30s
        exp_samples: [{labels: {pair: BTC}, value: 6}]
      - {expr: 'count_over_time({app="shop"} |= "panic" [10s])', eval_time: 24s}
      - expr: count_over_time({app="shop"} |= "panic" [10s])
        eval_time: 25s
        exp_samples: [{labels: '{app="shop"}', value: 1}]
      - {expr: 1 / 3, eval_time: 0s, exp_samples: [{labels: "{}", value: 0.3333333333}]}
      - {expr: vector(0) / 0, eval_time: 0s, exp_samples: [{value: .nan}]}
"""


def test_expressions_are_compared_sample_by_sample(tmp_path: Path) -> None:
    result = run(tmp_path, EXPRESSIONS, RULES, "--foreign")
    assert (result.exit_code, result.output) == (0, f"Unit Testing: {tmp_path}/tests.yaml\n  SUCCESS\n")


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("value: 6", "value: 7", ['- {pair="BTC"} 7', '+ {pair="BTC"} 6']),
        ('"BTC"}\', value: 2', '"ETH"}\', value: 2', ['- {pair="ETH"} 2', '+ {pair="BTC"} 2']),
        ("eval_time: 24s", "eval_time: 26s", ['+ {app="shop"} 1']),
        ("eval_time: 25s", "eval_time: 35s", ['- {app="shop"} 1']),
        ("0.3333333333}", "0.33}", ["- {} 0.33", "+ {} 0.3333333333333333"]),
    ],
)
def test_a_wrong_sample_is_shown_with_what_is_there(tmp_path: Path, old: str, new: str, shown: list[str]) -> None:
    result = run(tmp_path, EXPRESSIONS.replace(old, new), RULES, "--foreign")
    assert result.exit_code == 1
    assert "expr: " in result.output
    assert "(- expected, + found)" in result.output
    assert [line.strip() for line in result.output.splitlines() if line.strip()[:2] in ("- ", "+ ")] == shown


def test_labels_that_are_none_are_said(tmp_path: Path) -> None:
    tests = EXPRESSIONS.replace('{pair="BTC"}', '{pair=~"BTC"}')
    result = run(tmp_path, tests, RULES, "--foreign")
    assert (result.exit_code, "are no labels" in result.output) == (2, True)


def test_an_interval_that_does_not_divide_the_minute(tmp_path: Path) -> None:
    tests = TESTS.replace("evaluation_interval: 5s", "evaluation_interval: 7s").replace(
        "eval_time: 45s", "eval_time: 49s"
    )
    assert run(tmp_path, tests).exit_code == 0


def test_without_a_path_it_takes_the_folder_alerts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, ["test"])
    assert (result.exit_code, result.output) == (2, "Error: no folder alerts here: give the PATH of rules\n")
    (tmp_path / "alerts" / "g").mkdir(parents=True)
    run(tmp_path / "alerts" / "g")
    assert CliRunner().invoke(command, ["test"]).output == "Unit Testing: alerts/g/tests.yaml\n  SUCCESS\n"
    assert CliRunner().invoke(command, ["lint"]).exit_code == 1


def test_junit_has_a_case_for_each_test(tmp_path: Path) -> None:
    report = tmp_path / "out.xml"
    options = ["--junit", str(report)]
    assert run(tmp_path, TESTS, RULES.replace("> 1", "> 2"), *options).exit_code == 1
    (suite,) = ElementTree.parse(report).getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == (f"{tmp_path}/tests.yaml", "1", "1")
    (case,) = suite
    assert case.get("name") == "two fills"
    (failure,) = case
    assert "- labels" in (failure.text or "")
    assert run(tmp_path, TESTS, RULES, *options).exit_code == 0
    ((case,),) = ElementTree.parse(report).getroot()
    assert list(case) == []
    assert run(tmp_path, TESTS.replace("rules.yaml", "none.yaml"), RULES, *options).exit_code == 2
    ((case,),) = ElementTree.parse(report).getroot()
    assert [child.tag for child in case] == ["error"]
    assert run(tmp_path, TESTS, RULES, "--junit", str(tmp_path / "none" / "x")).exit_code == 2


def test_a_loki_that_mixes_tenants_is_refused(tmp_path: Path) -> None:
    """As every Loki without authentication, and the embedded store: one test's lines would be the next one's."""
    with store_at(tmp_path) as (url, _):
        result = run(tmp_path, TESTS, RULES, "--loki", url)
    assert (result.exit_code, "mixes tenants" in result.output) == (2, True)
    assert "gave no answer" in run(tmp_path, TESTS, RULES, "--loki", url).output
    assert run(tmp_path, TESTS, RULES, "--loki", "nonsense").exit_code == 2


def test_a_real_loki_gives_the_same_answers(tmp_path: Path, real_loki: RealLoki) -> None:
    options = ["--loki", real_loki.url]
    assert run(tmp_path, TESTS, RULES, *options).output == f"Unit Testing: {tmp_path}/tests.yaml\n  SUCCESS\n"
    changed = RULES.replace("> 1", "> 2")
    assert run(tmp_path, TESTS, changed, *options).output == run(tmp_path, TESTS, changed).output
    assert run(tmp_path, EXPRESSIONS, RULES, "--foreign", *options).exit_code == 0
    broken = EXPRESSIONS.replace("1 / 3", "1 /")
    assert run(tmp_path, broken, RULES, "--foreign", *options).exit_code == 2


LOKIS = r"""
groups:
  - name: should_fire
    limit: 10
    rules:
      - alert: HighPercentageError
        expr: |
          sum(rate({app="foo", env="production"} |= "error" [5m])) by (job)
            /
          sum(rate({app="foo", env="production"}[5m])) by (job)
            > 0.05
        for: 10m
        labels: {severity: page}
        annotations: {summary: "{{ $value | humanizePercentage }} errors of {{ $labels.job }}"}
      - record: foo:requests
        expr: sum by (job) (rate({app="foo"}[5m]))
  - name: credentials_leak
    rules:
      - alert: http-credentials-leaked
        expr: 'sum by (cluster, job, pod) (count_over_time({env="production"} |~ "http(s?)://(\\w+):(\\w+)@" [5m]) > 0)'
        for: 10m
        labels: {severity: critical}
"""
LOKIS_TESTS = """
rule_files: [rules.yaml]
evaluation_interval: 1m
tests:
  - labels: {app: foo, env: production, job: shop, cluster: c, pod: p}
    input_lines:
      - {at: 10s, every: 10s, until: 30m, line: "GET / 200"}
      - {at: 61s, every: 60s, until: 30m, line: "error: GET https://me:secret@example.org"}
    alert_rule_test:
      - {eval_time: 9m, alertname: HighPercentageError}
      - eval_time: 20m
        alertname: HighPercentageError
        exp_alerts: [{exp_labels: {severity: page, job: shop}}]
      - eval_time: 20m
        alertname: http-credentials-leaked
        exp_alerts: [{exp_labels: {severity: critical, job: shop, cluster: c, pod: p}}]
      - {eval_time: 46m, alertname: HighPercentageError}
"""


def test_rules_as_lokis_manual_has_them(tmp_path: Path) -> None:
    result = run(tmp_path, LOKIS_TESTS, LOKIS, "--foreign")
    assert (result.exit_code, result.output) == (0, f"Unit Testing: {tmp_path}/tests.yaml\n  SUCCESS\n")
    changed = LOKIS.replace("> 0.05", "> 0.5")
    assert run(tmp_path, LOKIS_TESTS, changed, "--foreign").exit_code == 1
    shown = run(
        tmp_path, LOKIS_TESTS.replace("job: shop}}]", "job: shop}, exp_annotations: {}}]", 1), LOKIS, "--foreign"
    )
    assert "+ labels" in shown.output
    assert 'summary="{{ $value | humanizePercentage }} errors of shop"' in shown.output
    (tmp_path / "tests.yaml").unlink()
    assert CliRunner().invoke(command, ["lint", "--foreign", str(tmp_path)]).output == "2 rule(s), 0 problem(s)\n"
    assert "unknown key 'limit'" in CliRunner().invoke(command, ["lint", str(tmp_path)]).output
    (tmp_path / "rules.yaml").write_text(LOKIS.replace("sum by (job) (rate", "sum by (job) (rat"))
    result = CliRunner().invoke(command, ["lint", "--foreign", str(tmp_path)])
    assert "foo:requests: expr column" in result.output


def test_rules_as_lokis_manual_has_them_on_a_real_loki(tmp_path: Path, real_loki: RealLoki) -> None:
    assert run(tmp_path, LOKIS_TESTS, LOKIS, "--foreign", "--loki", real_loki.url).exit_code == 0
