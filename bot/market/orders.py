"""An order's life as a table. What is not in the table cannot happen, and raises.

Rules:
- PENDING waits for the answer to its send and is never cancelled: what rests is known first.
- A trade can overtake every answer, so it is legal in each state in which the order may exist.
- UNKNOWN may rest. It blocks its side of the market until the venue was asked under the same cloid.
- A doubt of the venue's own makes a WORKING order UNKNOWN; where an answer is outstanding, it waits for that.
- A refused cancel proves nothing (three causes share one text): the order becomes UNKNOWN.
- FILLED, CANCELLED and REJECTED are final; answers that were overtaken change nothing. What rests against that is
  found in the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.errors import MustReconcile
from bot.market.position import State
from bot.market.units import NO_LOTS, Lots, Side, Ticks

Tif = Literal["Alo", "Ioc"]


class OrderState(StrEnum):
    PENDING = "pending"
    WORKING = "working"
    CANCELLING = "cancelling"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class Input(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NO_ANSWER = "no answer"
    CANCEL_SENT = "cancel sent"
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel refused"
    PART_FILL = "part fill"
    FULL_FILL = "full fill"
    FOUND_RESTING = "found resting"
    FOUND_GONE = "found gone"
    NEVER_SEEN = "never seen"
    DOUBTED = "doubted"


S, I = OrderState, Input  # noqa: E741 - short names keep the table one line a state

TABLE: dict[OrderState, dict[Input, OrderState]] = {
    S.PENDING: {
        I.ACCEPTED: S.WORKING,
        I.REJECTED: S.REJECTED,
        I.NO_ANSWER: S.UNKNOWN,
        I.PART_FILL: S.PENDING,
        I.FULL_FILL: S.FILLED,
    },
    S.WORKING: {
        I.CANCEL_SENT: S.CANCELLING,
        I.PART_FILL: S.WORKING,
        I.FULL_FILL: S.FILLED,
        I.DOUBTED: S.UNKNOWN,
    },
    S.CANCELLING: {
        I.CANCELLED: S.CANCELLED,
        I.CANCEL_REFUSED: S.UNKNOWN,
        I.NO_ANSWER: S.UNKNOWN,
        I.PART_FILL: S.CANCELLING,
        I.FULL_FILL: S.FILLED,
    },
    S.UNKNOWN: {
        I.NO_ANSWER: S.UNKNOWN,
        I.PART_FILL: S.UNKNOWN,
        I.FULL_FILL: S.FILLED,
        I.FOUND_RESTING: S.WORKING,
        I.FOUND_GONE: S.CANCELLED,
        I.NEVER_SEEN: S.REJECTED,
    },
    S.FILLED: {
        I.ACCEPTED: S.FILLED,
        I.NO_ANSWER: S.FILLED,
        I.CANCEL_REFUSED: S.FILLED,
        I.FOUND_RESTING: S.FILLED,
        I.FOUND_GONE: S.FILLED,
        I.NEVER_SEEN: S.FILLED,
    },
    S.CANCELLED: {
        I.NO_ANSWER: S.CANCELLED,
        I.PART_FILL: S.CANCELLED,
        I.FULL_FILL: S.FILLED,
        I.FOUND_RESTING: S.CANCELLED,
        I.FOUND_GONE: S.CANCELLED,
        I.NEVER_SEEN: S.CANCELLED,
    },
    S.REJECTED: {},
}

MAY_REST = frozenset({S.PENDING, S.WORKING, S.CANCELLING, S.UNKNOWN})


class ImpossibleOrder(MustReconcile):
    """The venue reported what the order's state excludes."""


@dataclass(slots=True)
class Order:
    """One order of ours. Mutable: it lives in the order manager and nowhere else. Times in ns.

    `doubted`: the venue said something unasked since it was last asked; `untold`: how often it was gone with trades
    that nobody told yet; `forgotten`: only the account settles it, as the venue knows it no more, or counts trades
    from before we found it. `sent_in` is the state of the position that it was sent in, None of one taken over.
    """

    cloid: str
    seq: int
    market: str
    side: Side
    ticks: Ticks
    lots: Lots
    sent_at: int
    tif: Tif = "Alo"
    ro: bool = False
    oid: str = ""
    state: OrderState = OrderState.PENDING
    filled: Lots = NO_LOTS
    orphan: bool = False
    ask_at: int = 0
    asked: bool = False
    asked_at: int = 0
    ended_at: int = 0
    doubted: bool = False
    forgotten: bool = False
    untold: int = 0
    sent_in: State | None = None

    @property
    def left(self) -> Lots:
        return Lots(self.lots - self.filled)

    @property
    def may_rest(self) -> bool:
        return self.state in MAY_REST

    @property
    def resting(self) -> Quote:
        """What is left of it, as the wish that it fulfils."""
        return Quote(self.ticks, self.left, self.tif, self.ro)

    def on(self, event: Input) -> None:
        """Step through the table. Raises ImpossibleOrder for a cell that is not there."""
        try:
            self.state = TABLE[self.state][event]
        except KeyError:
            raise ImpossibleOrder(f"order {self.cloid} is {self.state}, yet the venue says: {event}") from None

    def fill(self, lots: Lots) -> None:
        """Count a trade of this order. Raises ImpossibleOrder when more is filled than was sent."""
        if lots > self.left:
            raise ImpossibleOrder(f"order {self.cloid}: {lots} lots filled, only {self.left} were left")
        self.filled = Lots(self.filled + lots)
        self.on(Input.PART_FILL if self.left else Input.FULL_FILL)


@dataclass(frozen=True, slots=True)
class Quote:
    """A wish: this price, this size. `tif` "Ioc" takes what stands there and never rests; `ro` leaves a position."""

    ticks: Ticks
    lots: Lots
    tif: Tif = "Alo"
    ro: bool = False
