"""`firedrill rules lint | test`: whether alert rules are sound, and whether they ring when they should.

Exit code 0: all is well. 1: a problem or a failed test. 2: it could not be found out.
"""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from firedrill.store import rule_files
from firedrill.store.lint import lint as lint_path
from firedrill.store.rule_tests import Failure, TestFileError, run_file

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
FOREIGN = click.option("--foreign", is_flag=True, help="The rules are about another program's logs than the bot's.")


@click.group()
def command() -> None:
    """Lint and test alert rules."""


LINT_EXAMPLES = """\b
Examples:
  firedrill rules lint alerts                      all families, with their names checked against the bot's events
  firedrill rules lint /etc/loki/rules --foreign   any folder of Loki rule files
"""


@command.command(epilog=LINT_EXAMPLES)
@PATHS
@FOREIGN
def lint(paths: tuple[Path, ...], foreign: bool) -> None:
    """Check rule files, or folders of them: syntax, names, stray files, rules that one odd line would blind."""
    results = [lint_path(path, foreign) for path in paths]
    problems = [problem for _, found in results for problem in found]
    for problem in problems:
        click.echo(str(problem))
    rules = sum(len(group.rules) for groups, _ in results for group in groups)
    click.echo(f"{rules} rule(s), {len(problems)} problem(s)")
    raise SystemExit(1 if problems else 0)


@command.command()
@PATHS
@FOREIGN
def test(paths: tuple[Path, ...], foreign: bool) -> None:
    """Run test files (tests.yaml), or all of those in folders."""
    files = [file for path in paths for file in (rule_files.find(path).tests if path.is_dir() else [path])]
    if not files:
        click.echo(f"no tests.yaml below {', '.join(map(str, paths))}", err=True)
        raise SystemExit(2)
    worst = 0
    for file in files:
        click.echo(f"Unit Testing: {file}")
        try:
            failures = run_file(file, foreign)
        except TestFileError as error:
            click.echo(f"  ERROR: {error}", err=True)
            worst = 2
            continue
        click.echo("  FAILED:" if failures else "  SUCCESS")
        for failure in failures:
            click.echo(_shown(failure))
        worst = max(worst, 1 if failures else 0)
    raise SystemExit(worst)


def _shown(failure: Failure) -> str:
    lines = [f"    {failure.test}", f"      alertname: {failure.alert}, time: {failure.at} (- expected, + found)"]
    lines += [f"        {line}" for line in difflib.ndiff(failure.expected, failure.found) if not line.startswith("?")]
    return "\n".join(lines)
