"""The evening that is played when no script is given: four games of three leagues, two markets each.

Before a game its prices wander between the gates and beyond, with jumps; during it they run to the result. Everything
from entries to settlement happens, at the speed asked for. The same seed makes the same evening.
"""

from __future__ import annotations

import random

from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript

GAMES = (
    ("KXNHLGAME", "26NOV21UTAVGK", "UTA", "VGK"),
    ("KXNHLGAME", "26NOV21BOSTOR", "BOS", "TOR"),
    ("KXNFLGAME", "26NOV21KCBUF", "KC", "BUF"),
    ("KXNCAAFGAME", "26NOV21MIZZKU", "MIZZ", "KU"),
)
STEP_S, STARTS_S, ENDS_S = 30, 5_400, 9_000
JUMP_CHANCE = 0.05


def evening(seed: int) -> Script:
    """Eight markets; the first of a pair pays when the second does not."""
    series = [SeriesScript(ticker) for ticker in dict.fromkeys(game[0] for game in GAMES)]
    return Script(series, [market for game in GAMES for market in _pair(seed, *game)])


def _pair(seed: int, series: str, code: str, away: str, home: str) -> list[MarketScript]:
    path, wins = _path(random.Random(f"{seed}:{code}"))
    mirrored = [(second, round(1 - price, 4)) for second, price in path]
    event = f"{series}-{code}"
    return [
        MarketScript(
            ticker=f"{event}-{team}",
            event=event,
            series=series,
            path=points,
            starts_s=STARTS_S,
            closes_s=ENDS_S + 60,
            determined_s=ENDS_S + 90,
            settles_s=ENDS_S + 120,
            result="yes" if team_wins else "no",
        )
        for team, points, team_wins in ((away, path, wins), (home, mirrored, not wins))
    ]


def _path(chance: random.Random) -> tuple[list[tuple[float, float]], bool]:
    """Points every half minute; before the start drawn back to the middle, after it let go. The end is the result."""
    price, points = 0.565 + chance.uniform(-0.06, 0.06), list[tuple[float, float]]()
    for second in range(0, ENDS_S, STEP_S):
        playing = second >= STARTS_S
        price += chance.gauss(0, 0.012 if playing else 0.008) + (0 if playing else (0.565 - price) * 0.02)
        price = min(max(price, 0.03), 0.97)
        points.append((float(second), round(price, 4)))
        if chance.random() < JUMP_CHANCE:
            price = min(max(price + chance.choice((-1, 1)) * chance.uniform(0.04, 0.10), 0.03), 0.97)
            points.append((float(second), round(price, 4)))
    wins = price > 0.5
    return [*points, (float(ENDS_S), 0.97 if wins else 0.03)], wins
