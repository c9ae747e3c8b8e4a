"""Looks for markets to quote: asks the venue what there is and lets `selection.discovery` choose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from bot import events
from bot.clock import NANOS, Clock
from bot.errors import BotError
from bot.market.position import Holding
from bot.patience import patiently
from bot.runtime.journal import Journal
from bot.selection import discovery
from bot.selection.discovery import Choice, Verdict
from bot.venues.catalogue import Catalogue


@dataclass(slots=True)
class Scout:
    """Looks every `every_s` seconds; `params` may change in between. `choice` is the one that this run was made for.

    `paid` are markets that settled while something was held: the venue is to tell of them too. `say` writes one line
    for people.
    """

    catalogue: Catalogue
    params: discovery.Params
    every_s: float
    clock: Clock
    say: Callable[[str], None]
    choice: Choice = field(default_factory=Choice)
    paid: tuple[str, ...] = ()

    async def begin(self, journal: Journal) -> tuple[str, ...]:
        """Choose the markets of this run, and let the venue list them.

        Beside them it lists those in which something is held or of which an earlier run may have left something.
        Raises CannotStart.
        """
        left = journal.quoted()
        held = await patiently(lambda: self._held(journal, left), self.clock, self.say)
        self.choice = await patiently(lambda: self._look(held, left), self.clock, self.say)
        self.paid = _paid(self.choice, held)
        self.catalogue.narrow([*dict.fromkeys((*self.choice.markets, *held, *left))])
        journal.quotes(self.choice.markets)
        return self.choice.markets

    async def again(self, running: Collection[str], positions: Mapping[str, Holding]) -> str:
        """Choose anew, and say why the run should end for that; "" when it should go on."""
        held = [market for market, holding in positions.items() if holding.lots]
        try:
            fresh = await self._look(held, running)
        except BotError as error:
            self.say(f"mm-bot: no look at other markets now, again in {self._pause}: {error}")
            return ""
        flat = [market for market in running if market not in held]
        return discovery.renewal([*running], flat, fresh, self.params, self.clock.now())

    def news(self) -> list[events.Discovery]:
        """What became of each candidate."""
        return [_told(verdict, self.clock.now()) for verdict in self.choice.verdicts]

    def idle(self) -> str:
        """Why nothing is quoted, in a sentence."""
        seen = len(self.choice.verdicts)
        return f"none of {seen} markets can be entered now, looking again every {self._pause}"

    async def _look(self, held: Collection[str], also: Collection[str]) -> Choice:
        series = [*self.params.gates]
        found = await self.catalogue.candidates(series, [*dict.fromkeys((*held, *also))])
        return discovery.choose(found, held, self.params, self.clock.now())

    async def _held(self, journal: Journal, left: Collection[str]) -> list[str]:
        """What the journal says, and of runs that were killed what the venue says: they may have traded at the last."""
        told = [position.market for position in journal.positions() if Decimal(position.size)]
        there = await self.catalogue.held() if left else set()
        return [*told, *(market for market in left if market in there and market not in told)]

    @property
    def _pause(self) -> str:
        return f"{self.every_s / 60:g} min"


def _paid(choice: Choice, held: Collection[str]) -> tuple[str, ...]:
    ended = (one.market for one in choice.verdicts if one.candidate is not None and one.candidate.settled)
    return tuple(market for market in ended if market in held)


def _told(verdict: Verdict, now: int) -> events.Discovery:
    told = events.Discovery(market=verdict.market, event=verdict.event, decision=verdict.word, reason=verdict.reason)
    candidate = verdict.candidate
    if candidate is None:
        return told
    contract = candidate.spec.contract
    starts = None if contract is None else contract.starts
    return replace(
        told,
        starts_in_s=None if starts is None else round((starts - now) / NANOS, 1),
        bid=_number(candidate.best("bid")),
        ask=_number(candidate.best("ask")),
        spread=_number(candidate.spread),
        depth=_number(candidate.depth),
        to_gate=_number(verdict.to_gate),
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
