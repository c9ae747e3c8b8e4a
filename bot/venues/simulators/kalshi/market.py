"""One market while it lives: its book, the crowd around its price, and where it is in its life."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from bot.market.fees import FREE, FeeSchedule, schedule
from bot.market.orders import Quote
from bot.market.price_ranges import PriceRanges
from bot.market.units import SIDES, Lots, Side, Ticks, opposite
from bot.venues.kalshi.codec import Market as Listing
from bot.venues.kalshi.codec import PriceRange
from bot.venues.kalshi.spec import grid_of
from bot.venues.simulators.kalshi.script import MarketScript
from bot.venues.simulators.matching import Book, Standing

CROWD = "crowd"
DEPTH = 1_000_000
LIVE = ("initialized", "active", "inactive")
CENT_TICKS = 100
RUNGS = (0, 1, 2, 4)


@dataclass(frozen=True, slots=True)
class Print:
    """A trade of anybody; `at` in ms."""

    tid: str
    taker: Side
    ticks: Ticks
    lots: Lots
    at: int


@dataclass(slots=True)
class Market:
    """`status` is the venue's word; times in ms of the client's clock. `seen` is the book as it was last told.

    `fees` are those of its series, unless its event has others (`override`: type and multiplier).
    """

    script: MarketScript
    fees: FeeSchedule
    opens: int
    starts: int | None
    closes: int
    determines: int | None
    settles: int | None
    random: random.Random
    ranges: list[PriceRange]
    structure: str
    waived_until: int | None = None
    override: tuple[str, float] | None = None
    status: str = "initialized"
    book: Book = field(default_factory=Book)
    crowd: list[Standing] = field(default_factory=list)
    trades: deque[Print] = field(default_factory=lambda: deque(maxlen=1_000))
    volume: int = 0
    seen: dict[tuple[Side, Ticks], Lots] = field(default_factory=dict)
    settled_at: int | None = None
    updated: int = 0

    @property
    def ticker(self) -> str:
        return self.script.ticker

    def charges(self, now: int) -> FeeSchedule:
        """What a trade at this time costs."""
        if self.waived_until is not None and now < self.waived_until:
            return FREE
        return self.fees if self.override is None else schedule(self.override[0], Decimal(str(self.override[1])))

    @property
    def grid(self) -> PriceRanges:
        return _grid(tuple(self.ranges))

    @property
    def result(self) -> str:
        return self.script.result if self.status in ("determined", "finalized") else ""

    @property
    def payout(self) -> Ticks:
        """What one YES pays, in ticks."""
        if self.script.result == "scalar":
            return Ticks(round((self.script.value or 0.0) * 10_000))
        return Ticks(10_000 if self.script.result == "yes" else 0)

    def levels(self) -> dict[tuple[Side, Ticks], Lots]:
        """The whole book by side and price."""
        return {(side, ticks): lots for side in SIDES for ticks, lots, _ in self.book.levels(side, DEPTH)}

    def weather(self, second: float) -> tuple[list[tuple[Side, Quote]], tuple[Side, Quote] | None]:
        """The quotes of the crowd's makers at a second of the script, and who comes to take, if anyone."""
        drawn = self.random.gauss(0, self.script.noise_c / 100)
        fair = round(min(max(self.script.price(second) + drawn, 0.002), 0.998) * 10_000)
        ladder = [(side, quote) for rung in RUNGS for side in SIDES if (quote := self._rung(side, fair, rung))]
        return ladder, self._taker()

    def _rung(self, side: Side, fair: int, rung: int) -> Quote | None:
        away = round(self.script.spread_c * CENT_TICKS / 2) + rung * CENT_TICKS
        price = self.grid.floor(fair - away) if side == "bid" else self.grid.ceil(fair + away)
        lots = Lots(max(int(self.script.rung * (0.5 + self.random.random())), 1) * 100)
        return Quote(price, lots) if 0 < price < 10_000 else None

    def _taker(self) -> tuple[Side, Quote] | None:
        if self.random.random() >= self.script.takers:
            return None
        side: Side = "bid" if self.random.random() < 0.5 else "ask"
        best = self.book.best(opposite(side))
        lots = Lots(max(int(self.script.rung * self.random.expovariate(1.0)), 1) * 100)
        return None if best is None else (side, Quote(best, lots))


@lru_cache(maxsize=64)
def _grid(ranges: tuple[PriceRange, ...]) -> PriceRanges:
    return grid_of(Listing("", "", "", "", "", list(ranges)))
