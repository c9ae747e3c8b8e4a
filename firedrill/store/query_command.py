"""`firedrill query`: ask the logs with LogQL, on files or on Loki, without a server of one's own.

A metric query is answered at one time, or over a range when --start, --end or --step is given; a
log query shows the lines of a range.
"""

from __future__ import annotations

import difflib
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import click
from click.shell_completion import CompletionItem

from firedrill.logql.parse import parse
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.logql.text import print_number
from firedrill.store import arguments
from firedrill.store.cookbook import QUERIES
from firedrill.store.embedded import Embedded
from firedrill.store.source import Source, source_options
from firedrill.store.store import Answer, Labels, Scalar, Span, Store, StoreError, Streams
from firedrill.store.tail import frame, in_order

EXAMPLES = """\b
Examples:
  firedrill query ack-p95                          a name, on this host's files, now
  firedrill query rejects --since 24h --json       lines, as Loki's HTTP API gives them
  firedrill query orders --files './*.jsonl' --start 2026-11-21T10:00:00Z --step 1m
  firedrill query '{job="bot"} |= "0x0000002a"'    all lines of one order
  firedrill query fills --loki http://log-host:3100
  firedrill query errors --tail                    go on with those that come

\b
Names complete with TAB after one of these lines in ~/.bashrc or ~/.zshrc:
  eval "$(_FIREDRILL_COMPLETE=bash_source firedrill)"
  eval "$(_FIREDRILL_COMPLETE=zsh_source firedrill)"
"""


def _complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=QUERIES[name].summary) for name in QUERIES if name.startswith(incomplete)]


def _list_names(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        for family, named in groupby(QUERIES.items(), lambda item: item[1].family):
            rows = [f"  {name:17} {one.summary}\n{'':20}{one.query}" for name, one in named]
            click.echo("\n".join([f"{family}:", *rows, ""]))
        context.exit()


@dataclass(frozen=True, slots=True)
class Times:
    """The time options as they were given."""

    at: str
    since: str
    start: str | None
    end: str | None
    step: str | None
    limit: int
    forward: bool


@click.command(epilog=EXAMPLES)
@click.argument("query", shell_complete=_complete)
@source_options
@click.option("--at", default="now", show_default=True, help="When a metric query is answered.")
@click.option("--since", default="1h", show_default=True, help="Length of a range that has no --start.")
@click.option("--start", help="Start of a range.")
@click.option("--end", help="End of a range.  [default: --at]")
@click.option("--step", help="Step of a metric query over a range.")
@click.option("--limit", default=100, type=click.IntRange(min=1), show_default=True, help="Lines shown at most.")
@click.option("--forward", is_flag=True, help="Oldest lines first.")
@click.option("--tail", is_flag=True, help="Show the last lines and go on with those that come, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print the data object of Loki's HTTP API.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_names, help="Named queries.")
def command(
    query: str,
    source: Source,
    at: str,
    since: str,
    start: str | None,
    end: str | None,
    step: str | None,
    limit: int,
    forward: bool,
    tail: bool,
    as_json: bool,
) -> None:
    """Ask the logs: QUERY is LogQL, or a name of `firedrill query --list`."""
    try:
        text = _text(query, source)
        times = Times(at, since, start, end, step, limit, forward)
        if tail:
            _follow(source.open(follow=True), text, times, as_json)
            return
        store = source.open()
        answer = _ask(store, text, times)
    except (QueryError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    for path, why in store.passed_over.items() if isinstance(store, Embedded) else ():
        click.echo(f"{path}: {why}", err=True)
    click.echo(json.dumps(answer.data()) if as_json else _shown(answer))


def _follow(store: Store, query: str, times: Times, as_json: bool) -> None:
    if times.end or times.step or times.at != "now" or times.forward:
        raise ValueError("--tail goes on for ever: it takes --since, --start and --limit, no other time")
    now = time.time_ns()
    start = arguments.instant(times.start, now) if times.start else now - arguments.step(times.since)
    try:
        for found in filter(lambda found: found.streams, store.tail(query, start, times.limit)):
            click.echo(json.dumps(frame(found)) if as_json else _shown(found))
    except KeyboardInterrupt:
        return


def _text(query: str, source: Source) -> str:
    """The LogQL that is meant. It is parsed here unless it goes to a Loki, which may know more than we do."""
    if query in QUERIES:
        return QUERIES[query].query
    if re.fullmatch(r"[A-Za-z][\w-]*", query):
        near = difflib.get_close_matches(query, QUERIES, n=3)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"no query is called {query!r}: {meant}`firedrill query --list` shows all names")
    if not source.loki:
        parse(query)
    return query


def _ask(store: Store, query: str, times: Times) -> Answer:
    now = time.time_ns()
    at = arguments.instant(times.at, now)
    end = arguments.instant(times.end, now) if times.end else at
    start = arguments.instant(times.start, now) if times.start else end - arguments.step(times.since)
    if query.lstrip("( \t\n").startswith("{"):  # a log query; not parsed here, Loki may know more than we do
        return store.logs(query, Span(start, end, times.limit, backward=not times.forward))
    if times.start or times.end or times.step:
        return store.range(query, start, end, arguments.step_for(times.step, start, end))
    return store.instant(query, at)


def _shown(answer: Answer) -> str:
    if isinstance(answer, Scalar):
        return print_number(answer.value)
    if isinstance(answer, Streams):
        return "\n".join(f"{_clock(at)} {line}" for at, _, line in in_order(answer)) or "no lines"
    rows = [(_pairs(one.labels), at, value) for one in answer.series for at, value in one.points]
    if not rows:
        return "no series"
    width = max(len(labels) for labels, _, _ in rows)
    return "\n".join(f"{labels:{width}}  {_clock(at)}  {print_number(value)}" for labels, at, value in rows)


def _pairs(labels: Labels) -> str:
    return "{" + ", ".join(f'{name}="{text}"' for name, text in labels.items()) + "}"


def _clock(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds / SECOND, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
