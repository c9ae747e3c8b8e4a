"""What an event contract is beside its prices: the event it bets on, the series that it is of, its fees and times.

Two markets of one event are one bet. Perpetuals have none of this.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.market.fees import FeeSchedule


@dataclass(frozen=True, slots=True)
class Contract:
    """Times in ns: `starts` is when the game does, None where nobody knows, `closes` when trading ends."""

    event: str
    series: str
    fees: FeeSchedule
    starts: int | None
    closes: int
