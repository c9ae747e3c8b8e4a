"""`firedrill rules lint | test`: whether alert rules are sound, and whether they ring when they should.

Exit code 0: all is well. 1: a problem or a failed test. 2: it could not be found out.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import NoReturn

import click

from firedrill.rules import junit, rule_files
from firedrill.rules.lint import lint as lint_path
from firedrill.rules.rule_test_file import TestFileError
from firedrill.rules.rule_test_stores import OnFiles, OnLoki, Stores
from firedrill.rules.rule_tests import Failure, results
from firedrill.store.store import StoreError

DEFAULT = Path("alerts")
PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path, exists=True))
FOREIGN = click.option("--foreign", is_flag=True, help="The rules are about another program's logs than the bot's.")

LINT_EXAMPLES = """\b
Examples:
  firedrill rules lint                             ./alerts: all families, their names checked against the bot's events
  firedrill rules lint /etc/loki/rules --foreign   any folder of Loki rule files
"""
TEST_EXAMPLES = """\b
Examples:
  firedrill rules test                                       all tests.yaml in ./alerts
  firedrill rules test alerts/orders --junit results.xml
  firedrill rules test alerts --loki http://127.0.0.1:3100   each test as a tenant of a real Loki
  firedrill rules test shop-tests.yaml --foreign             rules of any program that Loki watches

\b
A test file, in promtool's shape:
  rule_files: [rules.yaml]
  evaluation_interval: 5s
  tests:
    - name: one refusal rings
      input_events:                            # of the bot: fields, checked against its events
        - {at: 10s, every: 1s, until: 1m, event: {action: order_reject, market: BTC, code: E_TICK}}
      input_lines:                             # of anybody, as they stand
        - {at: 12s, line: "panic: out of cheese"}
      labels: {job: bot, host: test}           # of all lines; and of alerts, but with --foreign
      alert_rule_test:
        - eval_time: 1m
          alertname: ETickError
          exp_alerts:                          # none: it must be silent
            - exp_labels: {severity: critical, family: orders, job: bot, host: test, market: BTC}
      logql_expr_test:
        - {expr: 'sum(count_over_time({job="bot"}[1m]))', eval_time: 1m, exp_samples: [{value: 52}]}
"""


@click.group()
def command() -> None:
    """Lint and test alert rules."""


@command.command(epilog=LINT_EXAMPLES)
@PATHS
@FOREIGN
def lint(paths: tuple[Path, ...], foreign: bool) -> None:
    """Check rule files, or folders of them: syntax, names, stray files, rules that one odd line would blind."""
    found_all = [lint_path(path, foreign) for path in _given(paths)]
    problems = [problem for _, found in found_all for problem in found]
    for problem in problems:
        click.echo(str(problem))
    rules = sum(len(group.rules) for groups, _ in found_all for group in groups)
    click.echo(f"{rules} rule(s), {len(problems)} problem(s)")
    raise SystemExit(1 if problems else 0)


@command.command(epilog=TEST_EXAMPLES)
@PATHS
@FOREIGN
@click.option("--loki", metavar="URL", help="Run the tests on a Loki with tenants; they stay there as rule-test-*.")
@click.option("--junit", "report", type=click.Path(path_type=Path, dir_okay=False), help="Write the results as XML.")
def test(paths: tuple[Path, ...], foreign: bool, loki: str | None, report: Path | None) -> None:
    """Run test files (tests.yaml), or all of those in folders."""
    given = _given(paths)
    files = [file for path in given for file in (rule_files.find(path).tests if path.is_dir() else [path])]
    if not files:
        _give_up(f"no tests.yaml below {', '.join(map(str, given))}")
    try:
        stores: Stores = OnLoki(loki) if loki else OnFiles()
    except StoreError as error:
        _give_up(str(error))
    suites = [_run(file, foreign, stores) for file in files]
    if report:
        shown = [["\n".join(map(_shown, result.failures)) for result in suite.results] for suite in suites]
        try:
            report.write_text(junit.xml(suites, shown), encoding="utf-8")
        except OSError as error:
            _give_up(f"{report} cannot be written: {error.strerror}")
    raise SystemExit(max(map(_code, suites)))


def _given(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if not paths and not DEFAULT.is_dir():
        _give_up(f"no folder {DEFAULT} here: give the PATH of rules")
    return paths or (DEFAULT,)


def _give_up(reason: str) -> NoReturn:
    click.echo(f"Error: {reason}", err=True)
    raise SystemExit(2)


def _run(file: Path, foreign: bool, stores: Stores) -> junit.Suite:
    click.echo(f"Unit Testing: {file}")
    suite = junit.Suite(str(file))
    try:
        suite.results.extend(results(file, foreign, stores))
    except TestFileError as error:
        suite.error = str(error)
        click.echo(f"  ERROR: {error}", err=True)
        return suite
    failures = [failure for result in suite.results for failure in result.failures]
    click.echo("  FAILED:" if failures else "  SUCCESS")
    for failure in failures:
        click.echo(_shown(failure))
    return suite


def _code(suite: junit.Suite) -> int:
    return 2 if suite.error else 1 if any(result.failures for result in suite.results) else 0


def _shown(failure: Failure) -> str:
    lines = [f"    {failure.test}", f"      {failure.what}, time: {failure.at} (- expected, + found)"]
    lines += [f"        {line}" for line in difflib.ndiff(failure.expected, failure.found) if not line.startswith("?")]
    return "\n".join(lines)
