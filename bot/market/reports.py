"""What goes to a venue and what comes back about orders, in the core's units.

A send has three results: `Accepted`, `Rejected`, `NoAnswer`. The last means that the order may rest or not:
the venue is asked under the same client order id (`cloid`); nothing is ever sent again blindly.
Structs rather than dataclasses, so that a recorded session decodes back into them.
"""

from __future__ import annotations

import msgspec

from bot.market.units import Lots, Side, Ticks


class NewOrder(msgspec.Struct, frozen=True, tag=True):
    """A limit order to send. `tif` is the venue's time in force, "Alo" for post-only; `ro` reduce only."""

    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    cloid: str
    tif: str = "Alo"
    ro: bool = False


class Accepted(msgspec.Struct, frozen=True, tag=True):
    """The order rests (or was matched; trades come by themselves)."""

    oid: str


class Rejected(msgspec.Struct, frozen=True, tag=True):
    """The order does not exist. `code` is ours, `reason` the venue's own text."""

    code: str
    reason: str


class NoAnswer(msgspec.Struct, frozen=True, tag=True):
    """Nobody knows yet."""

    reason: str


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    """The order left the book by our request."""


class CancelRefused(msgspec.Struct, frozen=True, tag=True):
    """The venue has no such resting order: filled, cancelled before, or never there."""

    reason: str


class Resting(msgspec.Struct, frozen=True, tag=True):
    """An order in the venue's book; `lots` is what is left of it."""

    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    cloid: str
    oid: str


class Gone(msgspec.Struct, frozen=True, tag=True):
    """The venue knew the order and it rests no more; `filled` is what was traded of it."""

    filled: Lots


class NeverSeen(msgspec.Struct, frozen=True, tag=True):
    """The venue never took an order of this cloid."""


class Trade(msgspec.Struct, frozen=True, tag=True):
    """A fill of ours. `tid` is unique at the venue; `fee` in millionths of quote currency; `at` venue time (ns)."""

    tid: str
    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    cloid: str
    fee: int
    at: int


class VenuePosition(msgspec.Struct, frozen=True, tag=True):
    """What the venue says is held; `cost` as in `position.Holding`."""

    market: str
    lots: Lots
    cost: int


class Account(msgspec.Struct, frozen=True, tag=True):
    """All the venue says about us at one moment; `trades` since a time the asker chose, oldest first."""

    positions: list[VenuePosition]
    trades: list[Trade]
    resting: list[Resting]


SendResult = Accepted | Rejected | NoAnswer
CancelResult = Cancelled | CancelRefused | NoAnswer
Lookup = Resting | Gone | NeverSeen | NoAnswer
