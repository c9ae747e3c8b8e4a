"""The circuit breaker of each market, told of cancels and failed entries, and what it says as events.

What a level means is the strategy's business. Where the venue itself stopped our entries, it is told to take them
again when a breaker clears, or after a while where none tripped. Exits that fail trip nothing: no breaker holds them.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot import events
from bot.market.orders import Order
from bot.market.reports import Cure, Rejected
from bot.messages import Effect, Emit, HoldEntries
from bot.risk.circuit_breaker import SECOND, Breaker, Cleared, Level, Params, Trip

GROUP = "E_GROUP"
BUDGET = "E_BUDGET"
"""It waited for the account's tokens: eight markets that begin at once need more than there are, and nothing failed."""
STOPPED_FOR = 30 * SECOND
"""How long (ns) the venue's own stop is left to stand where no breaker keeps it longer."""


class Breakers:
    """By market; of a run without `params` none ever trips."""

    def __init__(self, params: Params | None, markets: Iterable[str]) -> None:
        self._breakers = {} if params is None else {market: Breaker(params) for market in markets}
        self._stopped_at: int | None = None

    def level(self, market: str) -> Level:
        return self._breakers[market].level if market in self._breakers else "closed"

    def cancelled(self, market: str, now: int) -> None:
        """An order of ours was asked to leave the book."""
        if market in self._breakers:
            self._breakers[market].cancelled(now)

    def refused(self, order: Order, result: Rejected, now: int) -> None:
        """A market that moved away is no failure."""
        if result.code == GROUP and self._stopped_at is None:
            self._stopped_at = now
        if result.cure is not Cure.REQUOTE and result.code != BUDGET:
            self.failed(order, now)

    def failed(self, order: Order, now: int) -> None:
        """An entry was refused, or nobody knows what became of it."""
        if order.market in self._breakers and not order.ro:
            self._breakers[order.market].failed(now)

    def look(self, market: str, held_off: bool, now: int) -> list[Effect]:
        """What changed by now; `held_off` while somebody holds quotes off, who will let the venue take them again."""
        breaker = self._breakers.get(market)
        match None if breaker is None else breaker.look(now):
            case Trip() as trip:
                return [Emit(_tripped(market, trip))]
            case Cleared() as cleared:
                return self._cleared(market, cleared, held_off)
        tripped = any(one.level != "closed" for one in self._breakers.values())
        if self._stopped_at is None or tripped or now - self._stopped_at < STOPPED_FOR:
            return []
        return self._again(held_off)

    def reset(self, market: str, held_off: bool, now: int) -> list[Effect]:
        """Clear by hand one market's, or all with ""."""
        told: list[Effect] = []
        for name, breaker in self._breakers.items():
            cleared = breaker.reset(now) if market in ("", name) else None
            if cleared is not None:
                told += self._cleared(name, cleared, held_off)
        return told

    def _cleared(self, market: str, cleared: Cleared, held_off: bool) -> list[Effect]:
        after = round(cleared.after / SECOND, 3)
        told = Emit(events.BreakerReset(market=market, after_s=after, cancels_30=cleared.cancels))
        return [told, *(self._again(held_off) if self._stopped_at is not None else [])]

    def _again(self, held_off: bool) -> list[Effect]:
        """Let the venue take entries again, if nobody keeps them off."""
        self._stopped_at = None
        return [] if held_off else [HoldEntries(False)]


def _tripped(market: str, trip: Trip) -> events.CbSoft | events.CbHard:
    cancels, errors, limit, pause = trip.cancels, trip.errors, trip.limit, float(trip.pause_s)
    if trip.level == "soft":
        return events.CbSoft(
            market=market, cancels_30=cancels, errors_30=errors, limit=limit, pause_s=pause, reason=trip.name
        )
    return events.CbHard(
        market=market, cancels_30=cancels, errors_30=errors, limit=limit, pause_s=pause, reason=trip.name
    )
