"""The watchdog: when it bites, what it says, and that it keeps at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.errors import CannotStart, RetryLater
from bot.runtime.heartbeat import NAME, Heart
from bot.venues.hyperliquid.sweeper import Sweeper
from bot.watchdog import Params, Watchdog
from tests.bot.venues.hyperliquid.at_exchange import MARKET, A, B, Desk, at_exchange
from tests.bot.venues.hyperliquid.in_memory import InMemory
from tests.bot.virtual_time import VirtualClock, in_virtual_time

AFTER_S = 15


class FakeSweeper:
    """`resting` orders are there at each look; a number below 0 is a venue that is away."""

    def __init__(self, *resting: int) -> None:
        self.resting = list(resting)
        self.looks = 0

    async def check(self) -> None:
        pass

    async def sweep(self) -> int:
        self.looks += 1
        found = self.resting.pop(0) if self.resting else 0
        if found < 0:
            raise RetryLater("the venue is away")
        return found


class Kennel:
    """A watchdog on a leash, and the heart that it listens to."""

    def __init__(self, folder: Path, clock: VirtualClock, sweeper: FakeSweeper | Sweeper) -> None:
        self.heart = Heart(folder / NAME, "cafe0123")
        self.clock, self.said, self._turns = clock, list[dict[str, Any]](), 0
        watchdog = Watchdog(Params(folder / NAME, AFTER_S), sweeper, clock, self._hear)
        self.task = asyncio.create_task(watchdog.run())

    def _hear(self, line: str) -> None:
        self.said.append(msgspec.json.decode(line))

    def beat(self) -> None:
        self._turns += 1
        self.heart.beat(self._turns, self.clock.now())

    async def breathe(self, seconds: int) -> None:
        for _ in range(seconds):
            self.beat()
            await asyncio.sleep(1)

    async def __aenter__(self) -> Kennel:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def watched(folder: Path, sweeper: FakeSweeper, work: Callable[[Kennel], Awaitable[None]]) -> None:
    async def run(clock: VirtualClock) -> None:
        async with Kennel(folder, clock, sweeper) as kennel:
            await work(kennel)

    in_virtual_time(run)


def test_it_leaves_a_bot_alone_that_breathes_or_ended_in_order(tmp_path: Path) -> None:
    sweeper = FakeSweeper()

    async def work(kennel: Kennel) -> None:
        await asyncio.sleep(60)  # the bot never began
        await kennel.breathe(600)
        kennel.heart.end()
        await asyncio.sleep(600)
        assert sweeper.looks == 0
        assert not kennel.said

    watched(tmp_path, sweeper, work)


def test_it_bites_once_the_heart_stands_still_until_nothing_rests(tmp_path: Path) -> None:
    sweeper = FakeSweeper(5, -1, 2, 0)

    async def work(kennel: Kennel) -> None:
        await kennel.breathe(5)
        await asyncio.sleep(AFTER_S - 3)
        assert sweeper.looks == 0
        await asyncio.sleep(15)
        assert sweeper.looks == 4
        failed, swept = kennel.said
        assert (failed["action"], failed["reason"]) == ("watchdog_failed", "the venue is away")
        assert (swept["action"], swept["run"], swept["cancelled"]) == ("watchdog_swept", "cafe0123", 7)
        assert swept["silent_s"] >= AFTER_S

    watched(tmp_path, sweeper, work)


def test_it_looks_again_for_what_arrives_late_and_speaks_of_that_only(tmp_path: Path) -> None:
    sweeper = FakeSweeper(1, 0, 0, 1, 0)

    async def work(kennel: Kennel) -> None:
        kennel.beat()
        await asyncio.sleep(600)
        assert [line["cancelled"] for line in kennel.said] == [1, 1]
        await kennel.breathe(30)
        looks = sweeper.looks
        await asyncio.sleep(10)
        assert sweeper.looks == looks, "a bot that breathes again has its time again"
        await asyncio.sleep(10)
        assert [line["cancelled"] for line in kennel.said] == [1, 1, 0]

    watched(tmp_path, sweeper, work)


def test_a_beat_from_before_a_crash_of_the_host_counts_as_silence(tmp_path: Path) -> None:
    sweeper = FakeSweeper(3, 0)
    (tmp_path / NAME).write_bytes(b"half a be")

    async def work(kennel: Kennel) -> None:
        await asyncio.sleep(AFTER_S + 5)
        assert [line["cancelled"] for line in kennel.said] == [3]

    watched(tmp_path, sweeper, work)


def test_it_takes_off_what_has_a_cloid_and_leaves_what_a_human_sent(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.venue.place([desk.inside("bid", A, away=50_000), desk.inside("ask", B, away=50_000)])
        by_hand = desk.by_hand(desk.inside("bid", A, away=60_000).ticks)
        keys = desk.keys
        sweeper = Sweeper(InMemory(desk.network), keys.watchdog_key, keys.account.address, desk.clock, "testnet")
        async with Kennel(tmp_path, desk.clock, sweeper) as kennel:
            kennel.beat()
            await asyncio.sleep(AFTER_S + 6)
            assert list(desk.account.open) == [by_hand]
            assert [line["cancelled"] for line in kennel.said] == [2]

    at_exchange(work)


def test_a_key_that_may_not_cancel_is_no_watchdog(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        stranger = desk.simulation.keys[1].watchdog_key
        sweeper = Sweeper(InMemory(desk.network), stranger, desk.account.address, desk.clock, "testnet")
        async with Kennel(tmp_path, desk.clock, sweeper) as kennel:
            with pytest.raises(CannotStart, match="approve it as an agent of"):
                await kennel.task

    at_exchange(work)


def test_it_takes_off_orders_of_a_market_that_was_listed_after_it_began(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        keys = desk.keys
        sweeper = Sweeper(InMemory(desk.network), keys.watchdog_key, keys.account.address, desk.clock, "testnet")
        await desk.venue.place([desk.inside("bid", A, away=50_000)])
        assert await sweeper.sweep() == 1
        sweeper._assets.pop(MARKET)  # as if it had been listed only now
        await desk.venue.place([desk.inside("bid", B, away=50_000)])
        assert await sweeper.sweep() == 1
        assert list(desk.account.open) == []

    at_exchange(work)
