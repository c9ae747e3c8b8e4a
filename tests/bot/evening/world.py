"""A whole evening of the bot at the simulated Kalshi: live adapter, session, journal and log, in virtual time.

The script is the one that `mm-bot simulate kalshi` plays when it is given none: four games of three leagues, eight
markets. The bot is what settings and wiring make of the runbook's own words; only the network is in this process.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot import events, settings, wiring
from bot.clock import NANOS
from bot.engine import Engine, Surroundings
from bot.lifecycle import Lifecycle, Parts
from bot.messages import HoldQuotes
from bot.recorded.recording import Recorder
from bot.release import Build
from bot.risk import limits
from bot.runtime.credentials import VARIABLE, Credentials
from bot.runtime.journal import Journal
from bot.runtime.service_manager import ServiceManager
from bot.runtime.telemetry import LINK, Telemetry
from bot.sanity import STRATEGY, Check
from bot.session import Params, Session
from bot.settings import Settings
from bot.venues.simulators.kalshi.evening import evening
from bot.venues.simulators.kalshi.simulation import Simulation
from bot.venues.venue import Venue
from tests.bot.venues.kalshi.at_exchange import simulated
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.virtual_time import VirtualClock, in_virtual_time

RUN, BUILD = "00e7e717", Build("1", "evening")
AFTER_S = 60
KALSHI = """
VENUE=kalshi
KALSHI_KEY_ID={key_id}
LOG_DIR={folder}
STATE_DIR={folder}
MARKETS={markets}
"""
PAPER = "LIVE_TRADING_ENABLED=false\nMAX_MARKETS_TO_TRADE=1\n"
SHADOW = "SHADOW_MODE=true\nLIVE_TRADING_ENABLED=false\nMAX_MARKETS_TO_TRADE=1\n"
ONE_MARKET = "LIVE_TRADING_ENABLED=true\nMAX_MARKETS_TO_TRADE=1\nMAX_INVENTORY_PER_MARKET=20\n"
FULL_PORTFOLIO = "LIVE_TRADING_ENABLED=true\nMAX_MARKETS_TO_TRADE=8\nMAX_INVENTORY_PER_MARKET=50\n"
"""The runbook's words for its phases."""


@dataclass(frozen=True, slots=True)
class Played:
    """`status` is the bot's; `resting` and `held` (lots) what the exchange had at the end, `paid` what it settled.

    `said` is what the bot said to people, `end` the second of the last line or a little later.
    """

    log: Path
    said: list[str]
    status: int
    resting: int
    held: dict[str, int]
    paid: int
    end: float

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@dataclass(slots=True)
class Evening:
    """`phase` is what the runbook sets; `seed` draws the games and the crowd, which moves every `step_s`.

    It ends after `ends_s`, or when all markets have paid out. `switches`: when (s) an operator turns quotes off or on.
    `record` is a file to record the run into.
    """

    folder: Path
    phase: str = FULL_PORTFOLIO
    seed: int = 7
    step_s: float = 4.0
    ends_s: float | None = None
    switches: tuple[tuple[float, bool], ...] = ()
    record: Path | None = None
    _said: list[str] = field(default_factory=list)

    def play(self) -> Played:
        return in_virtual_time(self._play)

    async def _play(self, clock: VirtualClock) -> Played:
        script = evening(self.seed)
        simulation = simulated(clock, script=script, seed=self.seed)
        network, account = Network(simulation), simulation.account
        crowd = asyncio.create_task(self._crowd(simulation))
        over = self.ends_s or AFTER_S + max(market.settles_s or market.closes_s for market in script.markets)
        async with AsyncExitStack() as stack:
            engine, life = await self._life(clock, network, stack)
            later = asyncio.get_running_loop().call_later
            for at, off in self.switches:
                later(at, engine.tell, HoldQuotes("ctl", off, "ctl"))
            later(over, life.stop, "the evening is over")
            status = await life.live()
        crowd.cancel()
        await asyncio.gather(crowd, return_exceptions=True)
        await network.close()
        resting = sum(len(account.resting(ticker)) for ticker in simulation.engine.markets)
        held = {ticker: held.lots for ticker, held in account.holdings.items() if held.lots}
        end = clock.now() / NANOS
        return Played(self.folder / LINK, self._said, status, resting, held, len(account.settlements), end)

    async def _crowd(self, simulation: Simulation) -> None:
        while True:
            await asyncio.sleep(self.step_s)
            simulation.step()

    async def _life(self, clock: VirtualClock, network: Network, stack: AsyncExitStack) -> tuple[Engine, Lifecycle]:
        """Wired as `mm-bot run` does, but for the way to the exchange."""
        say, config = self._said.append, self._settings(network.simulation)
        recorder = None if self.record is None else Recorder(self.record, BUILD, say)
        said, heard = (recorder.said, recorder.heard) if recorder else (None, None)
        telemetry = Telemetry(config.log_dir, RUN, BUILD.release, say, said)
        telemetry.open(clock.now())
        stack.callback(lambda: telemetry.close(clock.now()))
        journal = Journal(wiring.journal_of(config.connection))
        stack.callback(journal.close)
        venue = self._venue(config, clock, network)
        stack.push_async_callback(venue.close)
        params = Params(
            run=RUN,
            venue=venue.name,
            specs=await venue.read_specs(),
            markets=config.markets,
            limits=config.limits,
            guard=config.guard,
            send=config.send,
            started=clock.now(),
            shadow=config.mode == "shadow",
            ours_shown=wiring.shows_ours(config.connection),
            edge=config.edge,
            breaker=config.breaker,
        )
        if recorder is not None:
            stack.callback(recorder.close)
            recorder.begin(params)
        engine = Engine(Session(params), Surroundings(venue, journal, telemetry, clock, say, heard))
        stack.push_async_callback(engine.close)
        flag = config.state_dir / "quotes.off"
        parts = Parts(engine, venue, journal, telemetry, ServiceManager({}, 1), clock, flag, say)
        return engine, Lifecycle(parts, lambda quoting: self._opening(config, params, quoting), setting_off=False)

    def _settings(self, simulation: Simulation) -> Settings:
        markets = ",".join(simulation.engine.markets)
        common = KALSHI.format(key_id=simulation.key.key_id, folder=self.folder, markets=markets)
        return settings.read(common + self.phase)

    def _venue(self, config: Settings, clock: VirtualClock, network: Network) -> Venue:
        """The one of the mode, over this process's own network."""
        (self.folder / wiring.PRIVATE_KEY).write_bytes(network.simulation.pem)
        means = wiring.Means(clock, Credentials({VARIABLE: str(self.folder)}), self._said.append)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(wiring, "Network", lambda *_: InMemory(network))
            return wiring.venue_of(config.connection, config.markets, means)

    def _opening(self, config: Settings, params: Params, quoting: bool) -> list[events.Event]:
        """As `mm-bot run` says first, to people and in the log."""
        traded = limits.traded(params.markets, params.limits)
        checks = [
            Check(spec, spec.tick, spec.lot, config.mode, STRATEGY, config.limits, config.edge)
            for spec in (params.specs[market] for market in traded)
        ]
        self._said += [line for check in checks for line in check.lines()]
        startup = events.Startup(
            mode=config.mode,
            venue=params.venue,
            commit=BUILD.commit,
            markets=list(traded),
            quotes_enabled=quoting,
        )
        return [startup, *(check.event() for check in checks)]
