"""What events and their series charge: asked for once, again when it is old, and at once when the venue says so.

Fees that are waived are waived only where that lasts longer than anything is held: an exit must not cost more than
its entry counted on.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.clock import NANOS, Clock
from bot.market import fees
from bot.market.contract import Contract
from bot.venues.kalshi import codec
from bot.venues.kalshi.numbers import nanos
from bot.venues.kalshi.questions import Questions
from bot.venues.kalshi.spec import contract_of, fees_of

BELIEVED = 300 * NANOS
WAIVED = 3_600 * NANOS


class Charges:
    """Of the events that were learnt."""

    def __init__(self, questions: Questions, clock: Clock) -> None:
        self._questions, self._clock = questions, clock
        self._events: dict[str, codec.Event] = {}
        self._series: dict[str, codec.Series] = {}
        self._read_at: dict[str, int] = {}

    async def learn(self, events: Iterable[str]) -> None:
        """Ask for what is not known of these events, or not lately. Raises VenueUnreachable."""
        wanted = dict.fromkeys(events)
        for event in filter(self._old, wanted):
            self._events[event] = await self._questions.event(event)
            self._read_at[event] = self._clock.steady()
        for series in filter(self._old, dict.fromkeys(self._events[event].series_ticker for event in wanted)):
            self._series[series] = await self._questions.series(series)
            self._read_at[series] = self._clock.steady()

    def forget(self, event: str) -> bool:
        """An event has other fees now: ask again next time. False where it is none of ours."""
        self._read_at.pop(event, None)
        return event in self._events

    def of(self, market: codec.Market) -> Contract:
        """Of a market whose event was learnt. Raises UnknownFees."""
        event = self._events[market.event_ticker]
        charged = fees_of(self._series[event.series_ticker], event)
        free = market.fee_waiver_expiration_time
        if free and nanos(free) > self._clock.now() + WAIVED:
            charged = fees.FREE
        return contract_of(market, event.series_ticker, charged)

    def _old(self, name: str) -> bool:
        read_at = self._read_at.get(name)
        return read_at is None or self._clock.steady() - read_at > BELIEVED
