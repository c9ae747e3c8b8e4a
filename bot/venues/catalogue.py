"""What a venue lists beyond the markets that a run quotes: whoever looks for markets asks it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.market.candidate import Candidate


class Catalogue(Protocol):
    """A venue, open or not, that can be asked for candidates."""

    async def candidates(self, series: Collection[str], also: Collection[str]) -> list[Candidate]:
        """Every open market of these series, and these markets whatever their state, as far as they are listed.

        Raises VenueUnreachable, and CannotStart for a series that is not listed.
        """
        ...

    async def held(self) -> set[str]:
        """Markets in which the account holds something; none where the account is not the venue's.

        Raises VenueUnreachable.
        """
        ...

    def narrow(self, markets: Sequence[str]) -> None:
        """Let `specs` be of these markets from now on; before `open`."""
        ...
