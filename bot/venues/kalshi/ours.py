"""What the venue tells of our orders and trades, handed on once: trades to the sink, ends to the records, doubts.

Trades name the venue's number of an order; which cloid that is was learnt from answers and updates. Asks nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from bot.market.reports import Doubted, Trade
from bot.market.units import Lots
from bot.venues.kalshi import codec, listings, numbers
from bot.venues.kalshi.frames import FillNews, OrderNews, Streamed
from bot.venues.kalshi.listings import Listing
from bot.venues.records import Record, Records
from bot.venues.venue import Sink

GRACE_S = 2.0
"""Trades and updates come as separate frames: a filled order is given so long before its trades are missed."""
KNOWN_OIDS = 50_000


class Ours:
    """`floor` (ns): trades before it are history, which is read with the account."""

    def __init__(self, listed: Mapping[str, Listing], records: Records, sink: Sink, floor: int) -> None:
        self.records, self.floor = records, floor
        self._listed, self._sink = listed, sink
        self._cloids: dict[str, str] = {}

    def name(self, oid: str, cloid: str) -> None:
        """An order's cloid; "" for one sent by hand."""
        self._cloids[oid] = listings.own(cloid)
        if len(self._cloids) > KNOWN_OIDS:
            del self._cloids[next(iter(self._cloids))]
        if (record := self.records.get(cloid)) is not None:
            record.oid = oid

    def named(self, oid: str) -> bool:
        return oid in self._cloids

    def heard(self, content: Streamed) -> None:
        """Take in what one of the account's streams said."""
        match content:
            case FillNews():
                if content.client_order_id is not None:
                    self.name(content.order_id, content.client_order_id)
                self._hand_over([content])
            case OrderNews():
                self.name(content.order_id, content.client_order_id)
                self._on_update(content)

    def history(self, fills: Iterable[codec.Fill]) -> None:
        """Hand over what is not older than the floor: the rest was read with the account."""
        fresh = (fill for fill in fills if listings.at(fill) >= self.floor)
        self._hand_over(sorted(fresh, key=listings.at))

    def trade(self, fill: codec.Fill | FillNews) -> Trade | None:
        """None for a market that is not among ours."""
        told = listings.trade(fill, self._cloids.get(fill.order_id, ""))
        return told if told.market in self._listed else None

    def _hand_over(self, fills: Iterable[codec.Fill | FillNews]) -> None:
        for fill in fills:
            trade = self.trade(fill)
            if trade is not None and self.records.traded(trade):
                self._sink(trade)

    def _on_update(self, told: OrderNews) -> None:
        record = self.records.get(told.client_order_id)
        if record is None or told.ticker not in self._listed or told.status == "resting":
            return
        if told.status == "canceled" and not record.leaving and record.ended is None:
            self._sink(Doubted(told.client_order_id, "the venue ended it: expiry, a pause, its group or another key"))
        self.ends(told.client_order_id, record, numbers.lots(told.fill_count_fp))

    def ends(self, cloid: str, record: Record, filled: Lots) -> None:
        """It rests no more; so much of it was traded."""
        record.ended = filled
        record.changed()
        if record.told < filled:
            asyncio.get_running_loop().call_later(GRACE_S, self._miss, cloid, filled)

    def _miss(self, cloid: str, filled: Lots) -> None:
        record = self.records.get(cloid)
        if record is not None and record.told < filled:
            self._sink(Doubted(cloid, f"{filled} lots of it are filled, trades of {record.told} came"))
