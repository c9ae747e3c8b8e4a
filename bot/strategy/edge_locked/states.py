"""The states of a position as a table. What is not in the table cannot happen, and raises.

Rules:
- FLAT may quote entries on both sides. SKEW_LONG only sells, SKEW_SHORT only buys: a quote that adds is a skew leak.
- A fill that adds is legal all the same: what was left of an entry can fill before it is off the book.
- So is one that turns the position: while FLAT both entries rest, and the larger can fill after the smaller.
- A settlement ends every position; of none it changes nothing.
"""

from __future__ import annotations

from enum import StrEnum

from bot.errors import MustReconcile
from bot.market.position import State
from bot.market.units import Lots, Side, sign


class Input(StrEnum):
    OPENED_LONG = "opened long"
    OPENED_SHORT = "opened short"
    ADDED = "added"
    REDUCED = "reduced"
    CLOSED = "closed"
    TURNED = "turned"
    SETTLED = "settled"


I = Input  # noqa: E741 - a short name keeps the table one line a state

TABLE: dict[State, dict[Input, State]] = {
    "FLAT": {I.OPENED_LONG: "SKEW_LONG", I.OPENED_SHORT: "SKEW_SHORT", I.SETTLED: "FLAT"},
    "SKEW_LONG": {
        I.ADDED: "SKEW_LONG",
        I.REDUCED: "SKEW_LONG",
        I.CLOSED: "FLAT",
        I.TURNED: "SKEW_SHORT",
        I.SETTLED: "FLAT",
    },
    "SKEW_SHORT": {
        I.ADDED: "SKEW_SHORT",
        I.REDUCED: "SKEW_SHORT",
        I.CLOSED: "FLAT",
        I.TURNED: "SKEW_LONG",
        I.SETTLED: "FLAT",
    },
}

MAY_QUOTE: dict[State, frozenset[Side]] = {
    "FLAT": frozenset({"bid", "ask"}),
    "SKEW_LONG": frozenset({"ask"}),
    "SKEW_SHORT": frozenset({"bid"}),
}


class ImpossibleState(MustReconcile):
    """A position changed as its state excludes."""


def step(state: State, event: Input) -> State:
    """The next state. Raises ImpossibleState for a cell that is not there."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise ImpossibleState(f"a position that is {state} cannot be {event}") from None


def what_a_fill_does(held: Lots, side: Side, lots: Lots) -> Input:
    """A fill as an input: `held` is signed and does not include it."""
    change = sign(side) * lots
    if held == 0:
        return Input.OPENED_LONG if change > 0 else Input.OPENED_SHORT
    if held * change > 0:
        return Input.ADDED
    if abs(change) > abs(held):
        return Input.TURNED
    return Input.CLOSED if held + change == 0 else Input.REDUCED
