"""A bot that finds its markets, through hours of games: all that `mm-bot run` does, in virtual time, started again
whenever it ended as a service manager does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from bot import app, settings, wiring
from bot.lifecycle import Lifecycle
from bot.release import Build
from bot.runtime.credentials import Credentials
from bot.runtime.service_manager import ServiceManager
from bot.venues import connection
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from bot.venues.simulators.kalshi.simulation import STEP_S, Simulation
from bot.venues.venue import Venue
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.venues.simulators.kalshi.client import pem
from tests.bot.virtual_time import VirtualClock, in_virtual_time

RUN: ContextVar[int] = ContextVar("RUN", default=0)
SERIES = "KXNHLGAME"
SETTINGS = """VENUE=kalshi
KALSHI_KEY_ID=6f6a5307-5e11-4000-8000-bfcff5dd3492
KALSHI_SERIES=NHL:KXNHLGAME
LIVE_TRADING_ENABLED=true
MAX_MARKETS_TO_TRADE=1
DISCOVERY_MIN_DEPTH=5
ENTRY_SIZE=2
"""


def game(name: str, price: float = 0.48, **more: Any) -> list[MarketScript]:
    """Its two markets; the first is the nearer to its gates where `price` is under a half."""
    given = {"noise_c": 0.0, "takers": 0.0, **more}
    sides = ((f"{name}-A", price), (f"{name}-B", 1 - price))
    return [MarketScript(ticker, name, SERIES, [(0, at)], **given) for ticker, at in sides]


@dataclass
class Desk:
    """One host: a folder, settings, and whatever run is there. `lives` are all that there were."""

    folder: Path
    clock: VirtualClock
    simulation: Simulation
    config: settings.Settings
    network: Network
    lives: list[Lifecycle] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    transport: InMemory | None = None
    _tasks: WeakKeyDictionary[asyncio.Task[Any], int] = field(default_factory=WeakKeyDictionary)
    _away_s: float = 1.0
    _run: asyncio.Task[int] | None = None

    def __post_init__(self) -> None:
        asyncio.get_running_loop().set_task_factory(self._started)

    def _started(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], *, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """Know which tasks are a run's, so that all of them die with it."""
        task = asyncio.Task(work, loop=loop, context=context)
        self._tasks[task] = (copy_context() if context is None else context).get(RUN, 0)
        return task

    async def keep(self) -> None:
        """A service manager: the next run a second after the last one ended."""
        while True:
            context = copy_context()
            context.run(RUN.set, len(self.lives) + 1)
            self._run = asyncio.create_task(app.run(self.config, self._host()), context=context)
            await asyncio.wait([self._run])
            if not self._run.cancelled():
                self.exits.append(self._run.result())
            await asyncio.sleep(self._away_s)
            self._away_s = 1.0

    async def kill(self, away_s: float) -> None:
        """As kill -9 does: nothing reaches the exchange any more. Returns after the time that nobody starts it."""
        assert self.transport is not None
        assert self._run is not None
        self._away_s = away_s
        await self.transport.sever()
        for task in [task for task, run in self._tasks.items() if run == len(self.lives)]:
            task.cancel()
        await asyncio.sleep(away_s)

    def venue(self, to: connection.Params, markets: Sequence[str], means: wiring.Means) -> Venue:
        self.transport, key = InMemory(self.network), self.simulation.key
        if to.mode == "live":
            return KalshiVenue(self.transport, key, markets, self.clock, to.contracts_in_15_s)
        return wiring._on_feed(to, KalshiPrices(self.transport, key, markets, self.clock), means)

    def events(self, action: str) -> list[dict[str, Any]]:
        paths = sorted((self.folder / "log").glob("events-*.jsonl"))
        lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
        return [event for event in lines if event["action"] == action]

    @property
    def quoted(self) -> list[list[str]]:
        """The markets of each run."""
        return [event["markets"] for event in self.events("startup")]

    def held(self) -> dict[str, int]:
        return {market: holding.lots for market, holding in self.simulation.account.holdings.items() if holding.lots}

    def resting(self) -> dict[str, int]:
        """Orders by market."""
        return Counter(order.ticker for order in self.simulation.account.resting())

    def left_until(self, at: float) -> float:
        """Seconds until a second of the script."""
        return at - self.clock.steady() / 1e9

    async def until(self, seen: Callable[[], object], what: str) -> None:
        async with asyncio.timeout(900):
            while not seen():
                await asyncio.sleep(0.5)
        assert seen(), what

    async def second(self, at: float) -> None:
        """Wait for a second of the script."""
        await asyncio.sleep(self.left_until(at))

    def _host(self) -> app.Host:
        service, credentials = ServiceManager({}, 1), Credentials({})
        return app.Host(None, Build("0", "x"), self.clock, service, 1, credentials, self.said.append)


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it with games and with what is to be seen of the desk while they are played."""

    def play(*games: list[MarketScript], seen: Callable[[Desk], Awaitable[None]], extra: str = "") -> None:
        async def work(clock: VirtualClock) -> None:
            script = Script([SeriesScript(SERIES)], [market for pair in games for market in pair])
            simulation = Simulation(clock, 3, script=script, pem=pem())
            places = f"LOG_DIR={tmp_path}/log\nSTATE_DIR={tmp_path}/state\nCONTROL_SOCKET={tmp_path}/control.sock\n"
            given = "".join(line for line in SETTINGS.splitlines(True) if line.split("=")[0] not in extra)
            config = settings.read(given + places + extra)
            desk = Desk(tmp_path, clock, simulation, config, Network(simulation))
            monkeypatch.setattr(wiring, "venue_of", desk.venue)
            monkeypatch.setattr(app, "_open_doors", _nothing)
            monkeypatch.setattr(app, "_obey_signals", lambda life, reload: desk.lives.append(life))
            monkeypatch.setattr(app.gc, "freeze", lambda: None)
            tasks = [asyncio.create_task(simulation_of(simulation)), asyncio.create_task(desk.keep())]
            try:
                await seen(desk)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        in_virtual_time(work)

    return play


async def _nothing(*given: object) -> None:
    pass


async def simulation_of(simulation: Simulation) -> None:
    while True:
        await asyncio.sleep(STEP_S)
        simulation.step()


def test_games_are_quoted_in_turn(evening: Callable[..., None]) -> None:
    """The narrower one first; when it starts, the other; when that starts too, nothing takes its place."""

    async def seen(desk: Desk) -> None:
        await desk.second(5)
        assert [*desk.resting()] == ["ONE-A"]
        await desk.second(310)
        assert desk.quoted == [["ONE-A"], ["TWO-A"]]
        assert desk.exits == [0]
        assert [event["reason"] for event in desk.events("shutdown")] == ["discovery"]
        await desk.second(610)
        assert desk.resting() == {}, "entries are off before the start"
        assert len(desk.quoted) == 2

    evening(game("ONE", starts_s=400), game("TWO", spread_c=4.0, starts_s=800), seen=seen)


def test_what_is_held_is_left_before_another_game_is_quoted(evening: Callable[..., None]) -> None:
    """The bot dies over its first fill, and the game starts before it is back: that run leaves it."""

    async def seen(desk: Desk) -> None:
        await desk.until(desk.held, "an entry fills")
        (held,) = desk.held()
        assert held == "ONE-A"
        await desk.kill(away_s=desk.left_until(400))
        await desk.until(lambda: len(desk.quoted) == 2, "the next run")
        assert desk.quoted[1] == ["ONE-A"]
        (told,) = [one for one in desk.events("discovery") if one["decision"] == "held"]
        assert (told["market"], told["reason"]) == ("ONE-A", "a position is held")
        await desk.until(lambda: not desk.held(), "it is left")
        assert [event["market"] for event in desk.events("hard_cap_exit")] == ["ONE-A"]
        await desk.until(lambda: len(desk.quoted) == 3, "the game that can be entered")
        assert desk.quoted[2] == ["TWO-A"]
        assert desk.exits == [0]
        assert sum(event["size"] * (1 if event["side"] == "bid" else -1) for event in desk.events("FILL")) == 0
        assert desk.events("reconcile_mismatch") == []

    evening(game("ONE", starts_s=390, takers=0.9), game("TWO", spread_c=4.0), seen=seen)


@pytest.mark.parametrize("live", [True, False], ids=("live", "paper"))
def test_without_a_game_it_waits_for_one(evening: Callable[..., None], live: bool) -> None:
    async def seen(desk: Desk) -> None:
        await desk.second(310)
        assert desk.quoted == [[], ["ONE-A"]]
        assert (desk.exits, desk.events("shutdown")[0]["resting"]) == ([0], 0)
        assert sum(line.startswith("mm-bot: idle on kalshi") for line in desk.said) == 1

    evening(game("ONE", opens_s=60), seen=seen, extra="" if live else "LIVE_TRADING_ENABLED=false\n")


@pytest.mark.parametrize("live", [True, False], ids=("live", "paper"))
def test_what_settled_while_no_bot_ran_is_told_by_a_run_that_quotes_another(
    evening: Callable[..., None], live: bool
) -> None:
    async def seen(desk: Desk) -> None:
        await desk.until(lambda: desk.events("FILL"), "an entry fills")
        held = desk.events("FILL")[-1]["position"]
        await desk.kill(away_s=desk.left_until(200))
        assert desk.held() == {}
        await desk.until(lambda: desk.events("settlement"), "its payout is told")
        assert desk.quoted[1] == ["TWO-A"]
        (told,) = desk.events("settlement")
        assert (told["market"], told["position"], told["price"]) == ("ONE-A", held, 1.0)
        assert desk.events("reconcile_mismatch") == []
        await desk.until(lambda: desk.events("quote_place")[-1]["market"] == "TWO-A", "it quotes")

    ends = {"closes_s": 150.0, "determined_s": 160.0, "settles_s": 170.0}
    extra = "" if live else "LIVE_TRADING_ENABLED=false\n"
    evening(game("ONE", takers=0.9, **ends), game("TWO", spread_c=4.0), seen=seen, extra=extra)


def test_a_position_in_a_market_that_closed_waits_for_its_payout(evening: Callable[..., None]) -> None:
    """It cannot be left any more: the market is kept, and the payout ends it; then another game has its place."""

    async def seen(desk: Desk) -> None:
        await desk.until(desk.held, "an entry fills")
        await desk.kill(away_s=desk.left_until(200))
        await desk.until(lambda: len(desk.quoted) == 2, "the next run")
        assert desk.quoted[1] == ["ONE-A"]
        await desk.until(lambda: desk.events("settlement"), "its payout is told")
        await desk.until(lambda: len(desk.quoted) == 3, "the game that can be entered")
        assert desk.quoted[2] == ["TWO-A"]
        assert desk.held() == {}

    ends = {"closes_s": 150.0, "determined_s": 300.0, "settles_s": 310.0}
    evening(game("ONE", takers=0.9, **ends), game("TWO", spread_c=4.0), seen=seen)
