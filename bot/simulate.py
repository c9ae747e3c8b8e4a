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
from bot.venues.simulators.kalshi import faults as kalshi_faults

if TYPE_CHECKING:
    from bot.venues.simulators.tape import Tape


@click.group()
def simulate() -> None:
    """Serve a venue on this machine, to try a bot or the venue's own client on."""


class FaultListing(click.Command):
    """A command whose help ends with every fault there is at its venue."""

    table = faults.WHERE

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Faults (where they strike unless `where` says otherwise)"):
            formatter.write_dl([(name, f"{what} ({place})") for name, (what, place, _) in self.table.items()])


class KalshiFaultListing(FaultListing):
    """The same of Kalshi's."""

    table = kalshi_faults.WHERE


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


@simulate.command(cls=KalshiFaultListing, short_help="/trade-api/v2 and its websocket on 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=0, show_default=True, help="Prices, crowd and chances of faults.")
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help="Of scripts, budgets.")
@click.option(
    "--script", "script_file", type=click.Path(path_type=Path), metavar="FILE", help="The games, YAML or JSON."
)
@click.option(
    "--faults", "file", type=click.Path(path_type=Path), metavar="FILE", help="What goes wrong, YAML or JSON."
)
def kalshi(port: int, seed: int, speed: float, script_file: Path | None, file: Path | None) -> None:
    """Serve Kalshi until SIGTERM or SIGINT. Once it answers, one JSON line says where, and with which key to sign.

    \b
    Try it:
      mm-bot simulate kalshi --port 8124 --speed 60
      {"url": "http://127.0.0.1:8124/trade-api/v2", "ws_url": "ws://127.0.0.1:8124/trade-api/ws/v2",
       "key_id": "..", "private_key_file": "/tmp/../key.pem"}
      curl -s http://127.0.0.1:8124/trade-api/v2/markets

    The account holds 10,000 USD. The key is fresh each time and its file goes with the simulator. Without a script it
    is an evening of eight markets, from hours before the games to their settlement; the same seed plays the same.

    \b
    The script FILE; all keys of a market but the first four may be left out:
      series: [{ticker: KXNHLGAME, fee_type: quadratic}]
      markets:
        - ticker: KXNHLGAME-26OCT10UTAVGK-VGK
          event: KXNHLGAME-26OCT10UTAVGK
          series: KXNHLGAME
          path: [[0, 0.55], [300, 0.47], [600, 0.47], [600, 0.58]]  # seconds, dollars; the same second twice: a jump
          structure: linear_cent   # or ranges: [{start: "0.00", end: "1.00", step: "0.01"}]
          starts_s: 3600           # the game; quotes had better be gone by then
          closes_s: 7200
          determined_s: 7260
          settles_s: 7320
          result: "yes"            # or "no", or scalar with a value
          happenings: [{at_s: 900, what: deactivate}, {at_s: 960, what: activate},
                       {at_s: 1200, what: structure, structure: deci_cent}]
      happenings: [{at_s: 1800, what: pause_trading}, {at_s: 1860, what: resume}]  # or pause_exchange
      thursdays: true              # the weekly maintenance, by New York's clock

    \b
    The faults FILE is a list; all keys but `fault` may be left out:
      faults:
        - {fault: unknown, where: orders:create, after: 3, count: 1}
        - {fault: seq_gap, start_s: 10, count: 1}
        - {fault: reject, count: 2, text: invalid_price}
    """
    from bot.venues.simulators.kalshi import script
    from bot.venues.simulators.kalshi.serve import serve  # only this command pays for the web server

    try:
        plan = kalshi_faults.Plan() if file is None else kalshi_faults.read(file)
        games = None if script_file is None else script.read(script_file)
        asyncio.run(serve(port, HostClock(), seed, speed, plan, games, lambda ready: click.echo(json.dumps(ready))))
    except FixSettings as error:
        click.echo("\n".join(error.reasons), err=True)
        sys.exit(2)
    except BotError as error:
        raise click.ClickException(str(error)) from error


def _tapes(path: Path) -> Mapping[str, Tape]:
    """The markets of a recording, with a word to people on what is played and what is not."""
    from bot.recorded.recording import NoRecording
    from bot.recorded.tape import Tapes
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
