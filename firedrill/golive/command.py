"""`firedrill golive`: GO or NO-GO for the next leg of going live, criterion by criterion.

Exit code 0: GO. 1: NO-GO. 2: the logs could not be asked.
"""

from __future__ import annotations

import sys
import time

import click

from firedrill.golive.judge import judge
from firedrill.golive.phases import PHASES
from firedrill.golive.show import as_json, as_text
from firedrill.logql.syntax import QueryError
from firedrill.report.command import NoAnswer
from firedrill.report.patience import patience
from firedrill.report.period import Period
from firedrill.store.source import Source, source_options
from firedrill.store.store import StoreError


@click.command()
@click.option("--phase", required=True, type=click.Choice(list(PHASES)), help="The phase whose logs are judged.")
@click.option("--since", help="Length of the period.  [default: 2h; 48h for scale]")
@click.option("--at", default="now", show_default=True, help="End of the period: now, unix seconds, RFC 3339.")
@source_options
@click.option("--queries", is_flag=True, help="Show the query behind every criterion, not only where one is missed.")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object instead of text.")
def command(phase: str, since: str | None, at: str, source: Source, queries: bool, wants_json: bool) -> None:
    """GO or NO-GO: whether the logs of one phase allow the next.

    \b
    paper   before any live order: 30 minutes without an error, start-up sanity, clean telemetry, kill switch tested
    shadow  what would have been sent: it never crosses, and cancels stay below the breaker
    live-1  the first hour in one market: entries in their zones, TP locked, legal states, no false trip
    scale   after 24 to 48 hours, before more markets: the runbook's green-light numbers

    What the logs do not show counts as NO-GO, with what they lack.

    \b
    On the bot's host, after half an hour on paper:
      firedrill golive --phase paper
    In a script that goes on only at GO:
      firedrill golive --phase live-1 && echo "let it run for 24 hours"
    From Loki, with the query behind every number:
      firedrill golive --phase scale --loki http://loki:3100 --queries
    A log that was copied here, up to the time it ended:
      firedrill golive --phase paper --files paper.jsonl --at 2026-01-02T10:40:00Z

    Exit code 0: GO. 1: NO-GO. 2: the logs could not be asked.
    """
    try:
        period = Period.read(since or PHASES[phase].since, at, time.time_ns())
        with patience("reading the logs", sys.stderr):
            found = judge(source.open(), PHASES[phase], period.over, period.end)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except (QueryError, StoreError) as error:
        raise NoAnswer(str(error)) from None
    click.echo(as_json(phase, found, period) if wants_json else as_text(phase, found, period, queries))
    raise SystemExit(0 if all(finding.passed for finding in found) else 1)
