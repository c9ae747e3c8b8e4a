"""`firedrill dashboards`: what Grafana would show, on a laptop without Grafana."""

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
from firedrill.store import arguments
from firedrill.store.source import DEFAULT_FILES, Source, source_options
from firedrill.store.store import StoreError

FOLDER = Path("dashboards/json")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Grafana's dashboards, drawn without Grafana."""


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


def _where(source: Source) -> str:
    return source.loki or ", ".join(source.files or (DEFAULT_FILES,))


def _tell(outcome: Outcome, out: Path) -> None:
    for line in outcome.lines():
        click.echo(line, err=True)
    click.echo(out / "index.html")
    if outcome.failed or outcome.blank:
        raise SystemExit(1)
