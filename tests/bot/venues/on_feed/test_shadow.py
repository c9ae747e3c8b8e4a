"""Shadow: orders rest, nothing is sent, nothing fills."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Back,
    Cancelled,
    CancelRefused,
    CancelRequest,
    Cure,
    Gone,
    Lost,
    NeverSeen,
    Rejected,
    Replaced,
    Replacement,
    Resting,
)
from bot.market.units import Lots
from bot.venues.on_feed.fees import Fees
from bot.venues.on_feed.shadow import ShadowVenue
from bot.venues.venue import Update
from tests.bot.builders import order
from tests.bot.venues.on_feed.feed import ScriptedData, best, sold


def shadowed(test: Callable[[ShadowVenue, ScriptedData, list[Update]], Awaitable[None]]) -> None:
    async def run() -> None:
        data, told = ScriptedData(), list[Update]()
        venue = ShadowVenue(data, Fees(maker_ppm=120))
        await venue.open(["SOL"], told.append)
        await test(venue, data, told)
        await venue.close()
        assert data.closed

    asyncio.run(run())


def test_an_order_rests_and_whatever_is_printed_nothing_fills() -> None:
    async def test(venue: ShadowVenue, data: ScriptedData, told: list[Update]) -> None:
        assert await venue.place([order("bid", 18_501, 100)]) == [Accepted("1")]
        data.listener.on_print(sold(18_000, 10_000, 2))
        data.listener.on_top(best(17_999, 18_000), 3)
        resting = Resting("SOL", "bid", 18_501, Lots(100), "0x1", "1")
        assert await venue.look_up("SOL", "0x1") == resting
        account = await venue.account(5)
        assert (account.positions, account.trades, account.resting) == ([], [], [resting])
        assert (account.since, account.maker_fee_ppm) == (5, 120)
        assert [type(update) for update in told] == [Top, Top]

    shadowed(test)


def test_an_order_goes_once_and_its_cloid_is_used_up() -> None:
    async def test(venue: ShadowVenue, data: ScriptedData, told: list[Update]) -> None:
        request = [CancelRequest("SOL", "0x1")]
        assert await venue.look_up("SOL", "0x1") == NeverSeen()
        await venue.place([order("bid", 18_501, 100)])
        assert await venue.cancel(request) == [Cancelled()]
        assert isinstance((await venue.cancel(request))[0], CancelRefused)
        assert await venue.look_up("SOL", "0x1") == Gone(Lots(0))
        (again,) = await venue.place([order("bid", 18_501, 100)])
        assert isinstance(again, Rejected)
        assert again.code == "E_DUPLICATE"
        assert await venue.resting() == []

    shadowed(test)


def test_a_replacement_stands_in_for_the_old_one() -> None:
    async def test(venue: ShadowVenue, data: ScriptedData, told: list[Update]) -> None:
        await venue.place([order("bid", 18_501, 100, cloid="0xa")])
        change = Replacement("SOL", "0xa", order("bid", 18_500, 100, cloid="0xb"))
        assert await venue.replace([change]) == [Replaced(Cancelled(), Accepted("2"))]
        assert [resting.cloid for resting in await venue.resting()] == ["0xb"]
        (gone,) = await venue.replace([change])
        assert isinstance(gone.cancel, CancelRefused)
        assert isinstance(gone.send, Rejected)

    shadowed(test)


def test_what_the_venue_would_refuse_is_refused() -> None:
    async def test(venue: ShadowVenue, data: ScriptedData, told: list[Update]) -> None:
        text = "Post only order would have immediately matched, bbo was 185@185.02. asset=5"
        assert await venue.place([order("bid", 18_502, 100)]) == [Rejected("E_POST_ONLY", text, Cure.REQUOTE)]
        data.listener.on_lost("closed")
        data.listener.on_back()
        (blind,) = await venue.place([order("bid", 18_400, 100)])
        assert isinstance(blind, Rejected)
        assert blind.code == "E_NO_BOOK"
        assert [type(update) for update in told] == [Top, Lost, Back]

    shadowed(test)
