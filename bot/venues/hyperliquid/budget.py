"""What may still be asked of the venue: weight of our IP in the last minute, requests of our address since it began.

Both are spent deliberately. Cancels always go out; a question wants some weight to be left, a new order wants more,
so that cancels never meet a venue that will not listen. Numbers: the venue's documentation of rate limits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bot.clock import NANOS

WEIGHT_A_MINUTE = 1_200
FOR_CANCELS, FOR_QUESTIONS = 100, 200
"""Weight that questions leave to cancels, and that new orders leave to both."""
REQUESTS_LEFT = 100
"""Requests of the address that new orders leave to replacements and to whatever else signs for it."""
LOW = 1_000
PENALTY = 10 * NANOS
LIGHT = ("l2Book", "allMids", "clearinghouseState", "orderStatus", "spotClearinghouseState", "exchangeStatus")
LONG = ("userFillsByTime",)


def weight_of_question(kind: str) -> int:
    """Of one /info request, before its answer is known."""
    return 2 if kind in LIGHT else 60 if kind == "userRole" else 20


def weight_of_answer(kind: str, items: int) -> int:
    """What a long answer costs on top."""
    return items // 20 if kind in LONG else 0


def weight_of_action(batch: int) -> int:
    """Of one /exchange request with so many elements."""
    return 1 + batch // 40


class Budget:
    """One IP and one address. `steady` as Clock.steady."""

    def __init__(self, steady: Callable[[], int]) -> None:
        self._steady = steady
        self._spent: deque[tuple[int, int]] = deque()
        self._sum = 0
        self._left: int | None = None
        self._held_until = 0

    @property
    def left(self) -> int | None:
        """Requests the address has left; None before `learn`."""
        return self._left

    @property
    def weight(self) -> int:
        """Weight left in this minute."""
        horizon = self._steady() - 60 * NANOS
        while self._spent and self._spent[0][0] <= horizon:
            self._sum -= self._spent.popleft()[1]
        return WEIGHT_A_MINUTE - self._sum

    def spend(self, weight: int, requests: int = 0) -> None:
        """What was sent, or what an answer cost on top."""
        self._spent.append((self._steady(), weight))
        self._sum += weight
        if self._left is not None:
            self._left -= requests

    def learn(self, used: int, cap: int) -> None:
        """What the venue says of the address."""
        self._left = cap - used

    def refused(self) -> None:
        """The venue said that it was too much: no new orders for a while, whatever we had counted."""
        self._held_until = self._steady() + PENALTY

    @property
    def low(self) -> bool:
        """Whether to ask the venue again: what was traded since may have earned more."""
        return self._left is not None and self._left < LOW

    def may_ask(self, kind: str) -> bool:
        """Whether a question leaves enough for cancels."""
        return self.weight - weight_of_question(kind) >= FOR_CANCELS

    def against_orders(self, orders: int) -> str | None:
        """Why so many new orders must wait; None when they may go."""
        if self._steady() < self._held_until:
            return "the venue said that it was asked too much: new orders wait some seconds"
        if self.weight - weight_of_action(orders) < FOR_QUESTIONS:
            return f"{self.weight} of {WEIGHT_A_MINUTE} weight is left in this minute: it is kept for cancels"
        if self._left is not None and self._left - orders < REQUESTS_LEFT:
            return f"the address has {self._left} requests left: they are kept; trade volume earns more"
        return None
