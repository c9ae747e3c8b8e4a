"""What the bot asks of a venue. Adapters turn a venue's own words into the core's integers, once, here.

Nothing in this room knows the session: an adapter answers calls, and hands prices and trades to the sink it was
opened with. A trade is handed over before the answer to any send or cancel that the venue took after it, so that
an order which ended has told all its trades; an answer to `look_up` may overtake trades, and says what is filled.
Requests that change something come in batches; each of a batch has its own result, in the order of the requests,
and what the venue says, or fails to say, is a result and never raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bot.errors import RetryLater
from bot.market.book import Top
from bot.market.reports import (
    Account,
    Back,
    CancelRequest,
    CancelResult,
    Doubted,
    Lookup,
    Lost,
    NewOrder,
    Relisted,
    Replaced,
    Replacement,
    Resting,
    SendResult,
    Settled,
    Trade,
    VenuePosition,
)
from bot.market.spec import Spec

Update = Top | Trade | Doubted | Settled | Relisted | Lost | Back
Sink = Callable[[Update], None]


class VenueUnreachable(RetryLater):
    """The venue did not answer a question that changes nothing; ask again."""


class Venue(Protocol):
    """One connection to one account at one venue."""

    name: str

    @property
    def specs(self) -> Mapping[str, Spec]:
        """Every market the venue lists, as read when it was opened or made."""
        ...

    async def read_specs(self) -> Mapping[str, Spec]:
        """The same, asked anew. Raises VenueUnreachable."""
        ...

    async def open(self, markets: Sequence[str], sink: Sink) -> None:
        """Connect, and hand prices of `markets` and all trades of ours to `sink` from now on.

        Raises CannotStart and VenueUnreachable.
        """
        ...

    async def run(self) -> None:
        """The connection's own work until cancelled. Raises BotError when it cannot go on."""
        ...

    async def close(self) -> None:
        """Disconnect. Orders stay at the venue."""
        ...

    def alive(self, turns: int) -> None:
        """The bot has handled so many messages: said a few times a second, for a venue's dead-man switch."""
        ...

    async def hold_entries(self, off: bool) -> None:
        """Take every order without `ro` off and refuse more of them, or take them again: the venue's own switch.

        Nothing where a venue has none: the session takes them off all the same. Raises VenueUnreachable.
        """
        ...

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        """Send each order, once; none may be taken later than EXPIRE_AFTER from this call."""
        ...

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        """Take orders off the book."""
        ...

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        """Take orders off and send others in their stead, once; none may be taken later than EXPIRE_AFTER."""
        ...

    async def look_up(self, market: str, cloid: str) -> Lookup:
        """What became of an order."""
        ...

    async def resting(self) -> list[Resting]:
        """All orders with a cloid in the venue's books: one without is of a human hand. Raises VenueUnreachable."""
        ...

    async def positions(self) -> list[VenuePosition]:
        """What is held now: a look that settles nothing. Raises VenueUnreachable."""
        ...

    async def account(self, since: int) -> Account:
        """Positions, resting orders, and trades at or after `since` (ns), as of one moment. Raises VenueUnreachable."""
        ...
