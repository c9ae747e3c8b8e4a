"""What became of orders: found by cloid in the account's lists, and their trades fetched where the streams lag.

A read of one order alone may lag behind, so lists are read; and an order that no list has may still come, as long as
the venue takes its signature.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from bot.clock import NANOS, Clock
from bot.market.reports import Gone, Lookup, NeverSeen, NoAnswer
from bot.market.units import Lots
from bot.venues.kalshi import codec, listings, numbers
from bot.venues.kalshi.ours import Ours
from bot.venues.kalshi.questions import Questions
from bot.venues.records import Record
from bot.venues.venue import VenueUnreachable

STREAM_S = 0.5
SIGNED_FOR = 30 * NANOS
"""The venue refuses requests that were signed so long ago: what has not come by then never comes."""
SKEW = 10 * NANOS
"""How far before its time an order or a trade is looked for: the venue's clock is not ours."""


class Fates:
    """Of one account."""

    def __init__(self, ours: Ours, questions: Questions, clock: Clock) -> None:
        self._ours, self._questions, self._clock = ours, questions, clock
        self._opened = clock.now()
        self._catching_up = asyncio.Lock()

    async def find(self, market: str, cloid: str) -> codec.Order | None:
        """The order as the account's list has it. Raises VenueUnreachable."""
        record = self._ours.records.get(cloid)
        since = 0 if record is None else record.since - SKEW
        for told in await self._questions.orders(market, since=since):
            self._ours.name(told.order_id, told.client_order_id)
            if told.client_order_id == cloid:
                return told
        return None

    async def look_up(self, market: str, cloid: str) -> Lookup:
        """Raises nothing."""
        record = self._ours.records.get(cloid)
        if record is not None and record.refused:
            return NeverSeen()
        if record is not None and record.ended is not None:
            await self.told(cloid, record.ended)
            return Gone(record.ended)
        try:
            found = await self.find(market, cloid)
        except VenueUnreachable as error:
            return NoAnswer(str(error))
        if found is None:
            return NoAnswer("not listed; it may still come") if self._may_come(record) else NeverSeen()
        filled = numbers.lots(found.fill_count_fp)
        if found.status == "resting":
            if record is not None:
                record.leaving = False
            await self.told(cloid, filled)
            return listings.resting(found)
        await self.told(cloid, filled)
        return Gone(filled)

    async def told(self, cloid: str, filled: Lots) -> bool:
        """Wait until so much of an order was handed over as trades, then ask for them. Raises nothing."""
        record = self._ours.records.get(cloid)
        if record is None or await record.until(lambda: record.told >= filled, STREAM_S):
            return True
        async with self._catching_up:
            if record.told < filled:
                try:
                    fills = await self._questions.fills(record.since - SKEW)
                    await self.learn_names(fills)
                except VenueUnreachable:
                    return False
                self._ours.history(fills)
        return record.told >= filled

    async def learn_names(self, fills: Iterable[codec.Fill]) -> None:
        """Ask whose orders were traded, where nobody said yet. Raises VenueUnreachable."""
        for oid in {fill.order_id for fill in fills if not self._ours.named(fill.order_id)}:
            self._ours.name(oid, (await self._questions.order(oid)).client_order_id)

    def _may_come(self, record: Record | None) -> bool:
        since = self._opened if record is None else record.since
        return self._clock.now() - since < SIGNED_FOR
