"""The venue's switch: renewed while the session turns, pulled when it does not, put away at an orderly end."""

from __future__ import annotations

import asyncio

from bot.market.reports import Accepted
from bot.venues.simulators.hyperliquid.faults import Fault
from tests.bot.venues.hyperliquid.at_exchange import A, Desk, at_exchange, weather

SMALL = 1
"""An account that traded too little for the switch."""


async def breathe(desk: Desk, seconds: int, turning: bool = True) -> None:
    for second in range(seconds):
        desk.venue.alive(second if turning else 0)
        await weather(desk.simulation, 1)


def test_orders_stay_while_the_session_turns_and_go_when_it_hangs() -> None:
    async def work(desk: Desk) -> None:
        assert isinstance(await desk.place(desk.inside("bid", A, away=50_000)), Accepted)
        await breathe(desk, 120)
        assert desk.account.open
        await breathe(desk, 31, turning=False)
        assert not desk.account.open
        assert not desk.said

    at_exchange(work)


def test_a_lost_renewal_is_made_again_in_time() -> None:
    async def work(desk: Desk) -> None:
        await desk.place(desk.inside("bid", A, away=50_000))
        await breathe(desk, 90)
        assert desk.account.open

    at_exchange(work, Fault("drop", where="exchange:scheduleCancel", after=1, count=6))


def test_it_is_put_away_at_an_orderly_end_and_left_where_an_order_rests() -> None:
    async def work(desk: Desk) -> None:
        await breathe(desk, 3)
        assert desk.account.schedule is not None
        await desk.venue.close()
        assert desk.account.schedule is None
        later = Desk(desk.clock, desk.simulation, desk.network)
        await later.open()
        await breathe(later, 3)
        await later.place(later.inside("bid", A, away=50_000))
        await later.venue.close()
        assert desk.account.schedule is not None
        await asyncio.sleep(30)
        await weather(desk.simulation, 1)
        assert not desk.account.open

    at_exchange(work)


def test_an_account_that_may_not_use_it_hears_so_once() -> None:
    async def work(desk: Desk) -> None:
        await breathe(desk, 60)
        (line,) = desk.said
        assert "Required: $1000000. Traded: $0" in line
        assert desk.account.requests <= 1

    at_exchange(work, number=SMALL)
