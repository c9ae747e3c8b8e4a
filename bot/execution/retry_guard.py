"""Orders refused for their price or size: wished anew on fresh rules, sent once more, and given up in good time.

A refusal of this kind opens a case for its side of the market. The case waits for a fresh reading of the rules; the
next order sent there is the retry, under an id of its own. A retry that is refused alike opens the next case, as long
as retries are left. What the price of the retry is, is not known here, and nothing is sent from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.market.orders import Order
from bot.market.reports import Cure, Rejected
from bot.market.units import Side, Ticks

MILLI = 1_000_000


@dataclass(frozen=True, slots=True)
class Params:
    """`spec_ttl` in ns: rules older than this are read again."""

    enabled: bool = True
    max_retries: int = 1
    spec_ttl: int = 60_000 * MILLI


@dataclass(frozen=True, slots=True)
class Retry:
    """The `attempt`-th try, from 1, for the refused order `retry_of`."""

    retry_of: str
    attempt: int
    code: str
    ticks: Ticks


@dataclass(frozen=True, slots=True)
class Exhausted:
    """So many retries were made, and it was refused again."""

    attempts: int


class RetryGuard:
    """Cases by market and side. A side has one order at a time, so it has one case."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._cases: dict[tuple[str, Side], Retry] = {}
        self._made: dict[str, int] = {}

    def refused(self, order: Order, result: Rejected) -> Retry | Exhausted | None:
        """Whether this refusal is to be cured by a retry, is so no more, or never was."""
        made = self._made.pop(order.cloid, 0)
        if result.cure is not Cure.REQUANTISE or not self._params.enabled:
            return None
        if made >= self._params.max_retries:
            return Exhausted(made)
        case = Retry(order.cloid, made + 1, result.code, order.ticks)
        self._cases[order.market, order.side] = case
        return case

    def waiting(self) -> list[tuple[str, Side]]:
        """Where a retry waits for fresh rules."""
        return list(self._cases)

    def sending(self, order: Order) -> Retry | None:
        """The case that this order is the retry of, if it is one."""
        case = self._cases.pop((order.market, order.side), None)
        if case is not None:
            self._made[order.cloid] = case.attempt
        return case

    def drop(self) -> None:
        """Close the cases that no order came for: nothing is wanted there any more."""
        self._cases.clear()

    def settled(self, cloid: str) -> None:
        """This order was not refused."""
        self._made.pop(cloid, None)
