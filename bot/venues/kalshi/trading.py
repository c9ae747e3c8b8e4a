"""Orders sent and taken off. Every doubt ends as NoAnswer.

An order whose answer was lost is sent once more under its cloid: the venue takes a cloid once for all time, so that
the second answer says for certain that it is there. A 404 proves nothing, so it is no cancel: the core looks it up.
A replacement is a cancel and a new order: an amended order keeps its number, and then nobody can tell which of its
trades belong to which cloid.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import UNSET

from bot.clock import Clock
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    CancelRequest,
    CancelResult,
    Cure,
    NewOrder,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    SendResult,
)
from bot.market.units import NO_LOTS, Lots
from bot.venues.kalshi import errors, listings, numbers
from bot.venues.kalshi import orders as words
from bot.venues.kalshi.expiry import Expiry
from bot.venues.kalshi.fates import Fates
from bot.venues.kalshi.groups import Group
from bot.venues.kalshi.ours import Ours
from bot.venues.kalshi.wire import Said, Wire
from bot.venues.venue import VenueUnreachable

ROUND = 1_800_000_000
"""How long (ns) a call may have lasted when it is begun again: its caller waits 5 s in all."""


class Trading:
    """One account's orders; those that do not reduce a position belong to `group`."""

    def __init__(self, ours: Ours, fates: Fates, wire: Wire, expiry: Expiry, group: Group, clock: Clock) -> None:
        self._ours, self._fates, self._wire, self._expiry, self._clock = ours, fates, wire, expiry, clock
        self._group = group

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        """What reduces, and as much else as the tokens allow; in one request where there is more than one."""
        first = sorted(orders, key=lambda order: not order.ro)
        count = max(self._wire.orders(len(first)), sum(order.ro for order in first))
        late = Rejected("E_BUDGET", "the account's write tokens are used up: some are kept for cancels", Cure.WAIT)
        results: dict[str, SendResult] = {order.cloid: self._unsent(order, late) for order in first[count:]}
        for start in range(0, count, self._wire.batch):
            sent = first[start : min(start + self._wire.batch, count)]
            results |= zip((order.cloid for order in sent), await self._place(sent), strict=True)
        return [results[order.cloid] for order in orders]

    async def _place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        began, expires = self._clock.steady(), self._expiry.second()
        for order in orders:
            self._ours.records.sent(order.cloid, order.lots, self._clock.now())
        wishes = [listings.create(order, expires, self._group.gid) for order in orders]
        said = await self._wire.create(wishes)
        again = isinstance(said[0], NoAnswer) if said else False
        if again and self._clock.steady() - began < ROUND:
            said = await self._wire.create(wishes)
        pairs = zip(orders, said, strict=True)
        return list(await asyncio.gather(*(self._sent(*pair, again, expires) for pair in pairs)))

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        """In one request where there is more than one; an order whose number is not known is looked for first."""
        results: list[CancelResult] = []
        for start in range(0, len(orders), self._wire.batch):
            results += await self._cancel(orders[start : start + self._wire.batch])
        return results

    async def _cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        numbers_ = await asyncio.gather(*map(self._oid, orders))
        known = [(order, oid) for order, oid in zip(orders, numbers_, strict=True) if isinstance(oid, str)]
        for order, _ in known:
            if (record := self._ours.records.get(order.cloid)) is not None:
                record.leaving = True
        said = await self._wire.cancel([(oid, order.market) for order, oid in known])
        judged = await asyncio.gather(*(self._cancelled(one, what) for one, what in zip(known, said, strict=True)))
        ends = iter(judged)
        return [next(ends) if isinstance(oid, str) else oid for oid in numbers_]

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        """First the cancels; what is certainly gone is placed anew, the rest is not sent."""
        gone = await self.cancel([CancelRequest(change.market, change.old) for change in changes])
        free = [change.order for change, end in zip(changes, gone, strict=True) if isinstance(end, Cancelled)]
        sent = iter(await self.place(free))
        return [
            Replaced(end, next(sent) if isinstance(end, Cancelled) else self._kept(change.order, end))
            for change, end in zip(changes, gone, strict=True)
        ]

    def _kept(self, order: NewOrder, end: CancelResult) -> Rejected:
        why = end.reason if isinstance(end, CancelRefused | NoAnswer) else ""
        text = f"not sent, as the old order is not certainly gone: {why}"
        return self._unsent(order, Rejected("E_NOT_SENT", text, Cure.REQUOTE))

    def _unsent(self, order: NewOrder, why: Rejected) -> Rejected:
        self._ours.records.sent(order.cloid, order.lots, self._clock.now())
        return self._refused(order, why)

    async def _sent(self, order: NewOrder, said: Said, again: bool, expires: int) -> SendResult:
        match said:
            case words.Created():
                return await self._created(order, said, expires)
            case errors.Refusal() | Rejected() if again:
                return await self._there(order, str(said))
            case errors.Refusal():
                found = errors.classed(said)
                return self._refused(order, Rejected(found.code, str(said), found.cure))
            case Rejected():
                return self._refused(order, said)
            case NoAnswer():
                return said
        return NoAnswer(f"the venue said {said}")

    async def _created(self, order: NewOrder, said: words.Created, expires: int) -> SendResult:
        if said.client_order_id not in (order.cloid, UNSET):
            return NoAnswer("the answer describes another order")
        self._ours.name(said.order_id, order.cloid)
        filled, left = numbers.lots(said.fill_count), numbers.lots(said.remaining_count)
        record = self._ours.records.get(order.cloid)
        if not left and not filled:
            if record is not None:
                record.leaving = True
                self._ours.ends(order.cloid, record, NO_LOTS)
            code = "E_POST_ONLY" if order.tif == "Alo" else "E_NO_MATCH"
            return Rejected(code, "taken and ended at once without a trade", Cure.REQUOTE)
        if order.tif == "Ioc" and record is not None:
            record.leaving = True
            self._ours.ends(order.cloid, record, filled)
        elif left:
            self._expiry.rests(order, said.order_id, expires)
        if filled and not await self._fates.told(order.cloid, filled):
            return NoAnswer("accepted and filled, its trades did not come yet")
        return Accepted(said.order_id)

    def _refused(self, order: NewOrder, said: Rejected) -> Rejected:
        record = self._ours.records.get(order.cloid)
        if record is not None and not record.oid and said.cure is not Cure.LOOK_UP:
            record.refused = True
        return said

    async def _there(self, order: NewOrder, said: str) -> SendResult:
        """The second sending was refused, most likely because the first was taken: the account's list tells."""
        try:
            found = await self._fates.find(order.market, order.cloid)
        except VenueUnreachable as error:
            return NoAnswer(str(error))
        if found is None:
            return NoAnswer(f"sent twice; first no answer, then {said}; not listed")
        if not await self._fates.told(order.cloid, numbers.lots(found.fill_count_fp)):
            return NoAnswer("taken and filled, its trades did not come yet")
        if found.status == "resting":
            self._expiry.rests(order, found.order_id, self._expiry.second())
        return Accepted(found.order_id)

    async def _oid(self, order: CancelRequest) -> str | CancelResult:
        """Its number at the venue, or why it cannot be cancelled."""
        record = self._ours.records.get(order.cloid)
        if record is not None and record.refused:
            return CancelRefused("it was refused when it was sent")
        if record is not None and isinstance(record.oid, str):
            return record.oid
        try:
            found = await self._fates.find(order.market, order.cloid)
        except VenueUnreachable as error:
            return NoAnswer(str(error))
        return CancelRefused("the account's list has no such order") if found is None else found.order_id

    async def _cancelled(self, known: tuple[CancelRequest, str], said: Said) -> CancelResult:
        order, oid = known
        match said:
            case words.Cancelled(order_id=named, reduced_by=left):
                if named != oid:
                    return NoAnswer(f"the answer describes another order ({named})")
                return await self._gone(order.cloid, numbers.lots(left))
            case errors.Refusal() if errors.classed(said).cure is Cure.LOOK_UP:
                return CancelRefused(str(said))
            case Rejected(reason=text) | NoAnswer(reason=text):
                return NoAnswer(text)
        return NoAnswer(str(said))

    async def _gone(self, cloid: str, left: Lots) -> CancelResult:
        """It left the book with so much of it: wait for all that was traded before."""
        self._expiry.ended(cloid)
        record = self._ours.records.get(cloid)
        if record is None:
            return Cancelled()
        filled = Lots(record.lots - left)
        self._ours.ends(cloid, record, filled)
        if await self._fates.told(cloid, filled):
            return Cancelled()
        return NoAnswer("it was taken off, what was traded before did not come yet")
