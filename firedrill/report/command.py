"""`firedrill report`: the last 24 hours in the seed's lines, in tables, as JSON or as a page.

Exit code 0: here it is. 1: the period holds no line. 2: the logs could not be asked.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from firedrill.charts import ChartError
from firedrill.logql.syntax import QueryError
from firedrill.report.as_json import as_json
from firedrill.report.ask import ask, ask_over
from firedrill.report.figures import Figures, figures
from firedrill.report.page import as_html
from firedrill.report.patience import patience
from firedrill.report.period import Period
from firedrill.report.plots import charts, plot_questions, step_of
from firedrill.report.questions import questions
from firedrill.report.text import as_text
from firedrill.runner.report import write
from firedrill.store.source import Source, source_options
from firedrill.store.store import Store, StoreError


class NoAnswer(click.ClickException):
    """The logs could not be asked."""

    exit_code = 2


@click.command()
@click.option("--since", default="24h", show_default=True, help="Length of the period: 24h, 90m, 7d.")
@click.option("--at", default="now", show_default=True, help="End of the period: now, unix seconds, RFC 3339.")
@source_options
@click.option("--json", "wants_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page with plots.")
def command(since: str, at: str, source: Source, wants_json: bool, page: Path | None) -> None:
    """What the bot did in the last 24 hours, and whether that was good.

    First the lines that scripts read (E_TICK_total_last_24h=0 ...), then a table of markets, the success metrics with
    their verdicts, and what ran. The numbers are the same from files and from Loki.

    \b
    On the bot's host:
      firedrill report
    The log files of a day that was copied here, up to its midnight:
      firedrill report --files 'logs/events-2026-01-02.jsonl' --at 2026-01-03T00:00:00Z
    The last two hours of all hosts of a fleet, from Loki:
      firedrill report --since 2h --loki http://loki:3100
    For a script, and one number of it:
      firedrill report --json | jq '.success_metrics.avg_hold_time_min'
    A page for people who look rather than read (an operator's machine draws it; a bot host has no matplotlib):
      firedrill report --loki http://loki:3100 --html report.html

    Exit code 0: the report was made, whatever it says. 1: the period holds no line. 2: the logs could not be asked.
    """
    try:
        period = Period.read(since, at, time.time_ns())
        store = source.open()
        with patience("reading the logs", sys.stderr):
            found = figures(ask(store, questions(period.over), period.end))
        if not found.lines:
            click.echo(f"The logs hold no line of the bot from {period}.", err=True)
            raise SystemExit(1)
        if page:
            write(page, drawn(store, found, period).encode())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except (QueryError, StoreError, ChartError, OSError) as error:
        raise NoAnswer(str(error)) from None
    click.echo(as_json(found, period) if wants_json else as_text(found, period))


def drawn(store: Store, found: Figures, period: Period) -> str:
    """The page; asks for what changes over time."""
    step = step_of(period)
    with patience("drawing", sys.stderr):
        answers = ask_over(store, plot_questions(period), period.start + step, period.end, step)
    return as_html(found, period, charts(answers, period))
