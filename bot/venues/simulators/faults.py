"""Misbehaviour on request: what a drill can switch on at the paper venue, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import BotError
from bot.venues import rejections

SECOND = 1_000_000_000
FAULTS = {
    "tick_reject": "the next COUNT orders are refused: price not divisible by tick size",
    "reject": "the next COUNT orders are refused: insufficient margin",
    "no_answer": "the next COUNT orders are taken, but the answer is lost",
    "drop_feed": "no prices for COUNT seconds",
}


class UnknownFault(BotError):
    """No fault of this name."""


@dataclass(slots=True)
class Faults:
    """Pending faults. A new request replaces the pending one of the same name; 0 ends it."""

    pending: dict[str, int] = field(default_factory=dict)
    silent_until: int = 0

    def request(self, name: str, count: int, now: int) -> None:
        """Raises UnknownFault."""
        if name not in FAULTS:
            raise UnknownFault(f"no fault {name!r}: choose from {', '.join(FAULTS)}")
        if name == "drop_feed":
            self.silent_until = now + count * SECOND
        else:
            self.pending[name] = count

    def strikes(self, name: str) -> bool:
        """Whether this fault hits now; uses up one of its count."""
        left = self.pending.get(name, 0)
        if left <= 0:
            return False
        self.pending[name] = left - 1
        return True

    def refusal(self) -> str | None:
        """The text of a refusal that hits now, without its asset."""
        texts = {"tick_reject": rejections.TICK, "reject": rejections.MARGIN}
        return next((text for name, text in texts.items() if self.strikes(name)), None)

    def silent(self, now: int) -> bool:
        return now < self.silent_until
