"""The games of a schedule: prices that run through the gates, pauses, changes of ticks, starts, closes, settlements."""

from __future__ import annotations

import random

from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, SeriesScript

GAMES = (
    ("KXNHLGAME", "26NOV21UTAVGK", ("UTA", "VGK")),
    ("KXNFLGAME", "26NOV21KCBUF", ("KC", "BUF")),
    ("KXNCAAFGAME", "26NOV21MIZZKU", ("MIZZ", "KU")),
)
TICKERS = tuple(f"{series}-{code}-{team}" for series, code, teams in GAMES for team in teams)
FEES = ("quadratic", "quadratic", "quadratic_with_maker_fees")
STRUCTURES = ("linear_cent", "linear_cent", "tapered_deci_cent", "deci_cent")
CALM_S = 3_600.0
LOW, HIGH = 0.14, 0.86


def script(chance: random.Random, tickers: tuple[str, ...], storm: float) -> Script:
    """Of these markets; two of one game mirror each other. Pauses end with the storm, games may end after it."""
    series = [SeriesScript(name, chance.choice(FEES)) for name in dict.fromkeys(game[0] for game in GAMES)]
    markets: list[MarketScript] = []
    for name, code, teams in GAMES:
        game = [f"{name}-{code}-{team}" for team in teams if f"{name}-{code}-{team}" in tickers]
        if game:
            markets += _game(chance, f"{name}-{code}", name, game, storm)
    order = {ticker: place for place, ticker in enumerate(tickers)}
    return Script(series, sorted(markets, key=lambda one: order[one.ticker]), _pauses(chance, storm))


def _game(chance: random.Random, event: str, series: str, tickers: list[str], storm: float) -> list[MarketScript]:
    path, yes = _path(chance, storm), chance.random() < 0.5
    mirrored = [(second, round(1 - price, 4)) for second, price in path]
    times = _times(chance, storm)
    rough = {
        "spread_c": chance.choice((1.0, 2.0, 4.0)),
        "noise_c": chance.choice((0.2, 0.8, 2.0)),
        "rung": chance.choice((3, 10, 40)),
        "takers": chance.choice((0.2, 0.5, 0.9)),
    }
    return [
        MarketScript(
            ticker=ticker,
            event=event,
            series=series,
            path=mirrored if place else path,
            structure=chance.choice(STRUCTURES),
            opens_s=chance.uniform(2, 15) if chance.random() < 0.05 else 0.0,
            result="yes" if yes != bool(place) else "no",
            happenings=_happenings(chance, storm) if "closes_s" not in times else [],
            **times,
            **rough,  # type: ignore[arg-type]
        )
        for place, ticker in enumerate(tickers)
    ]


def _path(chance: random.Random, storm: float) -> list[tuple[float, float]]:
    """A price that wanders and jumps until the storm is over."""
    price, second = chance.uniform(0.40, 0.74), 0.0
    points = [(0.0, round(price, 4))]
    while second < storm:
        second += chance.uniform(2, 8)
        price = min(max(price + chance.gauss(0, 0.04) + (0.57 - price) * 0.1, LOW), HIGH)
        points.append((second, round(price, 4)))
        if chance.random() < 0.4:
            price = min(max(price + chance.choice((-1, 1)) * chance.uniform(0.03, 0.25), LOW), HIGH)
            points.append((second, round(price, 4)))
    return points


def _times(chance: random.Random, storm: float) -> dict[str, float | None]:
    """Most games start long after; some start in the storm, and of those some are over soon, or before their time."""
    drawn = chance.random()
    if drawn < 0.04:
        return {"starts_s": None}
    if drawn < 0.55:
        return {"starts_s": CALM_S}
    starts = chance.uniform(8, storm)
    if drawn < 0.65:
        return {"starts_s": starts}
    closes = starts if drawn < 0.9 else chance.uniform(starts, storm + 10)
    starts = CALM_S if drawn < 0.85 else starts
    if chance.random() < 0.25:
        return {"starts_s": starts, "closes_s": closes}
    determined = closes + chance.uniform(0, 4)
    return {
        "starts_s": starts,
        "closes_s": closes,
        "determined_s": determined,
        "settles_s": determined + chance.uniform(0, 6),
    }


def _happenings(chance: random.Random, storm: float) -> list[Happening]:
    found = []
    if chance.random() < 0.2:
        at = chance.uniform(3, storm - 3)
        found += [Happening(at, "deactivate"), Happening(chance.uniform(at + 0.5, storm), "activate")]
    if chance.random() < 0.4:
        found.append(Happening(chance.uniform(3, storm), "structure", structure=chance.choice(STRUCTURES)))
    if chance.random() < 0.05:
        found.append(Happening(chance.uniform(3, storm), "fees", fee_type="quadratic_with_maker_fees"))
    return found


def _pauses(chance: random.Random, storm: float) -> list[Happening]:
    if chance.random() >= 0.3:
        return []
    at = chance.uniform(3, storm - 4)
    what = chance.choice(("pause_trading", "pause_trading", "pause_exchange"))
    return [Happening(at, what), Happening(chance.uniform(at + 0.5, min(at + 15, storm)), "resume")]
