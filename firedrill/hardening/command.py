"""`firedrill hardening`: the command line. Exit codes: 0 all that can bite does, 1 not so, 2 cannot be said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from firedrill.checks.target import Target
from firedrill.hardening.ask import CannotAsk, ask
from firedrill.hardening.judge import Answer
from firedrill.hardening.table import Column, columns, lines
from firedrill.runner.expectations import CannotRun, Question, select


@click.command("hardening", short_help="Try what hardened units must not do.")
@click.argument("inventory")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Only this host (repeatable; default: all).")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="As pyinfra's --data, if the deploy was given it.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a JSON report.")
def command(inventory: str, hosts: tuple[str, ...], data: tuple[str, ...], json_file: Path | None) -> None:
    """Try 39 forbidden acts in copies of our units, and print what came of them beside the exposure score.

    Every act is tried four ways: in a copy of the unit, in a copy of what the distribution ships under that name, as
    root under the one directive that forbids it, and as root under none. "bites": it goes through without hardening
    and not in the unit. "not enforceable": the directive alone does not stop it on this host either, as in a container
    without control group filters. "not testable": it fails here without any hardening. "open": no directive of the unit
    forbids it; "closed": none claims to, and yet it fails. The services that run are not touched; the copies lie in
    /run for about five seconds, and nothing they do leaves anything behind.

    \b
    Examples:
      firedrill hardening inventory/sandbox.py
      firedrill hardening inventory/prod.py --host bot-1 --json hardening.json

    Exit status 0: whatever can bite does, and every score is within its limit; 1: not so; 2: cannot be said.
    """
    try:
        with Question(inventory, data=data) as question:
            targets = select(question.answer(), hosts)
        found = {target.name: _read(target) for target in targets}
        if json_file is not None:
            json_file.write_text(json.dumps({name: _report(table) for name, (_, table) in found.items()}, indent=2))
    except (CannotRun, CannotAsk, OSError) as error:
        click.echo(f"firedrill: {error}", err=True)
        sys.exit(2)
    for name, (answer, table) in found.items():
        click.echo("\n".join(lines(name, answer, table)))
    sys.exit(any(column.problems for _, table in found.values() for column in table))


def _read(target: Target) -> tuple[Answer, list[Column]]:
    # Imported late: the parser of keys and ciphers takes a third of a second, and --help needs none.
    from firedrill.runner.hosts import Host, Unreachable

    host, limits = Host(target), {name: target.expected.units[name].max_exposure for name in target.expected.hardened}

    def run(script: str, stdin: bytes) -> tuple[int, str, str]:
        done = host.run(script, stdin)
        return done.status, done.out, done.err

    try:
        answer = ask(list(limits), run)
    except (CannotAsk, Unreachable) as error:
        raise CannotAsk(f"{target.name}: {error}") from error
    finally:
        host.close()
    return answer, columns(answer, limits)


def _report(table: list[Column]) -> list[dict[str, object]]:
    return [
        {
            "unit": column.unit,
            "score": column.score,
            "limit": column.limit,
            "acts": {
                name: {"verdict": verdict.value, "evidence": why} for name, (verdict, why) in column.found.items()
            },
            "problems": list(column.problems),
        }
        for column in table
    ]
