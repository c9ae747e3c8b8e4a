"""The core's units. Prices are `Ticks`, sizes are `Lots`, time is nanoseconds: integers all.

A tick is the market's finest price unit and a lot its finest size, both from `spec.Spec`;
which ticks are legal prices is the grid's business, not this module's.
"""

from __future__ import annotations

from typing import Literal, NewType

Ticks = NewType("Ticks", int)
Lots = NewType("Lots", int)
Side = Literal["bid", "ask"]
NO_LOTS = Lots(0)
SIDES: tuple[Side, Side] = ("bid", "ask")


def sign(side: Side) -> int:
    """+1 for a bid, -1 for an ask: what a fill on this side does to the position."""
    return 1 if side == "bid" else -1


def opposite(side: Side) -> Side:
    """The other side."""
    return "ask" if side == "bid" else "bid"
