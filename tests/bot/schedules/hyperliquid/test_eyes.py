"""The eyes at the exchange are proved first: each forbidden thing is done on purpose, and seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.venues.hyperliquid.actions import Limit, OrderType, OrderWire, Tif
from bot.venues.hyperliquid.codec import Status
from tests.bot.schedules.hyperliquid.exchange import Watched
from tests.bot.schedules.hyperliquid.plans import PLACES, Schedule, draw
from tests.bot.virtual_time import VirtualClock, in_virtual_time

QUIET = Schedule(seed=0, markets=("SOL",), storm_s=30.0)
CLOIDS = [f"0x{number:032x}" for number in range(9)]


def place(exchange: Watched, price: str, size: str = "1", cloid: str = CLOIDS[1], tif: Tif = "Alo") -> Status:
    order = OrderWire(0, True, price, size, False, OrderType(Limit(tif)), cloid)
    return exchange.simulation.engine.place(exchange.account, order)


def off_grid(exchange: Watched) -> None:
    place(exchange, "184.001")


def too_small(exchange: Watched) -> None:
    place(exchange, "180", "0.01")


def twice(exchange: Watched) -> None:
    place(exchange, "180")
    exchange.watch()
    exchange.simulation.engine.cancel(exchange.account, 0, CLOIDS[1])
    place(exchange, "180")


def two_on_a_side(exchange: Watched) -> None:
    place(exchange, "180")
    place(exchange, "181", cloid=CLOIDS[2])


def too_much(exchange: Watched) -> None:
    place(exchange, "180", "9")


def takes(exchange: Watched) -> None:
    place(exchange, "190", tif="Gtc")


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        (off_grid, "ended tickRejected"),
        (too_small, "ended minTradeNtlRejected"),
        (twice, "was sent twice"),
        (two_on_a_side, "2 orders rest on bid of SOL"),
        (too_much, "SOL could come to 900 lots on bid, the limit is 864"),
        (takes, "a fill with crossed=true"),
    ],
)
def test_what_is_forbidden_is_seen(wrong: Callable[[Watched], None], seen: str) -> None:
    async def work(clock: VirtualClock) -> list[str]:
        exchange = Watched(clock, QUIET)
        exchange.watch()
        assert exchange.notes.violations == []
        wrong(exchange)
        exchange.watch()
        return exchange.notes.violations

    assert any(seen in violation for violation in in_virtual_time(work))


def test_what_is_allowed_is_not_seen() -> None:
    async def work(clock: VirtualClock) -> Watched:
        exchange = Watched(clock, QUIET)
        place(exchange, "184.5", "8")
        weather = asyncio.create_task(exchange.run())
        await asyncio.sleep(120)
        weather.cancel()
        return exchange

    exchange = in_virtual_time(work)
    assert exchange.notes.violations == []
    assert exchange.held("SOL") == 800, "the crowd dealt with it"
    assert exchange.left_alone()


def test_the_same_number_draws_the_same_schedule() -> None:
    assert draw(11) == draw(11) != draw(12)
    assert {fault.fault for seed in range(200) for fault in draw(seed).faults} == set(PLACES)
    assert all(f.start_s + f.seconds <= draw(seed).storm_s + 1e-6 for seed in range(200) for f in draw(seed).faults)
