"""Wanted quotes against orders: what to place, what to cancel, what to ask the venue.

One order a side and market: a new one is placed only when nothing of ours may rest there, so a limit that holds
for one order holds. After a rejection a side rests for a while, longer each time, and an answer that never came
is asked for; nothing is sent twice. Knows no strategy, no limits and no network.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from bot.market.orders import Input, Order, OrderState, Quote
from bot.market.reports import (
    Accepted,
    Cancelled,
    CancelRefused,
    CancelResult,
    Gone,
    Lookup,
    NeverSeen,
    NoAnswer,
    Rejected,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import SIDES, Lots, Side

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Params:
    """Times in ns: rest after the first rejection (doubles up to the most), before asking, before forgetting."""

    first_rest: int = SECOND // 2
    longest_rest: int = 10 * SECOND
    ask_after: int = SECOND
    forget_after: int = 60 * SECOND
    cancel_window: int = 30 * SECOND


@dataclass(frozen=True, slots=True)
class Place:
    """Send this order."""

    order: Order


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask the venue to take this order off; `reason` as in events.QuoteCancel."""

    order: Order
    reason: str


class OrderManager:
    """All orders of one run. `run` is the first part of every client order id, `seq` the last."""

    def __init__(self, run: str, params: Params) -> None:
        self._run = run
        self._params = params
        self._seq = 0
        self._orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}
        self._slots: dict[tuple[str, Side], dict[str, Order]] = defaultdict(dict)
        self._refusals: dict[tuple[str, Side], int] = defaultdict(int)
        self._rest_until: dict[tuple[str, Side], int] = defaultdict(int)
        self._cancels: dict[str, deque[int]] = defaultdict(deque)

    def known(self, cloid: str) -> Order:
        """The order of this id. Raises KeyError once it is forgotten; one with an answer outstanding never is."""
        return self._orders[cloid]

    def open(self, market: str | None = None, side: Side | None = None) -> Iterator[Order]:
        """Orders that may rest at the venue, oldest first. Those that ended are not walked over."""
        if market is not None and side is not None:
            return iter(tuple(self._slots[market, side].values()))
        return (o for o in tuple(self._live.values()) if market in (None, o.market) and side in (None, o.side))

    def working(self, market: str, side: Side) -> Quote | None:
        """What rests of ours and is known to; None while an answer is outstanding."""
        for order in self.open(market, side):
            if order.state is OrderState.WORKING and not order.orphan:
                return Quote(order.ticks, order.left)
        return None

    def cancels_in_window(self, market: str, now: int) -> int:
        """Cancels sent in the last 30 s."""
        times = self._cancels[market]
        while times and times[0] <= now - self._params.cancel_window:
            times.popleft()
        return len(times)

    def plan(self, market: str, wanted: dict[Side, Quote | None], reason: str, now: int) -> list[Place | Cancel]:
        """Steps from what rests to what is wanted; each is already taken as sent."""
        steps: list[Place | Cancel] = []
        for side in SIDES:
            quote = wanted[side]
            orders = list(self.open(market, side))
            steps += [step for order in orders if (step := self._leave(order, quote, reason, now))]
            if not orders and quote and now >= self._rest_until[market, side]:
                steps.append(self._place(market, side, quote, now))
        return steps

    def _leave(self, order: Order, quote: Quote | None, reason: str, now: int) -> Cancel | None:
        if order.state is not OrderState.WORKING:
            return None
        if not order.orphan and quote == Quote(order.ticks, order.left):
            return None
        order.on(Input.CANCEL_SENT)
        self._cancels[order.market].append(now)
        return Cancel(order, "orphan" if order.orphan else reason)

    def _place(self, market: str, side: Side, quote: Quote, now: int) -> Place:
        self._seq += 1
        cloid = f"0x{self._run}{self._seq:024x}"
        order = Order(cloid, self._seq, market, side, quote.ticks, quote.lots, now)
        self._keep(order)
        return Place(order)

    def adopt(self, resting: Resting, now: int) -> Order:
        """Take in an order that an earlier run left at the venue; the next plan cancels it."""
        order = Order(
            cloid=resting.cloid,
            seq=seq_of(resting.cloid),
            market=resting.market,
            side=resting.side,
            ticks=resting.ticks,
            lots=resting.lots,
            sent_at=now,
            oid=resting.oid,
            state=OrderState.WORKING,
            orphan=True,
        )
        self._keep(order)
        return order

    def on_send(self, cloid: str, result: SendResult, now: int) -> Order:
        """Take in the answer to a send."""
        order = self._orders[cloid]
        slot = order.market, order.side
        match result:
            case Accepted(oid):
                order.oid = oid
                order.on(Input.ACCEPTED)
                self._refusals[slot] = 0
            case Rejected():
                order.on(Input.REJECTED)
                self._rest(slot, now)
            case NoAnswer():
                order.on(Input.NO_ANSWER)
                self._ask_later(order, now)
        return self._ended(order, now)

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

    def on_lookup(self, cloid: str, result: Lookup, now: int) -> Order:
        """Take in what the venue says about an order we asked for."""
        order = self._orders[cloid]
        order.asked = False
        match result:
            case Resting(oid=oid):
                order.oid = oid
                order.on(Input.FOUND_RESTING)
            case Gone(filled) if filled > order.filled:
                self._ask_later(order, now)  # its trades are on their way: the side stays blocked until they are here
            case Gone():
                order.on(Input.FOUND_GONE)
            case NeverSeen():
                order.on(Input.NEVER_SEEN)
                self._rest((order.market, order.side), now)
            case NoAnswer():
                order.on(Input.NO_ANSWER)
                self._ask_later(order, now)
        return self._ended(order, now)

    def on_trade(self, trade: Trade, now: int) -> Order | None:
        """Take in a trade; None if the order is of an earlier run and already forgotten."""
        order = self._orders.get(trade.cloid)
        if order is None:
            return None
        order.fill(Lots(trade.lots))
        return self._ended(order, now)

    def to_ask(self, now: int) -> list[Order]:
        """Orders the venue must be asked for now; each is asked once until its answer came."""
        due = [o for o in self.open() if o.state is OrderState.UNKNOWN and not o.asked and o.ask_at <= now]
        for order in due:
            order.asked = True
        return due

    def forget(self, now: int) -> None:
        """Drop orders that ended long enough ago for no late trade to come."""
        horizon = now - self._params.forget_after
        ended = [o.cloid for o in self._orders.values() if not o.may_rest and not o.asked and o.ended_at < horizon]
        for cloid in ended:
            del self._orders[cloid]

    def _ask_later(self, order: Order, now: int) -> None:
        order.ask_at = now + self._params.ask_after

    def _rest(self, slot: tuple[str, Side], now: int) -> None:
        rest = self._params.first_rest << min(self._refusals[slot], 16)
        self._refusals[slot] += 1
        self._rest_until[slot] = now + min(rest, self._params.longest_rest)

    def _keep(self, order: Order) -> None:
        for orders in (self._orders, self._live, self._slots[order.market, order.side]):
            orders[order.cloid] = order

    def _ended(self, order: Order, now: int) -> Order:
        if not order.may_rest and not order.ended_at:
            order.ended_at = now
            for orders in (self._live, self._slots[order.market, order.side]):
                orders.pop(order.cloid, None)
        return order


def seq_of(cloid: str) -> int:
    """The order number inside a client order id of ours; 0 for any other id."""
    try:
        return int(cloid[10:], 16) if len(cloid) == 34 else 0
    except ValueError:
        return 0
