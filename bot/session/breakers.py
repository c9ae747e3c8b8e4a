"""The circuit breaker of each market, told of cancels and failed entries, and what it says as events.

What a level means is the strategy's business. Where the venue itself stopped our entries, it is told to take them
again when a breaker clears. Exits that fail trip nothing: no breaker holds them.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot import events
from bot.market.orders import Order
from bot.market.reports import Cure, Rejected
from bot.messages import Effect, Emit, HoldEntries
from bot.risk.circuit_breaker import SECOND, Breaker, Cleared, Level, Params, Trip

GROUP = "E_GROUP"


class Breakers:
    """By market; of a run without `params` none ever trips."""

    def __init__(self, params: Params | None, markets: Iterable[str]) -> None:
        self._breakers = {} if params is None else {market: Breaker(params) for market in markets}
        self._stopped_by_venue = False

    def level(self, market: str) -> Level:
        return self._breakers[market].level if market in self._breakers else "closed"

    def cancelled(self, market: str, now: int) -> None:
        """An order of ours was asked to leave the book."""
        if market in self._breakers:
            self._breakers[market].cancelled(now)

    def refused(self, order: Order, result: Rejected, now: int) -> None:
        """A market that moved away is no failure."""
        self._stopped_by_venue |= result.code == GROUP
        if result.cure is not Cure.REQUOTE:
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
        return []

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
        again, self._stopped_by_venue = self._stopped_by_venue and not held_off, False
        return [told, HoldEntries(False)] if again else [told]


def _tripped(market: str, trip: Trip) -> events.CbSoft | events.CbHard:
    kind = events.CbSoft if trip.level == "soft" else events.CbHard
    return kind(
        market=market,
        cancels_30=trip.cancels,
        errors_30=trip.errors,
        limit=trip.limit,
        pause_s=float(trip.pause_s),
        reason=trip.name,
    )
