"""The rules of the markets: when to read them anew, and what a reading leads to.

They are read when they are older than the guard allows, and at once when the venue says that they changed, or refused
a price or size. Orders that wait for that are wished anew from the present book. Changed units end the run: a fresh one
starts with them.
"""

from __future__ import annotations

from bot import messages
from bot.errors import MustReconcile
from bot.messages import Effect, Emit
from bot.session import narration
from bot.session.quoting import Quoting
from bot.session.state import State

SECOND = 1_000_000_000


class UnitsChanged(MustReconcile):
    """Ticks or lots of a market mean something else than before."""


class Listings:
    """One reading at a time is under way."""

    def __init__(self, state: State, quoting: Quoting) -> None:
        self._state = state
        self._quoting = quoting
        self._reading = False
        self._changed_at = 0
        self._told_overrides = False
        self._asked_at = 0

    def due(self, now: int) -> list[Effect]:
        """Read again what is too old; a reading that failed is tried again when as much time has passed."""
        since = max(self._state.specs.read_at, self._asked_at)
        if self._changed_at and now - self._asked_at >= SECOND:
            return self.read("structure", now)
        return self.read("ttl", now) if now - since >= self._state.params.guard.spec_ttl else []

    def read(self, reason: str, now: int) -> list[Effect]:
        """Ask the venue, unless it is being asked."""
        if self._reading:
            return []
        self._reading, self._asked_at = True, now
        return [messages.ReadSpecs(reason)]

    def on_changed(self, message: messages.RulesChanged, now: int) -> list[Effect]:
        """Read anew, until it was answered: what is under way may have been answered before the change."""
        self._changed_at = now
        return self.read("structure", now)

    def on_specs(self, message: messages.SpecsRead, now: int) -> list[Effect]:
        """Raises UnitsChanged."""
        self._reading = False
        effects = [] if message.specs is None else self._take(message, now)
        if message.specs is not None and self._changed_at:
            late, self._changed_at = self._asked_at < self._changed_at, 0
            effects += self.on_changed(messages.RulesChanged(""), now) if late else []
        return effects + self._retry(now)

    def overrides(self) -> list[Effect]:
        """What the desk's overrides come to, said once."""
        if self._told_overrides:
            return []
        self._told_overrides = True
        applied = self._state.specs.applied
        return [Emit(narration.overridden(applied[market])) for market in self._state.markets if market in applied]

    def _take(self, message: messages.SpecsRead, now: int) -> list[Effect]:
        state, age = self._state, now - self._state.specs.read_at
        changes = state.specs.take(message.specs or {}, now)
        if changes.units:
            raise UnitsChanged(f"the venue counts {', '.join(changes.units)} in other ticks or lots than this run does")
        effects: list[Effect] = [
            Emit(narration.refreshed(state.specs[market], message, market in changes.rules, age))
            for market in state.markets
        ]
        return effects + (self._quoting.requote_all(now) if changes.rules or changes.unlisted else [])

    def _retry(self, now: int) -> list[Effect]:
        """Let the waiting sides go: what they send now are the retries, and what is not wanted now is no retry."""
        state, effects = self._state, list[Effect]()
        for market, side in state.guard.waiting():
            state.orders.release(market, side)
            effects += self._quoting.requote(market, now)
        state.guard.drop()
        return effects
