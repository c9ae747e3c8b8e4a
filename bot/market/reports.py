"""What goes to a venue and what comes back about orders, in the core's units.

A send has three results: `Accepted`, `Rejected`, `NoAnswer`. The last means that the order may rest or not:
the venue is asked under the same client order id (`cloid`); nothing is ever sent again blindly.
Structs rather than dataclasses, so that a recorded session decodes back into them.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bot.market.units import Lots, Side, Ticks

EXPIRE_AFTER = 5_000_000_000
"""A request that reaches the venue later than this (ns) after the call must not be taken any more."""


class Cure(StrEnum):
    """What the caller must do about a refusal."""

    REQUANTISE = "requantise"  # price or size is off the grid: compute both anew from the present price
    REQUOTE = "requote"  # the market moved: back off, then quote from the present best prices
    SHRINK = "shrink"  # too small or too large, or no margin for it: another size, or none
    LOOK_UP = "look up"  # several states share the text: ask the venue what became of the order
    WAIT = "wait"  # too much, too fast, or not now: the same request may pass later
    RENEW = "renew"  # nonce or deadline is used up: a new nonce for the same wish
    HALT = "halt"  # key, account or settings are wrong: no repetition helps


class NewOrder(msgspec.Struct, frozen=True, tag=True):
    """A limit order to send. `tif` is the venue's time in force, "Alo" for post-only.

    `ro` says that it reduces a position: whether the venue can be held to that is its adapter's business.
    """

    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    cloid: str
    tif: str = "Alo"
    ro: bool = False


class CancelRequest(msgspec.Struct, frozen=True, tag=True):
    """Take this order off the book."""

    market: str
    cloid: str


class Replacement(msgspec.Struct, frozen=True, tag=True):
    """Take the order `old` off and send `order`, in one request; `order` has a cloid of its own."""

    market: str
    old: str
    order: NewOrder


class Accepted(msgspec.Struct, frozen=True, tag=True):
    """The order rests (or was matched; trades come by themselves)."""

    oid: str


class Rejected(msgspec.Struct, frozen=True, tag=True):
    """The order does not exist. `code` is ours, `reason` the venue's own text.

    With the cure LOOK_UP one of this cloid may exist all the same: it was sent before.
    """

    code: str
    reason: str
    cure: Cure = Cure.REQUOTE


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
    """The venue knows no order of this cloid: it never took one, or has forgotten it."""


class Trade(msgspec.Struct, frozen=True, tag=True):
    """A fill of ours. `tid` is unique at the venue; `fee` in millionths of quote currency; `at` venue time (ns).

    `cloid` is empty for an order that was sent by hand: it counts into the position all the same.
    """

    tid: str
    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    cloid: str
    fee: int
    at: int


class Doubted(msgspec.Struct, frozen=True, tag=True):
    """The venue says that an order of ours ended or changed without our doing."""

    cloid: str
    reason: str


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The connection is gone: what was known of the books is void."""

    reason: str


class Settled(msgspec.Struct, frozen=True, tag=True):
    """The venue says that a market paid out, or is about to: what that came to stands in the account."""

    market: str


class Back(msgspec.Struct, frozen=True, tag=True):
    """Connected and subscribed again; what happened meanwhile must be asked for."""


class VenuePosition(msgspec.Struct, frozen=True, tag=True):
    """What the venue says is held; `cost` as in `position.Holding`."""

    market: str
    lots: Lots
    cost: int


class Relisted(msgspec.Struct, frozen=True, tag=True):
    """The venue says that a market's rules (prices, fees, start) changed: what is known of them is old."""

    market: str


class Settlement(msgspec.Struct, frozen=True, tag=True):
    """A market paid out at `at` (venue time, ns): `ticks` for each contract of YES, up to a whole dollar."""

    market: str
    ticks: Ticks
    at: int


class Account(msgspec.Struct, frozen=True, tag=True):
    """All the venue says about us at one moment; `trades` at or after `since` (ns), oldest first.

    `maker_fee_ppm` is what a maker pays in parts per million of the value, negative for a rebate; `equity` is the
    account's worth in millionths of quote currency, None where the venue does not say. `settlements` at or after
    `since`: what was held there is gone without a trade.
    """

    positions: list[VenuePosition]
    trades: list[Trade]
    resting: list[Resting]
    since: int
    maker_fee_ppm: int = 0
    equity: int | None = None
    settlements: list[Settlement] = []


SendResult = Accepted | Rejected | NoAnswer
CancelResult = Cancelled | CancelRefused | NoAnswer
Lookup = Resting | Gone | NeverSeen | NoAnswer


class Replaced(msgspec.Struct, frozen=True, tag=True):
    """What became of both halves of a replacement; a refused modify may have taken the old order off.

    A send with the cure LOOK_UP was not refused for itself: the old order was gone, and nothing was sent.
    """

    cancel: CancelResult
    send: SendResult
