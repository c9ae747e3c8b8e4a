"""The command `firedrill secrets`. What is wanted the checkout's `deploy` knows: it is asked, as a process."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import click


@click.group("secrets", short_help="Which secrets hosts want, and how they are kept.")
def command() -> None:
    """Secrets stand in one file a group, `inventory/secrets/GROUP.env`, one NAME=value a line, and nowhere else.

    A deploy seals them on the host with a key that only this host has (systemd-creds), and systemd hands each to the
    one unit that needs it, in memory. To rotate one: change its line and deploy; what reads it is restarted.
    """


@command.command("check")
@click.argument("inventory")
@click.option("--data", multiple=True, metavar="KEY=VALUE", help="As pyinfra's --data, if the deploy is given it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(inventory: str, data: tuple[str, ...], as_json: bool) -> None:
    """List the secrets that the hosts of INVENTORY want: present, missing, unused; the mode of the file; git's view.

    Names only, never a value. No host is asked.

    \b
    Examples:
      firedrill secrets check inventory/prod.py
      firedrill secrets check inventory/prod.py --data alert_channels=slack,webhook --json

    Exit status 0: all there and well kept; 1: something is missing, or others can read it; 2: cannot be said.
    """
    if PathFinder.find_spec("deploy", [str(Path.cwd()), *sys.path]) is None:
        click.echo("there is no deploy here: run firedrill in a checkout of the repository", err=True)
        sys.exit(2)
    if not Path(inventory).is_file():
        click.echo(f"there is no inventory {inventory}: name a file such as inventory/prod.py", err=True)
        sys.exit(2)
    words = [inventory, *(f"--data={pair}" for pair in data), *(["--json"] if as_json else [])]
    done = subprocess.run([sys.executable, "-m", "deploy", "secrets", *words])
    sys.exit(done.returncode if done.returncode in (0, 1) else 2)
