"""`firedrill backfill`: what the log files have and Loki lacks is sent to it.

Exit code 0: Loki has every line (now). 1: it refused some for good, a file could not be read, or with --dry-run some
are missing. 2: it could not be found out; nothing was changed but what had been sent already.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from pathlib import Path

import click

from firedrill.logql.syntax import SECOND
from firedrill.shipping import catch_up, review, this_host
from firedrill.shipping.errors import CannotSay
from firedrill.shipping.positions import SHIPPERS
from firedrill.shipping.reviewed import Reviewed
from firedrill.shipping.sink import Sink
from firedrill.shipping.tally import Tally
from firedrill.store import arguments
from firedrill.store.source import DEFAULT_FILES

EXAMPLES = """\b
Examples:
  firedrill backfill --dry-run            on a bot host: is every line in its Loki? Nothing need be said
  firedrill backfill                      and if not: send what is missing
  firedrill backfill --loki http://127.0.0.1:3100 --labels job=bot,host=h --files './logs/*.jsonl*'
  firedrill backfill --shipper-stopped --loki http://127.0.0.1:3100 --labels job=bot,host=h \\
      --positions /var/lib/promtail/positions.yaml

\b
A shipper saves how far it has read, not what Loki took: killed while Loki is down, it forgets a batch. With
--shipper-stopped that batch and all it has not read yet is sent, and its positions are set behind it; the unit of the
shipper does so before each start. Without, whole days are compared, compressed ones too, as far as the shipper has
read; mm-log-review.timer does so every quarter of an hour. Lines that come after their stream has gone on carry the
label late="yes"; an identical line is stored once.
"""


@click.command(epilog=EXAMPLES)
@click.option("--files", multiple=True, help=f"Pattern of log files.  [default: {DEFAULT_FILES}]")
@click.option("--loki", help="URL of the Loki.")
@click.option("--tenant", envvar="LOKI_ORG_ID", help="Whose logs, in a Loki with tenants.  [env: LOKI_ORG_ID]")
@click.option("--labels", multiple=True, help="The labels the shipper gives all lines, such as job=bot,host=h.")
@click.option("--positions", type=click.Path(path_type=Path, dir_okay=False), help="The shipper's positions file.")
@click.option(
    "--shipper", type=click.Choice(SHIPPERS), default=SHIPPERS[0], show_default=True, help="Whose form it has."
)
@click.option("--shipper-stopped", is_flag=True, help="The shipper is down: bring Loki and its positions in line.")
@click.option("--remember", type=click.Path(path_type=Path, dir_okay=False), help="File of what was found complete.")
@click.option("--wait", default="20s", show_default=True, help="How long to wait for a Loki that is not ready.")
@click.option(
    "--settle", default="30s", show_default=True, help="When to look again at what the shipper may still hold."
)
@click.option("--dry-run", is_flag=True, help="Only say what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
def command(
    files: tuple[str, ...],
    loki: str | None,
    tenant: str | None,
    labels: tuple[str, ...],
    positions: Path | None,
    shipper: str,
    shipper_stopped: bool,
    remember: Path | None,
    wait: str,
    settle: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send Loki the lines of the log files that it lacks, oldest first."""
    if not labels or not loki:
        told = this_host.options()
        if not told:
            raise click.UsageError("say whose lines and where: --labels job=bot,host=NAME --loki http://127.0.0.1:3100")
        labels, loki = labels or (told["labels"],), loki or told["loki"]
        positions = positions or Path(told["positions"])
    if shipper_stopped and not positions:
        raise click.UsageError("--shipper-stopped sets the shipper's positions: say where they are with --positions")
    try:
        given = arguments.labels(labels)
        wait_s, settle_s = arguments.step(wait) / SECOND, arguments.step(settle) / SECOND
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tally = Tally(say=lambda text: click.echo(text, err=True))
    patterns = files or (DEFAULT_FILES,)
    try:
        sink = Sink(loki, given, tenant)
        sink.wait(wait_s, tally.say)
        if shipper_stopped and positions:
            catch_up.run(sink, patterns, catch_up.Shipper(shipper, positions), tally, dry_run)
        else:
            with contextlib.suppress(PermissionError):
                os.nice(19)
            remembered = Reviewed(remember, sink.url, given)
            review.run(sink, patterns, positions, remembered, tally, settle_s=settle_s, dry_run=dry_run)
    except CannotSay as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise click.Abort from None
    click.echo(json.dumps(tally.facts()) if as_json else tally.text(dry_run))
    raise SystemExit(1 if tally.refused or tally.unreadable or (dry_run and tally.missing) else 0)
