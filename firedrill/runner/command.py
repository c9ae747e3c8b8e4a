"""`firedrill run`: the command line. Exit codes: 0 green, 1 red, 2 could not run."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from firedrill.runner.expectations import CannotRun, Question, select
from firedrill.runner.report import as_json, as_junit, write
from firedrill.runner.results import Run

SETTLE_S = 25.0


@click.command("run", short_help="Check every host of an inventory and drill its alarms.")
@click.argument("inventory")
@click.option("--drill", "drills", multiple=True, metavar="NAME", help="Only this drill (repeatable; default: all).")
@click.option("--no-drills", is_flag=True, help="Checks only: nothing on the host is touched.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Only this host (repeatable; default: all).")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="As pyinfra's --data, if the deploy was given it.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a JSON report.")
@click.option("--junit", "junit_file", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=SETTLE_S,
    show_default=True,
    metavar="SECONDS",
    help="How long a red host is asked again while a service of it has just started.",
)
def command(
    inventory: str,
    drills: tuple[str, ...],
    no_drills: bool,
    hosts: tuple[str, ...],
    data: tuple[str, ...],
    json_file: Path | None,
    junit_file: Path | None,
    settle: float,
) -> None:
    """Check that the hosts of INVENTORY are what this checkout says, and that their alarms ring.

    Every red check names the host, what was found, what was expected and what to do. Drills inject a fault, wait for
    its alarm and put everything back; some stop the bot or the log store for about a minute, and all of them together
    take about 20 minutes. Exit status 0 green, 1 red, 2 could not run.

    \b
    Examples:
      firedrill run inventory/sandbox.py                        every check, every drill
      firedrill run inventory/prod.py --no-drills               only look
      firedrill run inventory/prod.py --host bot-1 --drill etick_error --json report.json

    An unknown --drill lists those there are; alerts/ tells what each alarm means.
    """
    try:
        wanted = _wanted_drills(drills, no_drills)
        _can_be_written(json_file, junit_file)
        with Question(inventory, data=data) as question:
            run = _run(question, wanted, hosts, settle)
        for path, content in ((json_file, as_json), (junit_file, as_junit)):
            if path is not None:
                write(path, content(run))
    except (CannotRun, OSError) as error:
        click.echo(f"firedrill: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("firedrill: interrupted; a host in the middle of a drill restores itself", err=True)
        sys.exit(2)
    sys.exit(run.exit_code)


def _can_be_written(*reports: Path | None) -> None:
    for path in reports:
        if path is not None and not path.absolute().parent.is_dir():
            raise CannotRun(f"the report {path} has no directory to lie in: create {path.absolute().parent}")


def _run(question: Question, drills: tuple[str, ...], names: tuple[str, ...], settle: float) -> Run:
    # Imported while the other process reads the inventory; workers are forks, and need not import it again.
    from firedrill.runner.crew import Crew
    from firedrill.runner.progress import Progress
    from firedrill.runner.worker import Plan

    targets = select(question.answer(), names)
    progress, started_at = Progress(sys.stdout), time.time()
    crew = Crew(targets, Plan(drills, settle))
    run = Run(inventory=question.inventory, started_at=started_at, hosts=crew.gather(progress.show))
    progress.summary(run)
    return run


def _wanted_drills(names: tuple[str, ...], none: bool) -> tuple[str, ...]:
    from firedrill.drills.catalogue import DRILLS

    unknown = [name for name in names if name not in DRILLS]
    if unknown:
        raise CannotRun(f"no drill {', '.join(unknown)}; there are {', '.join(DRILLS)}")
    if none and names:
        raise CannotRun("--drill and --no-drills contradict each other: name one of them")
    return () if none else names or tuple(DRILLS)
