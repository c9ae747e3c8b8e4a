"""Plays a schedule from the first order to the last, and says what went against the rules."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from bot.clock import NANOS
from bot.market.orders import OrderState
from tests.bot.schedules.bot_under_test import Bot
from tests.bot.schedules.plans import Schedule
from tests.bot.schedules.venues import GROUNDS, Ground
from tests.bot.venues.in_memory import Weather
from tests.bot.virtual_time import VirtualClock, in_virtual_time

SETTLE_S = 400.0
STOP_S = 40.0
LOOK_EVERY_S = 0.25
UNEXPLAINED = ("E_VENUE", "E_TICK", "E_LOT", "E_MIN_VALUE", "E_KEY", "E_DUPLICATE")


@dataclass(slots=True)
class Verdict:
    """`violations` empty means that the rules held; `settled_s` is how long it took after the storm."""

    seed: int
    violations: list[str]
    told: list[tuple[float, str]]
    exits: list[str]
    settled_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)


def play(seed: int, venue: str = "hyperliquid") -> Verdict:
    """Play the venue's schedule of this number in virtual time."""
    ground = GROUNDS[venue]
    schedule = ground.draw(seed)
    with tempfile.TemporaryDirectory(prefix="schedule-") as folder:

        async def run(clock: VirtualClock) -> Verdict:
            return await _Play(ground, schedule, Path(folder), clock).run()

        return in_virtual_time(run)


class _Play:
    def __init__(self, ground: Ground, schedule: Schedule, folder: Path, clock: VirtualClock) -> None:
        self._schedule, self._clock = schedule, clock
        self._exchange = ground.exchange(clock, schedule)
        self._notes, self._network = self._exchange.notes, self._exchange.network
        self._bot = Bot(schedule, folder, clock, self._exchange)
        self._settled_s = 0.0

    async def run(self) -> Verdict:
        weather = asyncio.create_task(self._exchange.run())
        keeper = asyncio.create_task(self._bot.keep())
        try:
            await self._storm()
            if not self._schedule.stop_in_storm:
                await self._settle(keeper)
            await self._stop(keeper)
        finally:
            for task in (weather, keeper):
                task.cancel()
            ended = await asyncio.gather(weather, keeper, return_exceptions=True)
            await self._network.close()
        self._check_log([error for error in ended if isinstance(error, Exception)])
        return self._verdict()

    async def _storm(self) -> None:
        steps: list[tuple[float, Callable[[], Awaitable[None]]]] = []
        steps += [(at, lambda away=away: self._bot.kill(away)) for at, away in self._schedule.kills]  # type: ignore[misc]
        steps += [(at, lambda off=off: self._switch(off)) for at, off in self._schedule.switches]  # type: ignore[misc]
        steps += [(at, self._look) for at in self._schedule.looks]
        for at, step in sorted(steps, key=lambda step: step[0]):
            await self._until(at)
            await step()
        await self._until(self._schedule.storm_s)
        if self._schedule.stop_in_storm:
            return
        self._network.weather = Weather()
        self._bot.switch(off=False)
        self._notes.note("the storm is over")

    async def _switch(self, off: bool) -> None:
        self._bot.switch(off)

    async def _look(self) -> None:
        self._bot.look()

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(at - self._clock.steady() / NANOS, 0))

    async def _settle(self, keeper: asyncio.Task[None]) -> None:
        """Wait until bot and exchange agree in everything, and the bot quotes."""
        await self._until(self._schedule.over_s)
        began = self._clock.steady()
        differences = ["not looked yet"]
        while differences and not keeper.done():
            await asyncio.sleep(LOOK_EVERY_S)
            differences = self._differences()
            self._settled_s = (self._clock.steady() - began) / NANOS
            if self._settled_s > SETTLE_S:
                break
        self._notes.note(f"settled after {self._settled_s:.2f} s, {differences or 'all agrees'}")
        self._notes.violations += [f"never settled: {difference}" for difference in differences]

    def _differences(self) -> list[str]:
        bot, exchange = self._bot, self._exchange
        if bot.run is None:
            return ["the bot does not run"]
        session = bot.run.engine.session
        found = exchange.not_ready(bot.reasons())
        for market in self._schedule.markets:
            believed, held = session.positions[market].lots, exchange.held(market)
            if believed != held:
                found.append(f"position of {market}: bot {believed}, exchange {held}")
        found += [f"{o.cloid} is {o.state}" for o in session.orders.open() if o.state is OrderState.UNKNOWN]
        working = {order.cloid for order in session.orders.open() if order.state is OrderState.WORKING}
        resting = set(exchange.ours())
        found += [f"{cloid} works for the bot only" for cloid in working - resting]
        found += [f"{cloid} rests unknown to the bot" for cloid in resting - {o.cloid for o in session.orders.open()}]
        return found + self._books_differ()

    def _books_differ(self) -> list[str]:
        positions, fills = self._bot.journal()
        exchange = self._exchange
        held = {name: exchange.held(name) * exchange.lot(name) for name in self._schedule.markets}
        there = {name: Decimal(size) for name, size in held.items() if size}
        found = [] if positions == there else [f"journal has {positions}, exchange {there}"]
        number = exchange.fills()
        return found if fills == number else [*found, f"journal has {fills} fills, exchange {number}"]

    async def _stop(self, keeper: asyncio.Task[None]) -> None:
        while self._bot.run is None:  # killed, and not yet started again
            await asyncio.sleep(LOOK_EVERY_S)
        self._notes.note("the bot is told to stop")
        self._bot.stop()
        await asyncio.wait([keeper], timeout=STOP_S)
        violations = self._notes.violations
        if not keeper.done():
            violations.append(f"it did not stop within {STOP_S} s")
        said = [event["resting"] for event in self._bot.events() if event["action"] == "shutdown"]
        await asyncio.sleep(15)  # whatever is under way arrives
        left = list(self._exchange.ours())
        if said and said[-1]:  # the venue would not answer: a watchdog has to do the rest
            self._notes.counts["stopped short, and said so"] += 1
        elif left:
            violations.append(f"rests after the stop, and the bot said nothing: {left}")
        elif not self._schedule.stop_in_storm:
            violations += self._books_differ()
        if not self._exchange.left_alone():
            violations.append("the order sent by hand is gone")

    def _check_log(self, broken: list[Exception]) -> None:
        violations = self._notes.violations
        violations += [f"broke: {error!r}" for error in broken]
        seen: Counter[str] = Counter()
        begun: set[str] = set()
        for event in self._bot.events():
            self._notes.told.append((event["ts"] - self._notes.epoch_s, f"event: {event}"))
            match event["action"]:
                case "FILL":
                    seen[event["tid"]] += 1
                case "reconcile":
                    begun.add(event["run"])
                case "internal_error" if event["run"] not in begun:
                    self._notes.counts["start without the venue"] += 1
                case "internal_error" | "reconcile_mismatch":
                    violations.append(f"{event['action']}: {event}")
                case "order_reject" if event["code"] in UNEXPLAINED and not self._exchange.explained(event):
                    violations.append(f"rejected: {event['code']} {event['reason']}")
        violations += [f"fill {tid} was counted {times} times" for tid, times in seen.items() if times > 1]

    def _verdict(self) -> Verdict:
        notes, bot = self._notes, self._bot
        counts = notes.counts + Counter(bot.counts())
        counts["runs"] = bot.runs
        told = sorted(notes.told, key=lambda line: line[0])
        struck = self._exchange.faults.struck()
        return Verdict(self._schedule.seed, notes.violations, told, bot.exits, self._settled_s, counts, struck)
