"""The weather: seeded, believable, and on the grid."""

from __future__ import annotations

from bot.venues.paper import SPECS, WEATHER
from bot.venues.simulators.flow import Flow


def test_the_same_seed_gives_the_same_weather() -> None:
    first, second, other = (Flow(SPECS["BTC"], WEATHER["BTC"], seed) for seed in ("7", "7", "8"))
    days = [[(flow.step(), flow.taker()) for _ in range(50)] for flow in (first, second, other)]
    assert days[0] == days[1] != days[2]


def test_the_crowd_is_on_the_grid_and_not_crossed() -> None:
    for market, spec in SPECS.items():
        flow = Flow(spec, WEATHER[market], "7")
        for _ in range(200):
            ladder = flow.step()
            assert all(spec.legal(quote.ticks) and quote.lots > 0 for _, quote in ladder)
            bids = [quote.ticks for side, quote in ladder if side == "bid"]
            asks = [quote.ticks for side, quote in ladder if side == "ask"]
            assert max(bids) < min(asks)


def test_the_price_wanders_but_comes_home() -> None:
    flow = Flow(SPECS["SOL"], WEATHER["SOL"], "7")
    prices = []
    for _ in range(5_000):
        flow.step()
        prices.append(flow.price)
    assert len(set(prices)) > 2_500
    assert 0.97 < min(prices) / WEATHER["SOL"].anchor < max(prices) / WEATHER["SOL"].anchor < 1.03
