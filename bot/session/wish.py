"""What should rest in one market, as far as the strategy and the risk go, and what else is known of it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.execution.order_manager import NO_ROOM
from bot.market.orders import Quote
from bot.market.units import Lots, Side, Ticks
from bot.strategy.edge_locked.view import Exit

Quotes = Mapping[Side, Quote | None]
Room = Mapping[Side, Lots]
NO_QUOTES: Quotes = {"bid": None, "ask": None}


@dataclass(frozen=True, slots=True)
class Wish:
    """`reason` is why anything else has to go, `room` how much may trade on a side.

    `leaving` is how a position leaves now, `tp` where it takes its profit.
    """

    reason: str
    quotes: Quotes = field(default_factory=lambda: NO_QUOTES)
    room: Room = field(default_factory=lambda: NO_ROOM)
    leaving: Exit | None = None
    tp: Ticks | None = None

    @property
    def empty(self) -> bool:
        return not any(self.quotes.values())
