"""`python -m dashboards build` writes dashboards/json; `check` says which of its files are stale, and exits 1."""

from __future__ import annotations

import sys

import click

from dashboards import build


@click.command()
@click.argument("what", type=click.Choice(["build", "check"]))
def main(what: str) -> None:
    """Write dashboards/json from the code (build), or name the files that differ from it (check)."""
    names = build.write() if what == "build" else build.stale()
    for name in names:
        click.echo(f"{'wrote' if what == 'build' else 'stale'} {name}")
    if not names:
        click.echo("dashboards/json is up to date")
    if names and what == "check":
        sys.exit(1)


if __name__ == "__main__":
    main()
