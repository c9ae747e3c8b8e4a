"""Games at the simulated exchange: each way in and out happens where the script makes it, and a whole evening holds."""

from __future__ import annotations

from fractions import Fraction

from bot.strategy.edge_locked.params import SEED_GATES
from bot.venues.simulators.kalshi.evening import evening
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript
from tests.bot.strategy.edge_locked.evening import LEAGUES, Evening

DIP = [(0.0, 0.555), (60.0, 0.555), (60.0, 0.465)]
"""A jump down through the bid at 0.48, which fills."""


def game(path: list[tuple[float, float]], closes_s: float = 3_000) -> Evening:
    """One quiet market: nothing moves but by its path."""
    market = MarketScript(
        "G-A",
        "G",
        "KXNHLGAME",
        path,
        closes_s=closes_s,
        determined_s=closes_s + 10,
        settles_s=closes_s + 20,
        noise_c=0,
        takers=0,
    )
    played = Evening(Script([SeriesScript("KXNHLGAME")], [market]), stops_s=300)
    played.play()
    return played


def prices(played: Evening) -> list[tuple[bool, float, bool]]:
    """Of each fill: whether it entered, its price, whether we took."""
    return [(fill.entered, float(fill.price), fill.taker) for fill in played.fills]


def test_a_take_profit_fills_where_it_rests() -> None:
    played = game([*DIP, (200, 0.465), (200, 0.575)])
    assert prices(played) == [(True, 0.48, False), (False, 0.55, False)]
    assert not played.exits
    assert played.account.books["G-A"].realized == 700_000


def test_a_position_that_goes_against_us_is_trimmed_once_and_the_rest_waits() -> None:
    played = game([*DIP, (100, 0.465), (100, 0.365), (400, 0.365), (401, 0.575)])
    entry, trimmed, rest = played.fills
    assert played.exits == {"mae_trim": 1}
    assert (entry.price, trimmed.taker, rest.price) == (Fraction(48, 100), True, Fraction(55, 100))
    assert played.account.fills[1].lots == 200, "1 - exp(-0.03 x 11) of ten contracts, in whole ones"


def test_a_position_leaves_in_the_sweet_spot() -> None:
    played = game([*DIP, (540, 0.465), (600, 0.485)])
    assert [entered for entered, _, _ in prices(played)] == [True, False]
    assert set(played.exits) == {"sweet_spot_exit"}
    assert 480 <= played.ages[0] <= 720


def test_a_position_that_nobody_takes_leaves_at_the_hard_cap() -> None:
    played = game(DIP)
    assert prices(played) == [(True, 0.48, False), (False, 0.45, True)]
    assert played.exits["hard_cap_exit"] == 1
    assert 1_200 <= played.ages[0] < 1_210


def test_a_position_that_is_left_at_the_close_is_settled() -> None:
    played = game(DIP, closes_s=300)
    assert prices(played) == [(True, 0.48, False)]
    (paid,) = played.account.settlements
    assert (paid.held.lots, paid.revenue) == (1_000, 10_000_000)


def test_a_short_is_the_mirror() -> None:
    played = game([(0, 0.575), (60, 0.575), (60, 0.665), (200, 0.665), (200, 0.565)])
    assert prices(played) == [(True, 0.65, False), (False, 0.58, False)]
    assert played.account.books["G-A"].realized == 700_000


def test_an_evening_of_eight_markets() -> None:
    """Nothing is refused but a post-only order that the price passed; every entry is outside its gates."""
    played = Evening(evening(7))
    played.play()
    assert len(played.fills) > 50
    assert len({fill.market for fill in played.fills}) >= 6
    for fill in played.fills:
        gate = SEED_GATES[LEAGUES[fill.market.split("-")[0]]]
        if fill.entered:
            assert not fill.taker
            assert fill.price <= gate.low if fill.side == "bid" else fill.price >= gate.high
    assert all("post only cross" in said for said in played.refused), played.refused
    assert {"sweet_spot_exit", "mae_trim"} <= set(played.exits)
    assert max(played.ages) <= 1_300
    assert played.account.cash + sum(held.cost for held in played.account.holdings.values()) > 9_900_000_000
