"""A recording as a market: what was best comes again, at its time, and nothing crosses."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bot.market.orders import Quote
from bot.market.units import Side
from bot.venues.hyperliquid.spec import spec_of
from bot.venues.simulators.flow import Weather
from bot.venues.simulators.tape import Best, Moment, Played

STEP = 300_000_000
SPEC = spec_of("SOL", 0, 2)
WEATHER = Weather(anchor=185.0)


def moment(after: int, bid: str, ask: str, sizes: tuple[int, int] = (3, 4)) -> Moment:
    low, high = sizes
    return Moment(after, Best(Fraction(bid), Fraction(low)), Best(Fraction(ask), Fraction(high)))


def played(*tape: Moment) -> Played:
    return Played(SPEC, WEATHER, "7", tape, STEP)


def best(ladder: list[tuple[Side, Quote]]) -> tuple[Quote, Quote]:
    bids, asks = ([q for own, q in ladder if own == side] for side in ("bid", "ask"))
    return max(bids, key=lambda q: q.ticks), min(asks, key=lambda q: q.ticks)


def prices(market: Played, steps: int) -> list[tuple[str, str]]:
    quotes = (best(market.step()) for _ in range(steps))
    return [(f"{SPEC.price(bid.ticks):.4f}", f"{SPEC.price(ask.ticks):.4f}") for bid, ask in quotes]


def test_the_best_comes_at_its_time_and_the_last_stays() -> None:
    market = played(moment(0, "185", "185.01"), moment(STEP + 1, "190", "190.02"), moment(3 * STEP, "180", "180.5"))
    first, second, last = ("185.0000", "185.0100"), ("190.0000", "190.0200"), ("180.0000", "180.5000")
    assert prices(market, 6) == [first, first, second, last, last, last]
    assert market.price == 180.25


def test_several_moments_within_a_step_count_as_their_last() -> None:
    market = played(moment(0, "185", "185.01"), moment(5, "186", "186.01"), moment(9, "187", "187.01"))
    assert prices(market, 2) == [("185.0000", "185.0100"), ("187.0000", "187.0100")]


def test_a_recorded_size_stands_and_one_that_was_not_is_the_weathers() -> None:
    bid, ask = best(played(moment(0, "185", "185.01", (3, 0))).step())
    assert bid.lots == 300
    assert 500 < ask.lots < 5_000, "some 4,000 USD, as everywhere in this weather"


@pytest.mark.parametrize(
    ("bid", "ask"), [("185.0012345", "185.0098765"), ("0.00011", "0.00012"), ("99.9999", "100.0001")]
)
def test_a_price_off_this_grid_goes_to_the_safe_side(bid: str, ask: str) -> None:
    for _ in range(5):
        ladder = played(moment(0, bid, ask)).step()
        low, high = best(ladder)
        assert low.ticks < high.ticks
        assert all(SPEC.legal(quote.ticks) and quote.lots > 0 for _, quote in ladder)


def test_a_bid_below_the_finest_price_is_none() -> None:
    assert {side for side, _ in played(moment(0, "0.00001", "0.00002")).step()} == {"ask"}


def test_the_crowd_behind_never_crosses_a_jump() -> None:
    market = played(*(moment(n * STEP, str(185 + 9 * (n % 2)), str(185.01 + 9 * (n % 2))) for n in range(50)))
    for _ in range(50):
        ladder = market.step()
        bid, ask = best(ladder)
        assert bid.ticks < ask.ticks
        assert len(ladder) > 8, "depth is there too"
