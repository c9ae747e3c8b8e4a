"""Wanted quotes against orders: what to place, what to change, what to cancel, what to ask the venue.

One order a side and market: a new one is placed only when nothing of ours may rest there. An entry is changed in
one request only when both could fill and the room still held: a fill of the old one may be on its way. What leaves a
position is never changed so, for there is no room beyond what is held. An order that takes at once never rests: the
venue is asked what became of it as soon as it was accepted. After a
rejection a side rests for a while, longer each time, and an answer that never came is asked for; nothing is sent
twice. That the venue knows no such order is believed once no late arrival was possible when it was asked. Knows no
strategy, no limits and no network.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

from bot.execution.own_orders import OwnOrders
from bot.market.orders import Input, Order, OrderState, Quote
from bot.market.position import State
from bot.market.reports import (
    EXPIRE_AFTER,
    Accepted,
    Cancelled,
    CancelRefused,
    CancelResult,
    Cure,
    Gone,
    Lookup,
    NeverSeen,
    NoAnswer,
    Rejected,
    Replaced,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import NO_LOTS, SIDES, Lots, Side

SECOND = 1_000_000_000
NO_ROOM: Mapping[Side, Lots] = {"bid": NO_LOTS, "ask": NO_LOTS}


@dataclass(frozen=True, slots=True)
class Params:
    """Times in ns: rest after the first rejection (doubles up to the most), before asking, before forgetting.

    `expire_after` is how long a request may be under way, `expire_slack` what clocks may differ by. An order is moved
    towards the market no sooner than `advance_after` it was sent, and away from it at once.
    """

    first_rest: int = SECOND // 2
    longest_rest: int = 10 * SECOND
    ask_after: int = SECOND
    forget_after: int = 60 * SECOND
    cancel_window: int = 30 * SECOND
    expire_after: int = EXPIRE_AFTER
    expire_slack: int = 2 * SECOND
    longest_hold: int = 60 * SECOND
    advance_after: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Send this order."""

    order: Order


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask the venue to take this order off; `reason` as in events.QuoteCancel."""

    order: Order
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """Ask the venue to take `old` off and `order` in, in one request."""

    old: Order
    order: Order
    reason: str


Step = Place | Cancel | Change
_Slot = tuple[str, Side, bool]
"""What rests after a refusal: a refused entry does not keep an exit waiting."""


class OrderManager(OwnOrders):
    """`run` is the first part of every client order id, `seq` the last."""

    def __init__(self, run: str, params: Params) -> None:
        super().__init__()
        self._run = run
        self._params = params
        self._seq = 0
        self._refusals: dict[_Slot, int] = defaultdict(int)
        self._rest_until: dict[_Slot, int] = defaultdict(int)
        self._cancels: dict[str, deque[int]] = defaultdict(deque)

    def cancels_in_window(self, market: str, now: int) -> int:
        """Orders asked off in the last 30 s."""
        times = self._cancels[market]
        while times and times[0] <= now - self._params.cancel_window:
            times.popleft()
        return len(times)

    def plan(
        self,
        market: str,
        wanted: Mapping[Side, Quote | None],
        reason: str,
        now: int,
        room: Mapping[Side, Lots] = NO_ROOM,
        state: State | None = None,
    ) -> list[Step]:
        """Steps from what rests to what is wanted; each is already taken as sent.

        `room` is how many lots may trade on a side; without it nothing is changed in one request. `state` is that of
        the position now.
        """
        steps: list[Step] = []
        for side in SIDES:
            quote, orders = wanted[side], tuple(self.open(market, side))
            if orders:
                steps += self._leave(orders, quote, reason, now, room[side], state)
            elif quote and now >= self._rest_until[market, side, quote.ro]:
                steps.append(Place(self._new(market, side, quote, now, state)))
        return steps

    def hold(self, market: str, side: Side, now: int) -> None:
        """Place nothing here until `release`, and be it forgotten, for a minute."""
        for ro in (False, True):
            self._rest_until[market, side, ro] = now + self._params.longest_hold

    def release(self, market: str, side: Side) -> None:
        """Place here again at once."""
        for ro in (False, True):
            self._rest_until[market, side, ro] = 0

    def _leave(
        self, orders: tuple[Order, ...], quote: Quote | None, reason: str, now: int, room: Lots, state: State | None
    ) -> list[Cancel | Change]:
        """At most one order stays, and only as wanted; of what is not known to rest nothing is asked."""
        steps: list[Cancel | Change] = []
        stays = False
        for order in orders:
            if order.state is not OrderState.WORKING:
                continue
            if not stays and not order.orphan and quote is not None and self._may_stay(order, quote, now, room):
                stays = True
                continue
            new = self._successor(order, quote, now, room, state) if len(orders) == 1 else None
            order.on(Input.CANCEL_SENT)
            self._cancels[order.market].append(now)
            why = "orphan" if order.orphan else reason
            steps.append(Cancel(order, why) if new is None else Change(order, new, why))
        return steps

    def _may_stay(self, order: Order, quote: Quote, now: int, room: Lots) -> bool:
        """It is as wanted; or it stands back from what is wanted, holds the room, and did not rest long yet."""
        if quote == order.resting:
            return True
        if (quote.tif, quote.ro) != (order.tif, order.ro):
            return False
        behind = order.ticks < quote.ticks if order.side == "bid" else order.ticks > quote.ticks
        return behind and order.left <= room and now - order.sent_at < self._params.advance_after

    def _successor(self, order: Order, quote: Quote | None, now: int, room: Lots, state: State | None) -> Order | None:
        """What may take this order's place in the same request."""
        if quote is None or order.orphan or order.left + quote.lots > room:
            return None
        if order.ro or quote.ro or quote.tif == "Ioc" or now < self._rest_until[order.market, order.side, False]:
            return None
        return self._new(order.market, order.side, quote, now, state)

    def _new(self, market: str, side: Side, quote: Quote, now: int, state: State | None) -> Order:
        self._seq += 1
        cloid = f"0x{self._run}{self._seq:024x}"
        order = Order(cloid, self._seq, market, side, quote.ticks, quote.lots, now, quote.tif, quote.ro, sent_in=state)
        self._keep(order)
        return order

    def on_send(self, cloid: str, result: SendResult, now: int) -> Order:
        """Take in the answer to a send."""
        order = self._orders[cloid]
        match result:
            case Rejected(cure=Cure.LOOK_UP):
                order.on(Input.NO_ANSWER)
                order.ask_at = now
            case _:
                self._sent(order, result, now)
        return self._ended(order, now)

    def on_replaced(self, old: str, cloid: str, result: Replaced, now: int) -> tuple[Order, Order]:
        """Take in the answer to a change: of the old order and of the new one."""
        before, order = self.on_cancel(old, result.cancel, now), self._orders[cloid]
        self._sent(order, result.send, now)
        return before, self._ended(order, now)

    def _sent(self, order: Order, result: SendResult, now: int) -> None:
        slot = order.market, order.side, order.ro
        match result:
            case Accepted(oid):
                order.oid = oid
                order.doubted |= order.tif == "Ioc"
                order.on(Input.ACCEPTED)
                self._refusals[slot] = 0 if order.tif == "Alo" else self._refusals[slot]
                self._ask_if_doubted(order, now)
            case Rejected(cure=cure):
                order.on(Input.REJECTED)
                if cure is not Cure.LOOK_UP:  # then the old order is in doubt, and blocks the side until it is settled
                    self._rest(slot, now)
            case NoAnswer():
                order.on(Input.NO_ANSWER)
                self._ask_later(order, now)

    def on_cancel(self, cloid: str, result: CancelResult, now: int) -> Order:
        """Take in the answer to a cancel."""
        order = self._orders[cloid]
        match result:
            case Cancelled():
                order.on(Input.CANCELLED)
            case CancelRefused():
                order.on(Input.CANCEL_REFUSED)
                order.ask_at = now
            case NoAnswer():
                order.on(Input.NO_ANSWER)
                self._ask_later(order, now)
        return self._ended(order, now)

    def on_lookup(self, cloid: str, result: Lookup, now: int, blind: bool = False) -> Order:
        """Take in what the venue says about an order we asked for; `blind` while trades may have been missed."""
        order = self._orders[cloid]
        order.asked = False
        match result:
            case Resting(oid=oid):
                order.oid = oid
                order.on(Input.FOUND_RESTING)
                self._ask_if_doubted(order, now)
            case Gone(filled) if filled > order.filled:
                order.untold += 1  # its trades are on their way: the side stays blocked until they are here
                order.forgotten |= order.orphan  # some of them may be older than our finding it
                self._ask_later(order, now)
            case Gone():
                order.on(Input.FOUND_GONE)
                if order.tif == "Ioc" and not order.filled:  # it found nothing to take, and the next one would not
                    self._rest((order.market, order.side, order.ro), now)
            case NeverSeen():
                self._never_seen(order, now, blind)
            case NoAnswer():
                order.on(Input.NO_ANSWER)
                self._ask_later(order, now)
        return self._ended(order, now)

    def _never_seen(self, order: Order, now: int, blind: bool) -> None:
        """It may still arrive, or was taken once and is forgotten: then only the account tells what it traded."""
        late = order.asked_at >= order.sent_at + self._params.expire_after + self._params.expire_slack
        if order.oid or order.filled:
            order.forgotten = True
            self._ask_later(order, now)
        elif blind or not late:
            self._ask_later(order, now)
        else:
            order.on(Input.NEVER_SEEN)
            self._rest((order.market, order.side, order.ro), now)

    def on_trade(self, trade: Trade, now: int) -> Order | None:
        """Take in a trade; None if the order is not of this run, or already forgotten."""
        order = self._orders.get(trade.cloid)
        if order is None:
            return None
        order.fill(Lots(trade.lots))
        return self._ended(order, now)

    def forget(self, now: int) -> None:
        """Drop orders that ended long enough ago for no late trade to come."""
        self._drop_ended(now - self._params.forget_after)

    def _ask_later(self, order: Order, now: int) -> None:
        order.ask_at = now + self._params.ask_after

    def _rest(self, slot: _Slot, now: int) -> None:
        rest = self._params.first_rest << min(self._refusals[slot], 16)
        self._refusals[slot] += 1
        self._rest_until[slot] = now + min(rest, self._params.longest_rest)
