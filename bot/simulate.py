"""The command `mm-bot simulate`: parses words and hands them to a simulated venue."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.clock import NANOS, HostClock
from bot.errors import BotError, FixSettings
from bot.venues.simulators.hyperliquid import faults

if TYPE_CHECKING:
    from bot.venues.simulators.tape import Tape


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
@click.option(
    "--recording",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prices of `mm-bot run --record FILE` come again in the markets it holds.",
)
def hyperliquid(port: int, seed: int, speed: float, file: Path | None, recording: Path | None) -> None:
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

    A recording gives the best prices and sizes of its markets as they came, run after run without the gaps between;
    who takes, and what stands behind the best, is the seed's. At its end the prices stand still.
    """
    # Only this command pays for the web server and for the session's structs.
    from bot.venues.simulators.hyperliquid.serve import serve
    from bot.venues.simulators.hyperliquid.server import Simulator

    try:
        plan = faults.Plan() if file is None else faults.read(file)
        simulator = Simulator(HostClock(), seed, speed, plan, {} if recording is None else _tapes(recording))
        asyncio.run(serve(simulator, port, lambda ready: click.echo(json.dumps(ready))))
    except FixSettings as error:
        click.echo("\n".join(error.reasons), err=True)
        sys.exit(2)
    except BotError as error:
        raise click.ClickException(str(error)) from error


def _tapes(path: Path) -> Mapping[str, Tape]:
    """The markets of a recording, with a word to people on what is played and what is not."""
    from bot.recording import NoRecording
    from bot.tape import Tapes
    from bot.venues.simulators.hyperliquid.market import UNIVERSE

    tapes, listed = Tapes(path), {one.coin for one in UNIVERSE if not one.delisted}
    played = sorted(tapes.markets.keys() & listed)
    if not played:
        raise NoRecording(f"{path} has prices of {', '.join(sorted(tapes.markets))}: the simulator lists none of them")
    click.echo(f"playing {', '.join(played)}: {tapes.length / NANOS:.0f} s at --speed 1", err=True)
    for missing in sorted(tapes.markets.keys() - listed):
        click.echo(f"{missing} is recorded, but the simulator does not list it: left out", err=True)
    if tapes.damaged:
        click.echo(f"{tapes.damaged} lines of {path} are damaged: left out", err=True)
    return {market: tapes.markets[market] for market in played}
