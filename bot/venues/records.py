"""What the streams have told of our orders: which trades came, and what became of the rest.

The answer to a cancel may come before the trades that happened before it. Whoever holds such an answer waits here
until the trades are told. Lots and cloids only; knows no network and asks nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from bot.market.reports import Trade
from bot.market.units import NO_LOTS, Lots

KEPT, KNOWN_TIDS = 5_000, 50_000
MAY_REST = 500
"""So many of the oldest may still rest: they are kept before the others."""


@dataclass(slots=True)
class Record:
    """One order. `since` (ns) is when it was sent at the latest; `told` counts lots of trades that were told.

    `ended` is what was filled in the end, as an update said; None while the order may rest. `leaving`: we asked for
    its end, so that an end is no news. `refused`: the venue said that it never took it.
    """

    lots: Lots
    since: int
    told: Lots = NO_LOTS
    ended: Lots | None = None
    leaving: bool = False
    refused: bool = False
    oid: int | str = 0
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether it ended and all its trades were told."""
        return self.ended is not None and self.told >= self.ended

    def changed(self) -> None:
        """Let those look again who wait."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Wait until `true` says so; False when that took too long."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    future = asyncio.get_running_loop().create_future()
                    self._waiting.append(future)
                    await future
        except TimeoutError:
            return true()
        return True


class Records:
    """All orders of a connection, and the trades that were told. Bounded: what is old is forgotten."""

    def __init__(self) -> None:
        self._orders: dict[str, Record] = {}
        self._counted: dict[str, None] = {}
        self._told: dict[str, None] = {}

    def get(self, cloid: str) -> Record | None:
        return self._orders.get(cloid)

    def sent(self, cloid: str, lots: Lots, now: int) -> None:
        """An order is about to be sent."""
        self._orders.get(cloid) or self._keep(cloid, Record(lots, now))

    def found(self, cloid: str, lots: Lots, filled: Lots, oid: int | str, since: int) -> None:
        """An order rests at the venue, and its trades so far are known from the account."""
        record = self._orders.get(cloid) or self._keep(cloid, Record(lots, since))
        record.told, record.oid = max(record.told, filled), oid
        record.changed()

    def know(self, trade: Trade) -> None:
        """A trade is known from the account; a stream may tell it too, and then it is handed over all the same."""
        if _first_time(self._counted, trade.tid) and (record := self._orders.get(trade.cloid)) is not None:
            record.told = Lots(record.told + trade.lots)
            record.changed()

    def traded(self, trade: Trade) -> bool:
        """A stream or a question told a trade; False when one of them told it before."""
        self.know(trade)
        return _first_time(self._told, trade.tid)

    def _keep(self, cloid: str, record: Record) -> Record:
        self._orders[cloid] = record
        if len(self._orders) > KEPT:
            del self._orders[self._dispensable()]
        return record

    def _dispensable(self) -> str:
        """The oldest that is over, or was never taken; the oldest of all where too many are not known to be over."""
        oldest = islice(self._orders.items(), MAY_REST)
        return next((cloid for cloid, one in oldest if one.ended is not None or not one.oid), next(iter(self._orders)))


def _first_time(known: dict[str, None], tid: str) -> bool:
    if tid in known:
        return False
    known[tid] = None
    if len(known) > KNOWN_TIDS:
        del known[next(iter(known))]
    return True
