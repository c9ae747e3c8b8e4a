"""Time that jumps: the order of events is that of real time, and work that never ends is found."""

from __future__ import annotations

import asyncio

import pytest

from bot.clock import NANOS, HostClock
from tests.bot.virtual_time import EPOCH, Stalled, VirtualClock, in_virtual_time


def test_a_day_passes_at_once() -> None:
    async def work(clock: VirtualClock) -> tuple[int, int]:
        await asyncio.sleep(86_400)
        return clock.now(), clock.steady()

    before = HostClock().steady()
    now, steady = in_virtual_time(work)
    assert (now, steady) == (EPOCH + 86_400 * NANOS, 86_400 * NANOS)
    assert HostClock().steady() - before < 5 * NANOS


def test_who_waits_less_is_first_whatever_the_order_of_the_calls() -> None:
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    async def work(clock: VirtualClock) -> None:
        await asyncio.gather(*(sleeper(seconds) for seconds in (3.0, 0.1, 2.0, 0.2)))

    in_virtual_time(work)
    assert woken == [0.1, 0.2, 2.0, 3.0]


def test_a_timeout_comes_when_it_is_due() -> None:
    async def work(clock: VirtualClock) -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.Event().wait()
        return clock.steady()

    assert in_virtual_time(work) == 5 * NANOS


def test_waiting_for_nothing_is_found() -> None:
    async def work(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stalled):
        in_virtual_time(work)


def test_turning_on_the_spot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bot.virtual_time.MOST_TURNS", 1_000)

    async def work(clock: VirtualClock) -> None:
        while True:
            await asyncio.sleep(0)

    with pytest.raises(Stalled):
        in_virtual_time(work)
