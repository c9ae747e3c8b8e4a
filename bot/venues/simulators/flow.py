"""A seeded price and a crowd around it: makers who follow it, takers who come by chance.

Floats are allowed here: this is the weather, not our bookkeeping. It knows nothing of us.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks

BPS = 1e-4


@dataclass(frozen=True, slots=True)
class Weather:
    """`anchor` in quote currency draws the price back; moves in bps a step; sizes in quote currency."""

    anchor: float
    move_bps: float = 0.35
    pull: float = 0.002
    rungs_bps: tuple[float, ...] = (1.0, 2.0, 4.0, 7.0, 11.0)
    rung_usd: float = 4_000.0
    taker_chance: float = 0.12
    taker_usd: float = 7_000.0


class Flow:
    """One market's weather. The same seed gives the same steps."""

    def __init__(self, spec: Spec, weather: Weather, seed: str, price: float | None = None) -> None:
        self._spec = spec
        self._weather = weather
        self._random = random.Random(seed)
        self.price = price or weather.anchor

    def step(self) -> list[tuple[Side, Quote]]:
        """Move the price one step; returns the quotes the crowd's makers now stand with."""
        drawn = self._random.gauss(0.0, self._weather.move_bps * BPS)
        home = (self._weather.anchor / self.price - 1) * self._weather.pull
        self.price *= 1 + drawn + home
        return [rung for bps in self._weather.rungs_bps for rung in self._rungs(bps)]

    def taker(self) -> tuple[Side, Quote] | None:
        """Who comes to take now, if anyone: a side, how much, and the worst price accepted."""
        if self._random.random() >= self._weather.taker_chance:
            return None
        side: Side = "bid" if self._random.random() < 0.5 else "ask"
        worst = self._ticks(side, self.price * (1 + 15 * BPS if side == "bid" else 1 - 15 * BPS))
        return side, Quote(worst, self._lots(self._weather.taker_usd * self._random.expovariate(1.0)))

    def _rungs(self, bps: float) -> list[tuple[Side, Quote]]:
        lots = self._lots(self._weather.rung_usd * (0.5 + self._random.random()))
        bid, ask = self.price * (1 - bps * BPS), self.price * (1 + bps * BPS)
        return [("bid", Quote(self._ticks("bid", bid), lots)), ("ask", Quote(self._ticks("ask", ask), lots))]

    def _ticks(self, side: Side, price: float) -> Ticks:
        return self._spec.toward_safety(side, Fraction(price) / Fraction(self._spec.tick))

    def _lots(self, usd: float) -> Lots:
        return Lots(max(int(usd / self.price / float(self._spec.lot)), 1))
