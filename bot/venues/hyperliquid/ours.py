"""What the venue tells of our orders and trades, handed on once: trades to the sink, ends to the records, doubts.

A doubt is an end that we did not ask for, or a filled order whose trades do not come. Asks the venue nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from bot.market.reports import Doubted, Trade
from bot.market.units import Lots
from bot.venues.hyperliquid import codec, errors
from bot.venues.hyperliquid.listings import MILLI, Listing
from bot.venues.records import Record, Records
from bot.venues.venue import Sink

GRACE_S = 2.0
"""Trades and updates come as separate frames: a filled order is given so long before its trades are missed."""


class Ours:
    """`floor` (ns): trades before it are history, which is read with the account."""

    def __init__(self, listed: Mapping[str, Listing], records: Records, sink: Sink, floor: int) -> None:
        self.records = records
        self.floor = floor
        self._listed, self._sink = listed, sink

    def heard(self, content: codec.Streamed) -> None:
        """Take in what one of the account's streams said."""
        match content:
            case codec.UserFills(isSnapshot=True):
                self.history(content.fills)
            case codec.UserFills():
                self._hand_over(content.fills)
            case [codec.OrderUpdate(), *_]:
                for update in content:
                    self._on_update(update)  # type: ignore[arg-type]  # a list of the streams is of one kind

    def history(self, fills: Iterable[codec.Fill]) -> None:
        """Hand over what is not older than the floor: the rest was read with the account."""
        fresh = (fill for fill in fills if fill.time * MILLI >= self.floor)
        self._hand_over(sorted(fresh, key=lambda fill: fill.time))

    def trade(self, fill: codec.Fill) -> Trade | None:
        """None for a market that is not among the listed perpetuals."""
        listing = self._listed.get(fill.coin)
        return None if listing is None else listing.trade(fill)

    def _hand_over(self, fills: Iterable[codec.Fill]) -> None:
        trades = [trade for fill in fills if (trade := self.trade(fill)) is not None]
        for trade in trades:
            if self.records.traded(trade):
                self._sink(trade)

    def _on_update(self, update: codec.OrderUpdate) -> None:
        told, listing = update.order, self._listed.get(update.order.coin)
        record = self.records.get(told.cloid or "")
        if listing is None or record is None or told.cloid is None:
            return
        match errors.stage(update.status):
            case "resting":
                self._rests(told, record)
            case "filled":
                self._ends(told.cloid, record, listing.filled(told))
            case "ended":
                if not record.leaving and record.ended is None:
                    self._sink(Doubted(told.cloid, f"the venue ended it: {update.status}"))
                self._ends(told.cloid, record, None if unclear(told) else listing.filled(told))
            case "rejected":
                pass  # the answer to the send says so, or a question after it
            case _:
                self._sink(Doubted(told.cloid, f"the venue says {update.status} of it"))

    def _rests(self, told: codec.OpenOrder, record: Record) -> None:
        """An update may come after the one that followed it: an order that ended rests no more."""
        if record.oid and told.oid != record.oid and record.ended is None and told.cloid is not None:
            self._sink(Doubted(told.cloid, "somebody changed it: it rests under another number"))
        record.oid = told.oid

    def _ends(self, cloid: str, record: Record, filled: Lots | None) -> None:
        if filled is None:
            return
        record.ended = filled
        record.changed()
        if record.told < filled:
            asyncio.get_running_loop().call_later(GRACE_S, self._miss, cloid, filled)

    def _miss(self, cloid: str, filled: Lots) -> None:
        record = self.records.get(cloid)
        if record is not None and record.told < filled:
            self._sink(Doubted(cloid, f"{filled} lots of it are filled, trades of {record.told} came"))


def unclear(told: codec.OpenOrder) -> bool:
    """Whether what is left does not say what was traded: reduce-only orders shrink, and an order that ended early
    had something left."""
    return told.reduceOnly or not told.sz.strip("0.")
