"""`firedrill dashboards`: what Grafana would show, on a laptop without Grafana, and what it reads on a host."""

from __future__ import annotations

import time
from pathlib import Path

import click

from firedrill.charts import Canvas, ChartError
from firedrill.dashboards.ask import Asker
from firedrill.dashboards.macros import Times
from firedrill.dashboards.model import DashboardError, load
from firedrill.dashboards.preview import Outcome
from firedrill.dashboards.preview import preview as draw
from firedrill.dashboards.publish import RELEASED, changes, write
from firedrill.store import arguments
from firedrill.store.source import DEFAULT_FILES, Source, source_options
from firedrill.store.store import StoreError

FOLDER = Path("dashboards/json")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Grafana's dashboards: drawn without Grafana, and kept in step with the release on a host."""


@command.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write; made if it is not there.")
@source_options
@click.option("--since", default="24h", show_default=True, help="Length of the time shown.")
@click.option("--end", default="now", show_default=True, help="End of the time shown.")
@click.option("--var", "variables", multiple=True, help="A variable's value, such as market=BTC.")
@click.option(
    "--dashboards",
    "folder",
    type=click.Path(path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Folder of dashboards in Grafana's JSON.",
)
def preview(out: Path, source: Source, since: str, end: str, variables: tuple[str, ...], folder: Path) -> None:
    """Draw every panel of every dashboard to one HTML page, and each dashboard to a PNG.

    \b
    Examples:
      firedrill dashboards preview --out shots                       this host's log, the last day
      firedrill dashboards preview --out shots --files 'day.jsonl' --labels job=bot,host=h1 --end 2026-01-03
      firedrill dashboards preview --out shots --loki http://127.0.0.1:3100 --since 1h --var market=BTC

    A panel without data or with a wrong query says so in its place, and in the summary. Exits 0 when every panel was
    drawn, with or without data; 1 when one failed or when no panel has any data; 2 when an option is wrong.
    """
    try:
        last = arguments.instant(end, time.time_ns())
        times = Times(last - arguments.step(since), last)
        asker = Asker(source.open(), times, arguments.labels(variables))
        Canvas(1, 1)  # where nothing can be drawn, nothing needs to be asked
        outcome = draw(load(folder), asker, out, _where(source), lambda text: click.echo(text, err=True))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except (StoreError, DashboardError, ChartError) as error:
        raise click.ClickException(str(error)) from None
    _tell(outcome, out)


@command.command("import")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder that Grafana's file provider reads; it must be there.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    default=RELEASED,
    show_default="those of the release that runs",
    help="Folder of dashboards in Grafana's JSON.",
)
@click.option("--runbooks", default="", metavar="URL", help="Where runbooks are read; without it panels have no links.")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when something would change.")
def import_command(folder: Path, source: Path, runbooks: str, check: bool) -> None:
    """Make a folder hold exactly the dashboards of the release, for Grafana to read.

    mm-bot-grafana-import.timer runs this on a host, so that dashboards follow the release; it needs no Grafana, no
    network and no API token. A dashboard appears whole or not at all; one that is no longer in the release goes.

    \b
    Examples:
      firedrill dashboards import --to /var/lib/mm-dashboards
      firedrill dashboards import --to /var/lib/mm-dashboards --check      is it in step?
      firedrill dashboards import --to out --runbooks https://git.example/desk/mmstack/blob/main

    Exits 0 when the folder is in step; 1, with nothing touched, when a dashboard of the release is broken or the folder
    cannot be written; 2 when an option is wrong.
    """
    try:
        if not folder.is_dir():
            raise click.UsageError(f"{folder} is no folder; make it first, or give another --to")
        work = changes(source, folder, runbooks)
        if not check:
            write(folder, work)
    except DashboardError as error:
        raise click.ClickException(f"{error}; nothing was changed in {folder}") from None
    except OSError as error:
        raise click.ClickException(f"{folder}: {error}") from None
    for change in work:
        click.echo(f"would be {change}" if check else change)
    click.echo(f"{folder}: {len(work)} {'to change' if check else 'changed'}")
    if check and work:
        raise SystemExit(1)


def _where(source: Source) -> str:
    return source.loki or ", ".join(source.files or (DEFAULT_FILES,))


def _tell(outcome: Outcome, out: Path) -> None:
    for line in outcome.lines():
        click.echo(line, err=True)
    click.echo(out / "index.html")
    if outcome.failed or outcome.blank:
        raise SystemExit(1)
