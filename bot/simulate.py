"""The command `mm-bot simulate`: parses words and hands them to a simulated venue."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from bot.clock import HostClock
from bot.errors import BotError, FixSettings
from bot.venues.simulators.hyperliquid import faults


@click.group()
def simulate() -> None:
    """Serve a venue on this machine, to try a bot or the venue's own client on."""


class FaultListing(click.Command):
    """A command whose help ends with every fault there is."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Faults (where they strike unless `where` says otherwise)"):
            formatter.write_dl([(name, f"{what} ({place})") for name, (what, place, _) in faults.WHERE.items()])


@simulate.command(cls=FaultListing, short_help="/info, /exchange and /ws on 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=0, show_default=True, help="Prices, crowd, accounts and chances of faults.")
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help="Of prices, budgets.")
@click.option(
    "--faults", "file", type=click.Path(path_type=Path), metavar="FILE", help="What goes wrong, YAML or JSON."
)
def hyperliquid(port: int, seed: int, speed: float, file: Path | None) -> None:
    """Serve Hyperliquid until SIGTERM or SIGINT. Once it answers, one JSON line says where, and the accounts to use.

    \b
    Try it:
      mm-bot simulate hyperliquid --port 8123 --faults faults.yaml
      {"url": "http://127.0.0.1:8123", "ws_url": "ws://127.0.0.1:8123/ws",
       "accounts": [{"address": "0x..", "agent_key": "0x..", ...}, ...]}
      curl -s -H 'Content-Type: application/json' -d '{"type": "allMids"}' http://127.0.0.1:8123/info

    The accounts hold 100,000 USD each; the first has traded enough for scheduleCancel, the others have not. The same
    seed gives the same accounts and prices.

    \b
    FILE is a list; all keys but `fault` may be left out:
      faults:
        - fault: unknown            # the action is taken, the answer never comes
          where: exchange:order     # exchange, info or ws; after a colon the action, question or channel
          after: 3                  # the first three pass
          count: 1                  # then it strikes once (0: without end)
        - {fault: frozen_feed, start_s: 10, seconds: 5}
        - {fault: delay, where: ws:userFills, delay_s: 2, chance: 0.2}
        - {fault: reject, count: 2, text: "Price must be divisible by tick size. asset={asset}"}
    """
    from bot.venues.simulators.hyperliquid.serve import serve  # only this command pays for the web server

    try:
        plan = faults.Plan() if file is None else faults.read(file)
        asyncio.run(serve(port, HostClock(), seed, speed, plan, lambda ready: click.echo(json.dumps(ready))))
    except FixSettings as error:
        click.echo("\n".join(error.reasons), err=True)
        sys.exit(2)
    except BotError as error:
        raise click.ClickException(str(error)) from error
