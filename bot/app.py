"""Wires one run: settings into Params, parts into a lifecycle, signals into requests.

Everything is opened here and closed in the opposite order, whatever happens. A door that cannot be opened
(port, socket, folder, file) is one CannotStart, before any quote.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot import events, messages, readiness, sanity, settings, wiring
from bot.answers import Answers, Identity
from bot.clock import Clock
from bot.engine import Engine, Surroundings
from bot.errors import CannotStart
from bot.execution import order_manager
from bot.execution.spec_cache import SpecCache
from bot.lifecycle import Lifecycle, Parts
from bot.market.reports import EXPIRE_AFTER
from bot.market.spec import Spec
from bot.patience import patiently
from bot.recorded.recording import Recorder
from bot.release import Build
from bot.risk import limits
from bot.runtime import heartbeat
from bot.runtime.control import ControlServer
from bot.runtime.credentials import Credentials
from bot.runtime.health import Facts, HealthServer
from bot.runtime.heartbeat import Heart
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import Telemetry
from bot.sanity import Check
from bot.scout import Scout
from bot.session import Params, Session
from bot.settings import Settings
from bot.venues import connection
from bot.venues.venue import Venue

FLAG_FILE = "quotes.off"
UNDER_WAY = EXPIRE_AFTER + order_manager.Params().expire_slack
"""How long (ns) an order may be under way, clocks that differ included."""


@dataclass(frozen=True, slots=True)
class Host:
    """What the process was given. `say` writes one line for people to stderr; `record` is a file to record into."""

    env_file: Path | None
    build: Build
    clock: Clock
    service: ServiceManager
    pid: int
    credentials: Credentials
    say: Callable[[str], None]
    record: Path | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run's name, and the account it has to do with; `scout` chose its markets, unless the settings did."""

    id: str
    venue: Venue
    specs: Mapping[str, Spec]
    journal: Journal
    scout: Scout | None


async def run(config: Settings, host: Host) -> int:
    """Run until told to stop; returns the exit status. Raises CannotStart, with all closed that was opened."""
    run_id = secrets.token_hex(4)
    _make_folders(config)
    async with AsyncExitStack() as stack:
        venue, journal = _open_account(config, host, stack)
        scout = _scout(config, host, venue) if config.discovers else None
        if scout is not None:
            config = config.quoting(await scout.begin(journal))
        specs = await _listed(config, host, venue)
        parts = _assemble(config, host, Run(run_id, venue, specs, journal, scout), stack)
        identity = Identity(host.build, run_id, host.pid, config.mode, parts.flag)
        await _open_doors(config, parts, identity, stack)
        parts.telemetry.open(host.clock.now())
        life = Lifecycle(parts, lambda quoting: _opening(config, host, parts, quoting), config.quotes_off)
        _obey_signals(life, Reloader(config, host, parts))
        _announce(config, host)
        gc.collect()
        gc.freeze()  # what the start made stays: else a full pass over it would stop the bot for 25 ms now and then
        status = await life.live()
        if status == 0:
            journal.ended()
        return status


def _open_account(config: Settings, host: Host, stack: AsyncExitStack) -> tuple[Venue, Journal]:
    """The venue, not yet open, and what earlier runs left to remember of it."""
    means = wiring.Means(host.clock, host.credentials, host.say)
    venue = wiring.venue_of(config.connection, config.markets, means)
    stack.push_async_callback(venue.close)
    journal = Journal(wiring.journal_of(config.connection))
    stack.callback(journal.close)
    return venue, journal


def _scout(config: Settings, host: Host, venue: Venue) -> Scout:
    catalogue = wiring.catalogue_of(venue)
    if catalogue is None:
        raise CannotStart("MARKETS: auto is for VENUE=kalshi only: name the markets to quote")
    return Scout(catalogue, config.discovery, config.discovery_every_s, host.clock, host.say)


async def _listed(config: Settings, host: Host, venue: Venue) -> Mapping[str, Spec]:
    """What the venue lists: a session is made of its specs."""
    specs = await patiently(venue.read_specs, host.clock, host.say)
    effective = SpecCache(specs, config.overrides, host.clock.now())
    wiring.check_listed(effective, config.markets, config.limits)
    return specs


def _assemble(config: Settings, host: Host, run: Run, stack: AsyncExitStack) -> Parts:
    recorder = None if host.record is None else Recorder(host.record, host.build, host.say)
    if recorder is not None:
        stack.callback(recorder.close)
    said, heard = (recorder.said, recorder.heard) if recorder else (None, None)
    telemetry = Telemetry(config.log_dir, run.id, host.build.release, host.say, said)
    stack.callback(lambda: telemetry.close(host.clock.now()))
    pulse = config.state_dir / heartbeat.NAME
    params = Params(
        run=run.id,
        venue=run.venue.name,
        specs=run.specs,
        markets=config.markets,
        maker=config.maker,
        limits=config.limits,
        guard=config.guard,
        send=config.send,
        overrides=config.overrides,
        started=host.clock.now(),
        shadow=config.mode == "shadow",
        ours_shown=wiring.shows_ours(config.connection),
        others_until=_others_until(config, pulse, host),
        edge=config.edge,
        breaker=config.breaker,
    )
    if recorder is not None:
        recorder.begin(params)
    engine = Engine(Session(params), Surroundings(run.venue, run.journal, telemetry, host.clock, host.say, heard))
    stack.push_async_callback(engine.close)
    flag, heart = config.state_dir / FLAG_FILE, Heart(pulse, run.id)
    return Parts(engine, run.venue, run.journal, telemetry, host.service, host.clock, flag, host.say, heart, run.scout)


def _others_until(config: Settings, pulse: Path, host: Host) -> int:
    """Until when (ns) orders of a killed run may arrive at the venue; 0 when there are none."""
    until = heartbeat.acts_until(pulse, host.clock.now(), UNDER_WAY) if config.mode == "live" else 0
    if until:
        host.say("mm-bot: the last run was killed: no quotes for some seconds, while its orders may still arrive")
    return until


async def _open_doors(config: Settings, parts: Parts, identity: Identity, stack: AsyncExitStack) -> None:
    engine, telemetry, clock = parts.engine, parts.telemetry, parts.clock
    answers = Answers(identity, engine, parts.venue, telemetry, clock)
    control = ControlServer(config.control_socket, answers)
    await control.open()
    stack.push_async_callback(control.close)
    facts = Facts(
        health=answers.health,
        reasons=answers.reasons,
        metrics=lambda: readiness.metrics(engine.session, telemetry, engine.turns, clock.now()),
    )
    health = HealthServer(*config.health, facts)
    await health.open()
    stack.push_async_callback(health.close)


class Reloader:
    """Reads the env file again on SIGHUP and remembers what is in force."""

    def __init__(self, config: Settings, host: Host, parts: Parts) -> None:
        self._config = config
        self._host = host
        self._parts = parts

    async def __call__(self) -> None:
        host, engine = self._host, self._parts.engine
        host.service.reloading(host.clock.steady())
        reread = self._reread()
        self._config = reread.settings
        now = reread.settings
        if self._parts.scout is not None:
            self._parts.scout.params = now.discovery
        await engine.ask(messages.NewParams(now.maker, now.limits, now.edge))
        await engine.ask(messages.HoldQuotes("setting", off=reread.settings.quotes_off, source="reload"))
        told = events.Reload(changed=reread.changed, refused=reread.refused)
        self._parts.telemetry.write(told, host.clock.now())
        for reason in reread.refused:
            host.say(f"mm-bot: reload: {reason}")
        host.service.ready("reloaded" if not reread.refused else f"reloaded, {len(reread.refused)} refused")

    def _reread(self) -> settings.Reread:
        if self._host.env_file is None:
            return settings.Reread(self._config, [], ["no env file: started without --env"])
        return settings.reread_file(self._host.env_file, self._config)


def _obey_signals(life: Lifecycle, reload: Reloader) -> None:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    def start_reload() -> None:
        task = asyncio.create_task(reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, life.stop, number.name)
    loop.add_signal_handler(signal.SIGHUP, start_reload)


def _checks(config: Settings, specs: SpecCache) -> list[Check]:
    """What the settings come to in each market that may be quoted."""
    held, strategy = config.limits, config.maker.name if config.edge is None else sanity.STRATEGY
    found = []
    for market in limits.traded(config.markets, held):
        spec, applied = specs[market], specs.applied.get(market)
        tick, lot = (spec.tick, spec.lot) if applied is None else (applied.tick, applied.lot)
        found.append(Check(spec, tick, lot, config.mode, strategy, held, config.edge))
    return found


def _opening(config: Settings, host: Host, parts: Parts, quoting: bool) -> list[events.Event]:
    """What a run says first: what runs, why these markets, and what its settings come to in each."""
    checks = _checks(config, parts.engine.session.specs)
    for check in checks:
        for line in check.lines():
            host.say(line)
    startup = events.Startup(
        mode=config.mode,
        venue=config.connection.venue,
        commit=host.build.commit,
        markets=[check.spec.market for check in checks],
        quotes_enabled=quoting,
    )
    found = [] if parts.scout is None else parts.scout.news()
    return [startup, *found, *(check.event() for check in checks)]


def _announce(config: Settings, host: Host) -> None:
    address, port = config.health
    quoted = ", ".join(config.markets) or "no market"
    host.say(
        f"mm-bot {host.build.release}: {quoted}; events in {config.log_dir}/events.jsonl; "
        f"control {config.control_socket}; health http://{address}:{port}/healthz\n{connection.meaning(config.connection)}"
    )


def _make_folders(config: Settings) -> None:
    folders = {
        "LOG_DIR": config.log_dir,
        "STATE_DIR": config.state_dir,
        "the folder of CONTROL_SOCKET": config.control_socket.parent,
    }
    for name, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotStart(f"{name}: cannot make {folder}: {error.strerror} ({error.filename})") from error
