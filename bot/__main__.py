"""The command `mm-bot`. Parses words, prints, and sets the exit status: 0 done, 1 failed, 2 fix the settings."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from bot import quantize, release, sanity, settings, simulate
from bot.clock import HostClock
from bot.errors import BotError, CannotStart, FixSettings
from bot.risk import limits
from bot.runtime import control, heartbeat
from bot.runtime.credentials import Credentials
from bot.runtime.service_manager import ServiceManager
from bot.sanity import Check
from bot.strategy import edge_locked
from bot.venues import connection, paper
from bot.venues.hyperliquid.signing import network_of

DEMO = Path("mm-bot-demo")
DEMO_ENV = f"LOG_DIR={DEMO}/log\nSTATE_DIR={DEMO}/state\nCONTROL_SOCKET={DEMO}/control.sock\n"
SOCKETS = (Path(settings.TABLE["CONTROL_SOCKET"].default), DEMO / "control.sock")
ENV_OPTION = click.option(
    "--env",
    "env_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings, KEY=value lines; `mm-bot check --help` lists them.",
)


class Listing(click.Command):
    """A command whose help ends with every setting there is."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Settings (default; * follows a reload)"):
            formatter.write_dl(
                [(f"{n}={s.default}{' *' if s.live else ''}", s.help) for n, s in settings.TABLE.items()]
                + [(f"SPEC_OVERRIDE_<MARKET>_{kind}", s.help) for kind, s in settings.BY_MARKET.items()]
            )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A market-making bot.

    \b
    Try it:
      mm-bot run             quote three markets on a paper exchange, into ./mm-bot-demo
      mm-bot ctl status      from another terminal: what it holds, and whether it is ready
      mm-bot ctl quotes off  take every quote off the book; quotes on brings them back
      mm-bot replay FILE     what a run with --record FILE logged, made again by the session alone

    On a host it is the unit mm-bot.service: systemctl start, stop, restart, reload mm-bot.
    """


main.add_command(quantize.quantize)
main.add_command(simulate.simulate)


@main.command(short_help="Quote until told to stop.")
@ENV_OPTION
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append all that the bot hears to FILE; `mm-bot replay` makes its events of it again.",
)
def run(env_file: Path | None, record: Path | None) -> None:
    """Quote until SIGTERM or SIGINT; then take all quotes off, ask the venue that none rests, exit.

    Without --env it is a demo: defaults, paper, everything in ./mm-bot-demo. SIGHUP reads the file again.
    """
    import uvloop  # only this command pays for the loop, the web server and the venue

    from bot import app

    try:
        host = app.Host(
            env_file=env_file,
            build=release.read(),
            clock=HostClock(),
            service=ServiceManager(os.environ, os.getpid()),
            pid=os.getpid(),
            credentials=Credentials(os.environ),
            say=_say,
            record=record,
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            status = runner.run(app.run(_settings(env_file), host))
    except FixSettings as error:
        _refuse(error, env_file)
    except BotError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(status)


@main.command(short_help="Make the events of a recorded run again.")
@click.argument("file", type=click.Path(path_type=Path))
def replay(file: Path) -> None:
    """Print the event lines of the runs that FILE records, byte for byte as the event log had them; sends nothing.

    \b
    Try it:
      mm-bot run --record today.rec       stop it with Ctrl-C after a while
      mm-bot replay today.rec | diff - mm-bot-demo/log/events.jsonl

    FILE holds a header for each run (settings, grids of the markets, build), then one line for each message the bot
    took in, with its time. The same build makes the same lines of it; another one says so, and may differ: that is how
    to see what a change of the code would have done on a real day. The exit status is 1 when a line could not be read:
    the other runs, and this one up to that line, are replayed.
    """
    from bot.recorded.replay import Replay

    again = Replay(release.read(), _say)
    try:
        for line in again.lines(file):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BotError as error:
        raise click.ClickException(str(error)) from error
    _say(f"{_count(again.runs, 'run')}, {_count(again.messages, 'message')} replayed")
    sys.exit(1 if again.damaged else 0)


@main.command(cls=Listing, short_help="Read the settings, print what they mean.")
@ENV_OPTION
def check(env_file: Path | None) -> None:
    """Read the settings, print what they mean, and exit: 0, or 2 with every reason at once."""
    try:
        config = _settings(env_file)
    except FixSettings as error:
        _refuse(error, env_file)
    click.echo(f"mm-bot {release.read().release}, mode {config.mode}, settings are good")
    for line in meant(config):
        click.echo(f"  {line}")


@main.command(short_help="Cancel the bot's orders when it stops breathing.")
@ENV_OPTION
def watchdog(env_file: Path | None) -> None:
    """Watch the heartbeat in STATE_DIR; once it is older than WATCHDOG_AFTER_S, cancel what the bot left resting.

    Runs beside a bot that trades live on Hyperliquid, with the credential hyperliquid_watchdog_key: another agent of
    the account. Every order with a client order id is taken off, again until none rests; one JSON line says so.
    Positions stay. On Kalshi none is needed: orders there expire unless the bot renews them.
    """
    try:
        asyncio.run(_watch(_settings(env_file)))
    except FixSettings as error:
        _refuse(error, env_file)
    except BotError as error:
        raise click.ClickException(str(error)) from error


async def _watch(config: settings.Settings) -> None:
    from bot.venues.hyperliquid.sweeper import Sweeper
    from bot.venues.network import Network  # only this command and `run` pay for the web client
    from bot.watchdog import Params, Watchdog, watch

    to, clock = config.connection, HostClock()
    if to.venue == "kalshi":
        raise CannotStart("VENUE=kalshi needs no watchdog: each order expires within a minute unless the bot renews it")
    if to.mode != "live":
        raise CannotStart(f"mode {to.mode}: there is nothing to watch, no order leaves this machine")
    key = Credentials(os.environ).read("hyperliquid_watchdog_key", "signs the cancels of mm-bot watchdog")
    network = Network(to.api_url, to.ws_url)
    sweeper = Sweeper(network, key, to.account, clock, network_of(to.api_url))
    params = Params(config.state_dir / heartbeat.NAME, config.watchdog_after_s)
    silence = f"{params.after_s:g} s of silence"
    _say(f"mm-bot watchdog: watching {params.beats}; orders of {to.account} go after {silence}")
    await watch(Watchdog(params, sweeper, clock, _say), network.close)


@main.command()
def version() -> None:
    """Print release and commit."""
    build = release.read()
    click.echo(f"mm-bot {build.release} {build.commit}")


@main.command()
@click.option(
    "--socket", "path", type=click.Path(path_type=Path), help="Socket of the bot; default: the host's, else the demo's."
)
@click.argument("op", metavar="status|orders|positions|quotes|breaker|fault")
@click.argument("args", nargs=-1)
def ctl(path: Path | None, op: str, args: tuple[str, ...]) -> None:
    """Ask a running bot; the answer is JSON.

    \b
    status              release, mode, readiness, positions, open orders
    orders              what rests, as the venue says and as the bot believes
    positions           what is held, bot and venue side by side
    quotes on|off       kill switch; off survives a restart
    breaker reset [MARKET]  let a market quote again that the circuit breaker stopped; none named: all
    fault NAME [COUNT]  paper only: tick_reject, reject, no_answer COUNT orders; drop_feed COUNT seconds; 0 ends it

    Of a live bot the first three ask the exchange, at Hyperliquid for 20 of the 1,200 weight of a minute, at Kalshi for
    10 tokens or more: not for every second.
    """
    try:
        answer = control.ask(path or _socket(), control.Request(op, list(args)))
    except BotError as error:
        raise click.ClickException(str(error)) from error
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    if "error" in answer:
        sys.exit(1)


def meant(config: settings.Settings) -> list[str]:
    """What the settings come to: the mode, every value, then what is known of each market, then the fees."""
    lines = [connection.meaning(config.connection)]
    lines += [f"{name}={settings.show(value)}" for name, value in config.values.items()]
    if config.edge is not None:
        return [*lines, *_by_league(config, config.edge)]
    if config.connection.venue != "paper":
        listed = ", ".join(limits.traded(config.markets, config.limits))
        return [*lines, f"{listed}: grid, lot and fees are the venue's, read at start and logged as startup_sanity"]
    for market in limits.traded(config.markets, config.limits):
        spec, most = paper.SPECS[market], config.limits.max_inventory[market]
        grid = f"finest tick {spec.tick} ({spec.grid}), lot {spec.lot}, no order under {spec.min_notional} USD"
        lines.append(f"{market}: {grid}, at most {most} held")
    fees = " and ".join(f"{float(rate) * 1e4:g} bps {who}" for who, rate in paper.FEES.items())
    return [*lines, f"fees: {fees}"]


def _by_league(config: settings.Settings, edge: edge_locked.Params) -> list[str]:
    """The start-up checks of each league; what a market's own fees and prices make of them is known at start."""
    lines = ["by league, with the ordinary fees and prices in whole cents; each market's own are read at start:"]
    most = config.values["MAX_INVENTORY_PER_MARKET"]["*"]
    for series, league in edge.leagues.items():
        spec, held = sanity.ordinary(league, series), replace(config.limits, max_inventory={league: most})
        lines += Check(spec, spec.tick, spec.lot, config.mode, sanity.STRATEGY, held, edge).lines()
    return lines


def _settings(env_file: Path | None) -> settings.Settings:
    return settings.read(DEMO_ENV) if env_file is None else settings.read_file(env_file)


def _socket() -> Path:
    """The socket to ask when none is named: the host's, else the demo's in this folder."""
    for path in SOCKETS:
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError:
            return path  # it may be there: asking tells the caller what is missing
        return path
    places = " nor ".join(str(path) for path in SOCKETS)
    raise control.NotRunning(f"no control socket at {places}: is mm-bot running? Name its socket with --socket")


def _refuse(error: FixSettings, env_file: Path | None) -> NoReturn:
    click.echo(f"mm-bot: {env_file or 'the defaults'}: {_count(len(error.reasons), 'setting')} refused", err=True)
    for reason in error.reasons:
        click.echo(f"  {reason}", err=True)
    sys.exit(2)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


if __name__ == "__main__":
    main()
