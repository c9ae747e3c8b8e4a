"""What Kalshi does that no other venue does: lost answers, 404s, order groups, expiry, sequence gaps, pauses."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import CannotStart
from bot.market.reports import (
    Accepted,
    Doubted,
    Gone,
    Rejected,
    Resting,
)
from bot.market.units import Lots
from bot.venues.kalshi.signing import Key
from tests.bot.venues.kalshi.desk import Desk, at, cloid, until
from tests.bot.venues.kalshi.served import served
from tests.bot.venues.simulators.kalshi.client import pem
from tests.bot.venues.simulators.kalshi.table import GAME


def test_the_group_cancels_everything_at_once_and_takes_no_more_until_it_is_rearmed() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        await desk.venue.hold_entries(True)
        assert await desk.venue.resting() == []
        await until(lambda: desk.told(Doubted), "the order's end is told")
        refused = await desk.place(2)
        assert isinstance(refused, Rejected)
        assert refused.code == "E_GROUP"
        await desk.venue.hold_entries(False)
        assert isinstance(await desk.place(3), Accepted)

    at(test, group=500)


def test_too_much_matched_in_fifteen_seconds_ends_the_group() -> None:
    async def test(desk: Desk) -> None:
        await desk.place(1, 5_500)
        await desk.place(2, 5_300)
        desk.crowd("ask", 5_500, 600)
        assert await desk.venue.resting() == []

    at(test, group=5)


def test_orders_live_as_long_as_the_bot_says_that_it_lives() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        for turn in range(3):
            desk.clock.pass_by(30)
            desk.exchange.simulation.step()
            desk.venue.alive(turn)
            until_s = desk.clock.now() // 1_000_000_000 + 55
            found = desk.exchange.simulation.account.resting()
            await until(lambda: found[0].expires >= until_s, "the order is kept alive")  # noqa: B023
        assert isinstance(await desk.venue.look_up(GAME, cloid(1)), Resting)
        desk.clock.pass_by(61)
        desk.exchange.simulation.step()
        assert await desk.venue.look_up(GAME, cloid(1)) == Gone(Lots(0))

    at(test)


def test_a_bot_that_hangs_keeps_nothing_alive() -> None:
    async def test(desk: Desk) -> None:
        await desk.place()
        desk.venue.alive(7)
        desk.clock.pass_by(40)
        desk.venue.alive(7)
        desk.clock.pass_by(21)
        desk.exchange.simulation.step()
        assert await desk.venue.resting() == []

    at(test)


def test_a_key_that_the_venue_does_not_know_cannot_start() -> None:
    async def run() -> None:
        async with served() as exchange:
            venue = exchange.venue(key=Key("11111111-5e11-4000-8000-000000000000", pem()))
            with pytest.raises(CannotStart, match="key"):
                await venue.open([GAME], lambda update: None)
            await venue.close()

    asyncio.run(run())


def test_a_market_that_is_not_listed_cannot_start() -> None:
    async def run() -> None:
        async with served() as exchange:
            venue = exchange.venue()
            with pytest.raises(CannotStart, match="KXNOTHING-1: not listed"):
                await venue.open(["KXNOTHING-1"], lambda update: None)
            await venue.close()

    asyncio.run(run())
