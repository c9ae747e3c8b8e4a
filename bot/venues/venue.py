"""What the bot asks of a venue. Adapters turn a venue's own words into the core's integers, once, here.

Nothing in this room knows the session: an adapter answers calls, and hands prices and trades to the sink it was
opened with. A trade is handed over before the answer to any send or cancel that the venue took after it, so that
an order which ended has told all its trades; an answer to `look_up` may overtake trades, and says what is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bot.errors import RetryLater
from bot.market.book import Top
from bot.market.reports import Account, CancelResult, Lookup, NewOrder, Resting, SendResult, Trade
from bot.market.spec import Spec

Sink = Callable[[Top | Trade], None]


class VenueUnreachable(RetryLater):
    """The venue did not answer a question that changes nothing; ask again."""


class Venue(Protocol):
    """One connection to one account at one venue."""

    name: str

    @property
    def specs(self) -> Mapping[str, Spec]:
        """Every market the venue lists."""
        ...

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        """Connect, and hand prices of `markets` and all trades of ours to `sink` from now on."""
        ...

    async def run(self) -> None:
        """The connection's own work until cancelled. Raises BotError when it cannot go on."""
        ...

    async def close(self) -> None:
        """Disconnect. Orders stay at the venue."""
        ...

    async def place(self, order: NewOrder) -> SendResult:
        """Send one order, once. What the venue says, or fails to say, is a result and never raised."""
        ...

    async def cancel(self, market: str, cloid: str) -> CancelResult:
        """Take one order off the book. What the venue says, or fails to say, is a result and never raised."""
        ...

    async def look_up(self, market: str, cloid: str) -> Lookup:
        """What became of an order."""
        ...

    async def resting(self) -> list[Resting]:
        """All our orders in the venue's books. Raises VenueUnreachable."""
        ...

    async def account(self, since: int) -> Account:
        """Positions, resting orders, and trades at or after `since` (ns), as of one moment. Raises VenueUnreachable."""
        ...
