"""The command `python -m deploy`, for programs; operators use pyinfra."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from types import ModuleType

import click
from pyinfra.api.exceptions import PyinfraError

from .programs.artifact_command import command as artifact_command
from .templates import ROOT


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """What the deploy knows, for other programs."""


main.add_command(artifact_command)


@main.command("describe")
@click.argument("inventory", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data", "overrides", multiple=True, metavar="KEY=VALUE", help="As pyinfra's --data.")
def describe_command(inventory: Path, overrides: tuple[str, ...]) -> None:
    """Print what every host of INVENTORY should be, as JSON: how to reach it, its files by hash, units, ports, rules.

    \b
    Example:
      python -m deploy describe inventory/prod.py --data release=v1.4.0

    Exit status 2 with every reason when it cannot be said.
    """
    from .describe import describe

    try:
        described = describe(str(inventory), overrides, _services())
    except PyinfraError as error:
        raise SystemExit(_refuse(str(error))) from error
    click.echo(json.dumps(described))


@main.command("secrets")
@click.argument("inventory", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data", "overrides", multiple=True, metavar="KEY=VALUE", help="As pyinfra's --data.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def secrets_command(inventory: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Which secrets the hosts of INVENTORY want, and how the operator keeps them; `firedrill secrets check`."""
    from .describe import hosts_of
    from .settings.secrets_check import check, lines

    try:
        files = check(hosts_of(str(inventory), overrides))
    except (PyinfraError, OSError) as error:
        raise SystemExit(_refuse(str(error))) from error
    if as_json:
        click.echo(json.dumps([file.as_dict() for file in files], indent=2))
    else:
        click.echo("\n".join(line for file in files for line in lines(file)))
    raise SystemExit(any(file.problems for file in files))


def _services() -> tuple[ModuleType, ...]:
    """The table of contents, from the one place where it stands."""
    services = runpy.run_path(str(ROOT / "deploy.py"), run_name="describe")["SERVICES"]
    assert isinstance(services, tuple)
    return services


def _refuse(reason: str) -> int:
    click.echo(reason, err=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
