"""What everybody can see of a venue, without an account: best prices, prints and depth, from whoever reads them.

Live, paper and shadow stand on the same source; an adapter implements it on its feed. Every piece of news carries the
venue's own time (`stamp`, ns), so that a listener can say what came first without comparing two clocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.market.book import Top
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks

Levels = tuple[tuple[Ticks, Lots], ...]


@dataclass(frozen=True, slots=True)
class Print:
    """A trade of anybody. `side` is the taker's: "bid" bought from an ask. `tid` is unique at the venue."""

    tid: str
    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    stamp: int


@dataclass(frozen=True, slots=True)
class Depth:
    """Price levels, best first, as a whole: a level between two of these is empty, one beyond the last is not known."""

    market: str
    bids: Levels
    asks: Levels
    stamp: int


class Listener(Protocol):
    """Who is told. Called from the event loop; must not block and must not raise but for a defect."""

    def on_top(self, top: Top, stamp: int) -> None:
        """New best prices, with their sizes."""
        ...

    def on_print(self, print_: Print) -> None:
        """A trade, each once; those of a gap may come late, after `on_back`, in order of their stamps."""
        ...

    def on_depth(self, depth: Depth) -> None:
        """All levels the venue shows, from time to time: older than the newest best prices as a rule."""
        ...

    def on_halted(self, market: str) -> None:
        """A market stopped trading, for a while or for good: the venue cancelled what rested there."""
        ...

    def on_settled(self, market: str, payout: Ticks) -> None:
        """A market paid so much for each contract, and is over; told once a connection, from its opening on."""
        ...

    def on_relisted(self, market: str) -> None:
        """A market's rules changed: its spec is to be read anew."""
        ...

    def on_lost(self, reason: str) -> None:
        """The connection is gone: no book is known any more."""
        ...

    def on_back(self) -> None:
        """Connected and subscribed again, after `on_lost` only; books follow."""
        ...


class MarketData(Protocol):
    """One connection to one venue's public data."""

    name: str

    @property
    def specs(self) -> Mapping[str, Spec]:
        """Every market the venue lists, as last read; empty before `open`."""
        ...

    async def read_specs(self) -> Mapping[str, Spec]:
        """Ask the venue anew; may be called before `open`. Raises VenueUnreachable."""
        ...

    async def open(self, markets: Sequence[str], listener: Listener) -> None:
        """Read the specs, connect and subscribe; returns once each market had its first best prices.

        Raises CannotStart (a market that is not listed, with near matches) or VenueUnreachable.
        """
        ...

    async def run(self) -> None:
        """The connection's own work, reconnects included, until cancelled. Raises BotError when it cannot go on."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...
