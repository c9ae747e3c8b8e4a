"""What markets charge and when they start, what becomes of them, and that none of it stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction

import pytest

from bot.errors import CannotStart
from bot.market.book import Top
from bot.market.contract import Contract
from bot.market.reports import Lost, Settled, Settlement
from bot.market.units import Ticks
from bot.venues.kalshi import charges, life
from bot.venues.simulators.kalshi.faults import Fault
from bot.venues.simulators.kalshi.life import Life
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript
from tests.bot.venues.kalshi.at_exchange import Desk, at_exchange
from tests.bot.venues.kalshi.desk import new
from tests.bot.venues.simulators.kalshi.client import OTHER
from tests.bot.venues.simulators.kalshi.table import EVENT, GAME, SERIES

TAKER = Fraction(7, 100)


def script(fee_type: str = "quadratic", game: MarketScript | None = None, **both: object) -> Script:
    """Two markets of one event, the first of them as asked for."""
    made = [made_as(ticker, **both) for ticker in (GAME, OTHER)]
    return Script([SeriesScript(SERIES, fee_type)], made if game is None else [game, made[1]])


def made_as(ticker: str, **given: object) -> MarketScript:
    return MarketScript(ticker, EVENT, SERIES, [(0, 0.55)], takers=0, noise_c=0, **given)  # type: ignore[arg-type]


def at(test: Callable[[Desk], Awaitable[None]], given: Script) -> None:
    at_exchange(test, script=given)


def contract(desk: Desk, ticker: str = GAME) -> Contract:
    found = desk.venue.specs[ticker].contract
    assert found is not None
    return found


def test_a_contract_knows_its_event_its_series_its_fees_and_its_times() -> None:
    async def test(desk: Desk) -> None:
        market = desk.simulation.engine.markets[GAME]
        assert market.starts is not None
        found = contract(desk)
        assert (found.event, found.series) == (EVENT, SERIES)
        assert (found.fees.taker, found.fees.maker) == (TAKER, Fraction(175, 10_000))
        assert (found.starts, found.closes) == (market.starts * 1_000_000, market.closes * 1_000_000)

    at(test, script("quadratic_with_maker_fees", starts_s=4_000.0, closes_s=9_000.0))


def test_nobody_knows_when_a_game_starts_of_which_the_venue_does_not_say() -> None:
    async def test(desk: Desk) -> None:
        assert contract(desk).starts is None

    at(test, script(starts_s=None))


@pytest.mark.parametrize(
    ("until_s", "charged"), [(7_200.0, Fraction(0)), (1_800.0, TAKER)], ids=["outlasts", "ends soon"]
)
def test_fees_are_waived_where_that_outlasts_what_is_held(until_s: float, charged: Fraction) -> None:
    async def test(desk: Desk) -> None:
        assert contract(desk).fees.taker == charged

    at(test, script(waived_until_s=until_s))


def test_fees_of_the_event_s_own_are_known_as_soon_as_they_are_told() -> None:
    game = made_as(GAME, happenings=[Happening(60, "fees", fee_type="quadratic", fee_multiplier=0.5)])

    async def test(desk: Desk) -> None:
        assert contract(desk).fees.taker == TAKER
        await asyncio.sleep(61)
        assert {contract(desk, ticker).fees.taker for ticker in (GAME, OTHER)} == {TAKER / 2}
        assert (await desk.venue.read_specs())[GAME].contract == contract(desk)

    at(test, script(game=game))


def test_fees_are_not_believed_for_ever() -> None:
    async def test(desk: Desk) -> None:
        market = desk.simulation.engine.markets[GAME]
        market.override = ("quadratic", 0.5)  # and nobody says so
        assert (await desk.venue.read_specs())[GAME].contract == contract(desk)
        assert contract(desk).fees.taker == TAKER
        await asyncio.sleep(charges.BELIEVED / 1e9 + 1)
        await desk.venue.read_specs()
        assert contract(desk).fees.taker == TAKER / 2

    at(test, script())


def test_fees_that_nobody_knows_keep_a_market_from_being_quoted_and_one_that_is_quoted_keeps_its_own() -> None:
    async def test(desk: Desk) -> None:
        desk.simulation.engine.markets[GAME].override = ("by_the_moon", 1.0)
        await asyncio.sleep(charges.BELIEVED / 1e9 + 1)
        await desk.venue.read_specs()
        assert contract(desk).fees.taker == TAKER
        again = Desk(desk.clock, desk.simulation, desk.network, [GAME])
        with pytest.raises(CannotStart, match=f"{GAME}: fee type 'by_the_moon'"):
            await again.venue.open([GAME], lambda update: None)
        await again.venue.close()

    at(test, script())


def over_in(seconds: float, result: str = "yes", value: float | None = None) -> MarketScript:
    return made_as(
        GAME, closes_s=seconds, determined_s=seconds + 10, settles_s=seconds + 20, result=result, value=value
    )


def test_prices_that_make_no_sense_stop_nothing_while_we_run_and_are_said_before() -> None:
    async def test(desk: Desk) -> None:
        market, before = desk.simulation.engine.markets[GAME], desk.venue.specs[GAME]
        market.ranges, told = [], market.ranges
        assert (await desk.venue.read_specs())[GAME] == before
        again = Desk(desk.clock, desk.simulation, desk.network, [GAME])
        with pytest.raises(CannotStart, match=f"{GAME}: no prices are in"):
            await again.venue.open([GAME], lambda update: None)
        await again.venue.close()
        market.ranges = told
        market.status = "inactive"
        await desk.venue.read_specs()
        await asyncio.sleep(2)
        assert {top.market: top.bid for top in desk.told(Top)}[GAME] is None

    at(test, script())


@pytest.mark.parametrize(
    ("result", "value", "payout"), [("yes", None, 10_000), ("no", None, 0), ("scalar", 0.255, 2_550)]
)
def test_a_market_that_pays_is_told_and_is_in_the_account_and_the_others_go_on(
    result: str, value: float | None, payout: int
) -> None:
    async def test(desk: Desk) -> None:
        await desk.venue.place([new(1, 5_500)])
        desk.crowd(GAME, "ask", 5_500, 1_000)
        before = await desk.venue.account(0)
        assert [(one.market, one.lots) for one in before.positions] == [(GAME, 1_000)]
        await asyncio.sleep(119)
        assert desk.told(Settled) == []
        await asyncio.sleep(life.STATUS_S + 7)
        assert desk.told(Settled) == [Settled(GAME)]
        after = await desk.venue.account(0)
        assert after.positions == await desk.venue.positions() == []
        (paid,) = after.settlements
        paid_at = desk.simulation.engine.markets[GAME].settled_at
        assert paid_at is not None
        assert paid == Settlement(GAME, Ticks(payout), paid_at * 1_000_000)
        assert (await desk.venue.account(paid.at + 1_000_000_000)).settlements == []
        seen = len(desk.updates)
        await asyncio.sleep(30)
        told = [one for one in desk.updates[seen:] if isinstance(one, Top)]
        assert {one.market for one in told if one.bid is not None} == {OTHER}
        assert {one.market for one in told} == {GAME, OTHER}, "that there is no price is told, too"
        assert desk.told(Lost) == []
        assert desk.told(Settled) == [Settled(GAME)]

    at(test, script(game=over_in(100, result, value)))


def test_a_payout_of_which_the_stream_says_nothing_is_seen_by_the_book_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(life, "STATUS_S", 1_000.0)

    async def test(desk: Desk) -> None:
        desk.simulation.faults.add(Fault("drop", "ws:market_lifecycle_v2", count=0))
        await asyncio.sleep(125)
        assert desk.told(Settled) == [Settled(GAME)]
        assert desk.told(Lost) == []

    at(test, script(game=over_in(100)))


def test_a_market_that_paid_while_we_were_away_is_told_at_the_opening_and_stops_nothing() -> None:
    async def test(desk: Desk) -> None:
        await asyncio.sleep(200)
        again = Desk(desk.clock, desk.simulation, desk.network, [GAME, OTHER])
        await again.venue.open([GAME, OTHER], again.updates.append)
        try:
            assert again.told(Settled) == [Settled(GAME)]
            assert {one.market for one in again.told(Top) if one.bid is not None} == {OTHER}
        finally:
            await again.venue.close()

    at(test, script(game=over_in(100)))


def test_a_market_that_is_listed_no_more_has_no_prices_until_it_is_again() -> None:
    async def test(desk: Desk) -> None:
        engine = desk.simulation.engine
        gone = engine.markets.pop(GAME)
        assert [*await desk.venue.read_specs()] == [OTHER]
        await asyncio.sleep(3)
        tops = {top.market: top.bid for top in desk.told(Top)}
        assert tops[GAME] is None
        assert tops[OTHER] is not None
        engine.markets[GAME] = gone
        await desk.venue.read_specs()
        await asyncio.sleep(10)
        assert {top.market: top.bid for top in desk.told(Top)}[GAME] is not None

    at(test, script())


def test_a_quiet_market_s_prices_are_never_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing trades and nothing moves; the session would not quote on prices of more than three seconds."""

    async def test(desk: Desk) -> None:
        monkeypatch.setattr(Life, "_blow", lambda self, market: None)
        oldest = 0
        for _ in range(600):
            await asyncio.sleep(0.1)
            last = {top.market: top.at for top in desk.told(Top)}
            oldest = max(oldest, *(desk.clock.now() - at for at in last.values()))
        assert 900_000_000 < oldest < 1_500_000_000

    at(test, script())
