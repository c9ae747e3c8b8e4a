"""What could be traded, as the simulated exchange lists it: pages, books, series, and markets that are open no more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import pytest

from bot.errors import CannotStart
from bot.market.fees import schedule
from bot.venues.kalshi import catalogue
from bot.venues.kalshi.prices import KalshiPrices
from bot.venues.kalshi.venue import KalshiVenue
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript
from bot.venues.simulators.kalshi.simulation import Simulation
from tests.bot.venues.kalshi.in_memory import InMemory, Network
from tests.bot.venues.simulators.kalshi.client import StillClock, pem

T = TypeVar("T")
NHL, FED, ODD = "KXNHLGAME", "KXFED", "KXODD"
STARTS_S = 3_600.0


def market(ticker: str, event: str, series: str = NHL, price: float = 0.55, **more: object) -> MarketScript:
    given = {"takers": 0.0, "noise_c": 0.0, "starts_s": STARTS_S, **more}
    return MarketScript(ticker, event, series, [(0, price)], **given)  # type: ignore[arg-type]


SCRIPT = Script(
    [SeriesScript(NHL), SeriesScript(FED, "quadratic_with_maker_fees"), SeriesScript(ODD, "quadratic", 2.0)],
    [
        market("A-1", "A"),
        market("A-2", "A", price=0.45),
        market("B-1", "B", happenings=[Happening(at_s=1, what="deactivate")]),
        market("C-1", "C", closes_s=10, determined_s=20, settles_s=30),
        market("D-1", "D", opens_s=100),
        market("F-1", "F", FED),
        market("O-1", "O", ODD, happenings=[Happening(at_s=1, what="fees", fee_type="quadratic_with_maker_fees")]),
        market("O-2", "P", ODD),
    ],
)


def asked(
    question: Callable[[KalshiVenue], Awaitable[T]],
    second: float = 0,
    kind: type = KalshiVenue,
    script: Script = SCRIPT,
    clock: StillClock | None = None,
) -> T:
    """What a venue without any markets answers at a second of the script."""
    clock = clock or StillClock()

    async def run() -> T:
        simulation = Simulation(clock, 3, script=script, pem=pem())
        for _ in range(int(second)):
            clock.pass_by(1)
            simulation.step()
        venue = kind(InMemory(Network(simulation)), simulation.key, (), clock)
        try:
            return await question(venue)
        finally:
            await venue.close()

    return asyncio.run(run())


@pytest.mark.parametrize("kind", [KalshiVenue, KalshiPrices])
@pytest.mark.parametrize("page", [1_000, 1])
def test_all_open_markets_of_a_series_with_their_books(kind: type, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PAGE", page)
    monkeypatch.setattr(catalogue, "BOOKS", page)
    found = asked(lambda venue: venue.candidates([NHL], []), second=2, kind=kind)
    assert [one.market for one in found] == ["A-1", "A-2", "C-1"]
    first = found[0]
    assert (first.best("bid"), first.best("ask")) == (Decimal("0.54"), Decimal("0.56"))
    assert (first.spread, first.trades, first.settled) == (Decimal("0.02"), True, False)
    assert Decimal(20) <= first.depth <= Decimal(60)
    contract = first.spec.contract
    assert contract is not None
    assert (contract.event, contract.series, contract.fees) == ("A", NHL, schedule("quadratic", Decimal(1)))
    assert contract.starts is not None
    assert first.top.at - contract.starts == pytest.approx(-(STARTS_S - 2) * 1e9, abs=1e9)


def test_a_market_that_is_asked_for_is_told_of_in_any_state() -> None:
    found = asked(lambda venue: venue.candidates([], ["B-1", "C-1", "D-1", "F-1", "NONE"]), second=40)
    told = {one.market: (one.event, one.trades, one.settled) for one in found}
    assert told == {
        "B-1": ("B", False, False),
        "C-1": ("C", False, True),
        "D-1": ("D", False, False),
        "F-1": ("F", True, False),
    }
    series = {one.market: one.spec.contract.series for one in found if one.spec.contract is not None}
    assert series == {"B-1": NHL, "C-1": NHL, "D-1": NHL, "F-1": FED}
    assert {one.market: one.top.bid is None for one in found} == {"B-1": False, "C-1": True, "D-1": True, "F-1": False}


def test_a_series_without_a_formula_has_markets_without_a_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "fees_of", _unknown)
    found = asked(lambda venue: venue.candidates([NHL], []))
    assert [one.spec.contract for one in found] == [None] * 4


def _unknown(series: object, event: object) -> None:
    raise catalogue.UnknownFees("flat")


def test_an_event_may_have_fees_of_its_own() -> None:
    found = asked(lambda venue: venue.candidates([ODD], []), second=2)
    fees = [one.spec.contract.fees for one in found if one.spec.contract is not None]
    assert fees == [schedule("quadratic_with_maker_fees", Decimal(1)), schedule("quadratic", Decimal(2))]


def test_a_series_that_is_not_listed_is_named() -> None:
    with pytest.raises(CannotStart, match="KALSHI_SERIES: Kalshi lists no series KXNHL"):
        asked(lambda venue: venue.candidates(["KXNHL"], []))


def test_no_more_is_asked_than_the_account_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200 markets in pages and books of ten, with the account, series and events: 44 questions of 10 tokens."""
    monkeypatch.setattr(catalogue, "PAGE", 10)
    monkeypatch.setattr(catalogue, "BOOKS", 10)
    many = Script([SeriesScript(NHL)], [market(f"G{number}", f"G{number}") for number in range(200)])
    clock, waits, real = StillClock(), list[float](), asyncio.sleep

    async def waiting(seconds: float) -> None:
        waits.append(seconds)
        clock.pass_by(seconds)
        await real(0)

    monkeypatch.setattr("bot.venues.kalshi.client.asyncio.sleep", waiting)
    found = asked(lambda venue: venue.candidates([NHL], []), script=many, clock=clock)
    assert len(found) == 200, "nothing was refused"
    assert sum(waits) >= (440 - 200) / 200


def test_specs_are_of_what_was_chosen() -> None:
    async def narrowed(venue: KalshiVenue) -> list[str]:
        assert await venue.read_specs() == {}
        venue.narrow(["A-1", "F-1"])
        return [*await venue.read_specs()]

    assert asked(narrowed) == ["A-1", "F-1"]
