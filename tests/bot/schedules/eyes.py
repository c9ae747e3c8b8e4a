"""What every exchange of a schedule has: eyes on our orders and fills, and what the bot needs to connect to it.

What may never happen is looked for after each step of the weather and each action taken, at the exchange itself, and
in what the bot asks for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, Protocol

from bot.clock import NANOS
from bot.events import Event
from bot.market.reports import NewOrder
from bot.market.units import Lots
from bot.session import Params, Session
from bot.venues.simulators.plan import Faults
from bot.venues.venue import Venue
from tests.bot.venues.in_memory import Client, Lines
from tests.bot.virtual_time import VirtualClock

MOST_VIOLATIONS = 10


class Notes:
    """`violations` are what must not happen, `told` everything that did, with its second; a line each."""

    def __init__(self, clock: VirtualClock) -> None:
        self.violations: list[str] = []
        self.told: list[tuple[float, str]] = []
        self.counts: Counter[str] = Counter()
        self.epoch_s = clock.now() / NANOS
        self._clock = clock

    def note(self, text: str) -> None:
        self.told.append((self._clock.steady() / NANOS, text))

    def violated(self, text: str) -> None:
        self.note(f"VIOLATED: {text}")
        if len(self.violations) < MOST_VIOLATIONS and text not in self.violations:
            self.violations.append(text)


class Exchange(Protocol):
    """One venue's exchange; `watch` and `run` look at it, and `notes` are what they saw."""

    @property
    def notes(self) -> Notes: ...

    @property
    def network(self) -> Lines: ...

    @property
    def faults(self) -> Faults:
        """What struck so far."""
        ...

    async def run(self) -> None:
        """Let its time pass until cancelled."""
        ...

    def ours(self) -> Collection[str]:
        """Cloids of what rests of the bot's, whichever run sent it."""
        ...

    def held(self, market: str) -> Lots: ...

    def lot(self, market: str) -> Decimal:
        """A lot in base units."""
        ...

    def fills(self) -> int:
        """How many trades the account had."""
        ...

    def left_alone(self) -> bool:
        """Whether an order that a human sent is still there."""
        ...

    def client(self) -> Client:
        """A new way to it."""
        ...

    def venue(self, client: Client, say: Callable[[str], None]) -> Venue:
        """The adapter on that way."""
        ...

    def params(self, given: Params) -> Params:
        """What else a run here is made of: strategy and limits."""
        ...

    def not_ready(self, reasons: list[str]) -> list[str]:
        """Of what the bot says, that which should not be so once the storm is over."""
        ...

    def sends(self, session: Session, order: NewOrder, now: int) -> None:
        """The session wants this sent: look whether it may."""
        ...

    def says(self, session: Session, event: Event) -> None:
        """The session tells this."""
        ...

    def turns(self, session: Session, now: int) -> None:
        """A second passed for the session."""
        ...

    def explained(self, event: dict[str, Any]) -> bool:
        """Whether a rejection is the exchange's doing and not ours."""
        ...
