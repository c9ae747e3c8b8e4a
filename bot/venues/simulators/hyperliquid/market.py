"""One perpetual: its rules, its book, the crowd around it, and how it writes numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.market import wire
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.venues.hyperliquid.codec import BookSide, Level, PublicTrade
from bot.venues.hyperliquid.spec import DECIMALS, spec_of
from bot.venues.simulators.flow import Flow, Weather
from bot.venues.simulators.matching import Book, Standing
from bot.venues.simulators.tape import Played, Tape

CROWD = "crowd"
DEPTH = 20


@dataclass(frozen=True, slots=True)
class Listing:
    """What the universe says of a market; `anchor` is where its price comes from and goes back to, in USD."""

    coin: str
    sz_decimals: int
    max_leverage: int
    anchor: float
    delisted: bool = False


UNIVERSE = (
    Listing("SOL", 2, 20, 185.0),
    Listing("MATIC", 1, 10, 0.5, delisted=True),
    Listing("BTC", 5, 40, 97_000.0),
    Listing("ETH", 4, 25, 3_600.0),
    Listing("DOGE", 0, 10, 0.21),
    Listing("HYPE", 2, 10, 41.5),
    Listing("XRP", 0, 20, 2.3),
    Listing("kPEPE", 0, 10, 0.0044),
    Listing("LINK", 1, 10, 17.2),
)
"""Asset ids are places in it: not those of the main network, so that nobody comes to rely on them."""


def told(text: str) -> str:
    """A number as the venue answers: with at least one decimal."""
    return text if "." in text else f"{text}.0"


def usd(micros: int) -> str:
    """Millionths of a USD as the venue answers."""
    return told(wire.text(micros, DECIMALS))


def letter(side: Side) -> BookSide:
    """The venue's letter for a side."""
    return "B" if side == "bid" else "A"


@dataclass(slots=True)
class Market:
    """`asset` is its place in the universe; a tick times a lot is a millionth of a USD."""

    asset: int
    listing: Listing
    spec: Spec
    flow: Flow
    book: Book = field(default_factory=Book)
    crowd: list[Standing] = field(default_factory=list)
    trades: deque[PublicTrade] = field(default_factory=lambda: deque(maxlen=200))

    @property
    def coin(self) -> str:
        return self.listing.coin

    @property
    def oracle(self) -> Ticks:
        """The price that nobody here can move, as whole ticks."""
        return Ticks(max(round(Decimal(self.flow.price) / self.spec.tick), 1))

    @property
    def mid(self) -> Ticks:
        """Halfway between the best prices, rounded down; the oracle while a side is empty."""
        bid, ask = self.book.best("bid"), self.book.best("ask")
        return self.oracle if bid is None or ask is None else Ticks((bid + ask) // 2)

    def bare(self, ticks: Ticks) -> str:
        """A price without a zero at the end, as error texts have it."""
        return wire.text(ticks, DECIMALS - self.listing.sz_decimals)

    def price(self, ticks: Ticks) -> str:
        return told(self.bare(ticks))

    def size(self, lots: int) -> str:
        return told(wire.text(lots, self.listing.sz_decimals))

    def levels(self, depth: int = DEPTH) -> tuple[list[Level], list[Level]]:
        """Bids and asks, the best first."""
        return self._half("bid", depth), self._half("ask", depth)

    def best(self) -> tuple[Level | None, Level | None]:
        bids, asks = self.levels(1)
        return bids[0] if bids else None, asks[0] if asks else None

    def _half(self, side: Side, depth: int) -> list[Level]:
        rows = self.book.levels(side, depth)
        return [Level(self.price(ticks), self.size(Lots(lots)), n) for ticks, lots, n in rows]


def universe(seed: int, tapes: Mapping[str, Tape] | None = None, pace: int = 0) -> dict[str, Market]:
    """All markets with empty books. The same seed gives the same weather; a market with a tape plays that instead,
    `pace` ns of it a step."""
    played = tapes or {}
    return {
        listing.coin: _market(asset, listing, seed, played.get(listing.coin), pace)
        for asset, listing in enumerate(UNIVERSE)
    }


def _market(asset: int, listing: Listing, seed: int, tape: Tape | None, pace: int) -> Market:
    spec, name = spec_of(listing.coin, asset, listing.sz_decimals), f"{seed}:{listing.coin}"
    weather = Weather(anchor=listing.anchor)
    flow = Flow(spec, weather, name) if tape is None else Played(spec, weather, name, tape, pace)
    return Market(asset, listing, spec, flow)
