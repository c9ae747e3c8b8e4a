"""All orders of one run by their client order id: which may rest, which are in doubt, which are over.

Knows what it was told about an order and when; what is to be done about it is `order_manager`'s business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import takewhile

from bot.market.orders import Input, Order, OrderState, Quote
from bot.market.reports import Resting
from bot.market.units import Side


class OwnOrders:
    """Orders that this run sent or took over. Times in ns."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}
        self._slots: dict[tuple[str, Side], dict[str, Order]] = defaultdict(dict)

    def known(self, cloid: str) -> Order:
        """The order of this id. Raises KeyError once it is forgotten; one with an answer outstanding never is."""
        return self._orders[cloid]

    def find(self, cloid: str) -> Order | None:
        """The same; None for an id that this run did not make, or has forgotten."""
        return self._orders.get(cloid)

    def open(self, market: str | None = None, side: Side | None = None) -> Iterator[Order]:
        """Orders that may rest at the venue, oldest first. Those that ended are not walked over."""
        if market is not None and side is not None:
            return iter(tuple(self._slots[market, side].values()))
        return (o for o in tuple(self._live.values()) if market in (None, o.market) and side in (None, o.side))

    def working(self, market: str, side: Side) -> Quote | None:
        """What rests of ours and is known to; None while an answer is outstanding."""
        for order in self.open(market, side):
            if order.state is OrderState.WORKING and not order.orphan:
                return order.resting
        return None

    def explains(self, cloid: str, asked_at: int) -> bool:
        """Whether a question asked then may find this order resting: it is not over, or was not yet."""
        order = self._orders.get(cloid)
        return order is not None and (order.may_rest or order.ended_at >= asked_at)

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

    def doubt(self, cloid: str, now: int) -> Order | None:
        """The venue said something about this order that no request of ours led to: it is asked for at once.

        Returned if it was thought to rest; one that an answer is outstanding for is asked for after that.
        """
        order = self._orders.get(cloid)
        if order is None or not order.may_rest:
            return None
        rested, order.doubted = order.state is OrderState.WORKING, True
        self._ask_if_doubted(order, now)
        return order if rested else None

    def vanished(self, listed: Collection[str], asked_at: int) -> list[Order]:
        """Orders that should rest and are not among those the venue listed when it was asked then."""
        return [
            order
            for order in self.open()
            if order.state is OrderState.WORKING and order.sent_at < asked_at and order.cloid not in listed
        ]

    def settle_forgotten(self, listed: Collection[str], asked_at: int, now: int) -> None:
        """End orders the venue took, forgot, and did not list when it was asked then: their trades are all told."""
        for order in self.open():
            unlisted = order.sent_at < asked_at and order.cloid not in listed
            if order.forgotten and unlisted and order.state is OrderState.UNKNOWN:
                order.on(Input.FOUND_GONE)
                self._ended(order, now)

    def to_ask(self, now: int) -> list[Order]:
        """Orders the venue must be asked for now; each is asked once until its answer came."""
        due = [o for o in self.open() if o.state is OrderState.UNKNOWN and not o.asked and o.ask_at <= now]
        for order in due:
            order.asked, order.asked_at, order.doubted = True, now, False
        return due

    def _drop_ended(self, before: int) -> None:
        """Forget orders that ended before then."""
        old = takewhile(lambda order: order.sent_at < before, self._orders.values())  # the rest did not end so early
        ended = [o.cloid for o in old if not o.may_rest and not o.asked and o.ended_at < before]
        for cloid in ended:
            del self._orders[cloid]

    def _ask_if_doubted(self, order: Order, now: int) -> None:
        """An order that was doubted while its answer was under way is asked for once more."""
        if order.doubted and order.state is OrderState.WORKING:
            order.on(Input.DOUBTED)
        if order.doubted and order.state is OrderState.UNKNOWN:
            order.ask_at = now

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
