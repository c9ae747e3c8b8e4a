"""Orders sent, taken off, replaced and asked for. Every doubt ends as NoAnswer, and no request is sent twice.

An answer that says an order ended waits until the trades before it were handed over (see venues.venue): they come by
the stream as a rule, and are asked for when they do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from bot.clock import Clock
from bot.market.reports import (
    EXPIRE_AFTER,
    Accepted,
    Cancelled,
    CancelRefused,
    CancelRequest,
    CancelResult,
    Cure,
    Gone,
    Lookup,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Replaced,
    Replacement,
    SendResult,
)
from bot.market.units import Lots
from bot.venues.hyperliquid import actions, codec, errors
from bot.venues.hyperliquid.budget import Budget
from bot.venues.hyperliquid.client import Questions, Signer
from bot.venues.hyperliquid.listings import MILLI, Listing
from bot.venues.hyperliquid.ours import Ours, unclear
from bot.venues.records import Record
from bot.venues.transport import NoReply, NotTaken
from bot.venues.venue import VenueUnreachable

STREAM_S = 0.7
"""What the streams are given to tell of an end before it is asked for."""
MOST_CANCELS = 100
SKEW_MS = 10_000
"""How far before its sending a trade of an order is looked for: the venue's clock is not ours."""

Said = codec.Status | str | Rejected | NoAnswer
"""What was said of one element of a batch: its own status, or what holds for all."""


class Trading:
    """One account's orders in the listed markets."""

    def __init__(
        self,
        listed: Mapping[str, Listing],
        ours: Ours,
        asking: tuple[Questions, Signer, Budget],
        clock: Clock,
    ) -> None:
        self._listed, self._ours, self._records, self._clock = listed, ours, ours.records, clock
        self._questions, self._signer, self._budget = asking
        self._catching_up = asyncio.Lock()

    async def place(self, orders: Sequence[NewOrder]) -> list[SendResult]:
        """One request for all."""
        refusal = self._refusal(orders)
        if refusal is not None:
            return [refusal] * len(orders)
        wire = [self._listed[order.market].order(order) for order in orders]
        said = await self._act(actions.PlaceOrders(wire), len(orders), expires=True)
        return list(await asyncio.gather(*map(self._sent, orders, said)))

    async def cancel(self, orders: Sequence[CancelRequest]) -> list[CancelResult]:
        """One request for each hundred: the venue limits the weight of one."""
        results: list[CancelResult] = []
        for start in range(0, len(orders), MOST_CANCELS):
            batch = orders[start : start + MOST_CANCELS]
            self._leaving(order.cloid for order in batch)
            wire = [actions.CloidWire(self._listed[order.market].spec.asset, order.cloid) for order in batch]
            said = await self._act(actions.CancelByCloid(wire), len(batch))
            results += await asyncio.gather(*map(self._cancelled, batch, said))
        return results

    async def replace(self, changes: Sequence[Replacement]) -> list[Replaced]:
        """One request for all. Where no new order may go out the old ones are cancelled: their prices are past."""
        refusal = self._refusal([change.order for change in changes])
        if refusal is not None:
            gone = await self.cancel([CancelRequest(change.market, change.old) for change in changes])
            return [Replaced(result, refusal) for result in gone]
        self._leaving(change.old for change in changes)
        wire = [actions.ModifyWire(change.old, self._listed[change.market].order(change.order)) for change in changes]
        said = await self._act(actions.BatchModify(wire), len(changes), expires=True)
        return list(await asyncio.gather(*map(self._replaced, changes, said)))

    async def look_up(self, market: str, cloid: str) -> Lookup:
        try:
            found = await self._questions.order_status(cloid)
            if found.order is None:
                return await self._forgotten(market, cloid)
            return await self._found(market, cloid, found.order)
        except VenueUnreachable as error:
            return NoAnswer(str(error))

    def _refusal(self, orders: Sequence[NewOrder]) -> Rejected | None:
        """Why new orders may not go out now; else they are written down, as trades may come before the answer."""
        why = self._budget.against_orders(len(orders))
        if why is not None:
            return Rejected("E_BUDGET", why, Cure.WAIT)
        for order in orders:
            self._records.sent(order.cloid, order.lots, self._clock.now())
        return None

    def _leaving(self, cloids: Iterable[str]) -> None:
        for cloid in cloids:
            if (record := self._records.get(cloid)) is not None:
                record.leaving = True

    async def _act(self, action: actions.Action, count: int, expires: bool = False) -> Sequence[Said]:
        until = (self._clock.now() + EXPIRE_AFTER) // MILLI if expires else None
        try:
            reply = await self._signer.act(action, until)
        except NotTaken as error:
            return [Rejected("E_BUDGET", str(error), Cure.WAIT)] * count
        except NoReply as error:
            return [NoAnswer(str(error))] * count
        if isinstance(reply.response, str):
            return [self._refused(reply.response)] * count
        statuses = reply.response.data.statuses if reply.response.data is not None else []
        if len(statuses) != count:
            return [NoAnswer(f"{len(statuses)} statuses came for {count} orders")] * count
        return statuses

    def _refused(self, text: str) -> Rejected | NoAnswer:
        """The whole action was refused. Of a nonce that was used up its first use may have been taken."""
        refusal = errors.classed(text)
        if refusal.code == "E_BUDGET":
            self._budget.refused()
        if refusal.code == "E_NONCE" and "duplicate" in text:
            return NoAnswer(text)
        return Rejected(refusal.code, text, refusal.cure)

    async def _sent(self, order: NewOrder, said: Said) -> SendResult:
        match said:
            case Rejected() | NoAnswer():
                return said
            case codec.Status(error=str() as text):
                refusal = errors.classed(text)
                return Rejected(refusal.code, text, refusal.cure)
            case codec.Status(resting=codec.RestingStatus(oid=oid)):
                return self._accepted(order.cloid, oid)
            case codec.Status(filled=codec.FilledStatus(oid=oid, totalSz=size)):
                self._accepted(order.cloid, oid)
                told = await self._told(order.cloid, self._listed[order.market].wire.lots(size))
                return Accepted(str(oid)) if told else NoAnswer("accepted and filled, its trades did not come yet")
        return NoAnswer(f"the venue said {said}")

    def _accepted(self, cloid: str, oid: int) -> Accepted:
        if (record := self._records.get(cloid)) is not None:
            record.oid = oid
        return Accepted(str(oid))

    async def _cancelled(self, order: CancelRequest, said: Said) -> CancelResult:
        match said:
            case "success":
                return await self._gone(order.market, order.cloid)
            case codec.Status(error=str() as text) if errors.classed(text).cure is Cure.LOOK_UP:
                return CancelRefused(text)
            case codec.Status(error=str() as text) | Rejected(reason=text) | NoAnswer(reason=text):
                return NoAnswer(text)
        return NoAnswer(f"the venue said {said}")

    async def _replaced(self, change: Replacement, said: Said) -> Replaced:
        """Where it was refused only a question tells whether the old order went: the texts leave that open.

        That the old one was gone is no fault of the new one, which has the cure LOOK_UP then, and no other time.
        """
        match said:
            case codec.Status(error=str() as text):
                refusal = errors.classed(text)
                unclear_which = refusal.cure is Cure.LOOK_UP and refusal.code != "E_NO_SUCH_ORDER"
                cure = Cure.REQUOTE if unclear_which else refusal.cure
                return Replaced(CancelRefused(text), Rejected(refusal.code, text, cure))
            case codec.Status(resting=codec.RestingStatus()) | codec.Status(filled=codec.FilledStatus()):
                gone, sent = await asyncio.gather(self._gone(change.market, change.old), self._sent(change.order, said))
                return Replaced(gone, sent)
            case Rejected(reason=text):
                return Replaced(NoAnswer(text), said)
        answer = said if isinstance(said, NoAnswer) else NoAnswer(f"the venue said {said}")
        return Replaced(answer, answer)

    async def _gone(self, market: str, cloid: str) -> CancelResult:
        """It left the book: wait for all that was traded before. An order that nobody wrote down has no trades due."""
        record = self._records.get(cloid)
        if record is None or await record.until(lambda: record.complete, STREAM_S):
            return Cancelled()
        found = await self.look_up(market, cloid)
        if isinstance(found, Gone) and record.told >= found.filled:
            return Cancelled()
        return NoAnswer("it was taken off, what was traded before did not come yet")

    async def _found(self, market: str, cloid: str, found: codec.OrderUpdate) -> Lookup:
        listing, told = self._listed[market], found.order
        record = self._records.get(cloid)
        match errors.stage(found.status):
            case "resting":
                if record is not None:
                    record.leaving = False
                if not unclear(told):
                    await self._told(cloid, listing.filled(told))
                return listing.resting(told)
            case "rejected":
                return NeverSeen()
            case "filled" | "ended" as stage:
                if stage == "ended" and unclear(told):
                    return Gone(await self._by_trades(listing, told))
                filled = listing.filled(told)
                await self._told(cloid, filled)
                return Gone(filled)
        return NoAnswer(f"the venue says {found.status} of it")

    async def _forgotten(self, market: str, cloid: str) -> Lookup:
        """The venue remembers some thousand orders. One that it took once is found in the book or in its trades."""
        record = self._records.get(cloid)
        if record is None or not (record.oid or record.told):
            return NeverSeen()
        for told in await self._questions.open_orders():
            if told.cloid == cloid:
                return self._listed[market].resting(told)
        await self._catch_up(record)
        return Gone(record.told)

    async def _told(self, cloid: str, filled: Lots) -> bool:
        """Wait until so much of an order was handed over as trades, then ask for them. Raises nothing."""
        record = self._records.get(cloid)
        if record is None or await record.until(lambda: record.told >= filled, STREAM_S):
            return True
        async with self._catching_up:
            if record.told < filled:
                try:
                    await self._catch_up(record)
                except VenueUnreachable:
                    return False
        return record.told >= filled

    async def _catch_up(self, record: Record) -> None:
        self._ours.history(await self._questions.fills(record.since // MILLI - SKEW_MS))

    async def _by_trades(self, listing: Listing, told: codec.OpenOrder) -> Lots:
        fills = await self._questions.fills(told.timestamp)
        self._ours.history(fills)
        return Lots(sum(listing.wire.lots(fill.sz) for fill in fills if fill.oid == told.oid))
