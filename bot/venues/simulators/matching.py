"""One market's order book with price-time priority. Knows owners only as names, and no rules of any venue."""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass, field

from bot.market.units import Lots, Side, Ticks, opposite


@dataclass(slots=True)
class Standing:
    """An order in the book; `lots` is what is left of it."""

    owner: str
    cloid: str
    oid: int
    side: Side
    ticks: Ticks
    lots: Lots


@dataclass(frozen=True, slots=True)
class Match:
    """A taker met a standing order at the standing order's price."""

    standing: Standing
    taker: Standing
    ticks: Ticks
    lots: Lots


@dataclass(slots=True)
class _Half:
    """One side: prices from best to worst as sorted keys, orders of a price in order of arrival."""

    toward: int
    keys: list[int] = field(default_factory=list)
    queues: dict[int, deque[Standing]] = field(default_factory=dict)

    def add(self, order: Standing) -> None:
        key = order.ticks * self.toward
        if key not in self.queues:
            insort(self.keys, key)
            self.queues[key] = deque()
        self.queues[key].append(order)

    def remove(self, order: Standing) -> None:
        key = order.ticks * self.toward
        self.queues[key].remove(order)
        if not self.queues[key]:
            del self.queues[key]
            self.keys.remove(key)

    def best(self) -> Standing | None:
        return self.queues[self.keys[0]][0] if self.keys else None

    def ahead(self, order: Standing) -> Lots:
        key, total = order.ticks * self.toward, 0
        for better in self.keys[: self.keys.index(key)]:
            total += sum(other.lots for other in self.queues[better])
        for other in self.queues[key]:
            if other is order:
                break
            total += other.lots
        return Lots(total)

    def levels(self, depth: int) -> list[tuple[Ticks, Lots, int]]:
        queues = (self.queues[key] for key in self.keys[:depth])
        return [(queue[0].ticks, Lots(sum(order.lots for order in queue)), len(queue)) for queue in queues]


class Book:
    """Two sides; `best`, `add`, `remove`, `take`."""

    def __init__(self) -> None:
        self._halves: dict[Side, _Half] = {"bid": _Half(-1), "ask": _Half(1)}

    def best(self, side: Side) -> Ticks | None:
        """Best price of a side, None when it is empty."""
        order = self._halves[side].best()
        return None if order is None else order.ticks

    def would_match(self, side: Side, ticks: Ticks) -> bool:
        """Whether an order of this side and price would trade at once."""
        best = self.best(opposite(side))
        return best is not None and (ticks >= best if side == "bid" else ticks <= best)

    def add(self, order: Standing) -> None:
        """Stand behind all orders of the same price."""
        self._halves[order.side].add(order)

    def remove(self, order: Standing) -> None:
        """Leave the book; the order must be in it."""
        self._halves[order.side].remove(order)

    def take(self, taker: Standing) -> list[Match]:
        """Match an order with what stands against it, best price first, oldest first; reduces both."""
        matches = []
        while (match := self.take_one(taker)) is not None:
            matches.append(match)
        return matches

    def take_one(self, taker: Standing) -> Match | None:
        """Match an order with the first that stands against it; None when there is none, or nothing left of it."""
        standing = self.against(taker)
        if standing is None:
            return None
        lots = Lots(min(taker.lots, standing.lots))
        taker.lots = Lots(taker.lots - lots)
        standing.lots = Lots(standing.lots - lots)
        if not standing.lots:
            self.remove(standing)
        return Match(standing, taker, standing.ticks, lots)

    def against(self, taker: Standing) -> Standing | None:
        """The order that this one would trade with next."""
        if not taker.lots or not self.would_match(taker.side, taker.ticks):
            return None
        return self._halves[opposite(taker.side)].best()

    def ahead(self, order: Standing) -> Lots:
        """Lots that trade before a standing order: at better prices, and at its own those that came before it."""
        return self._halves[order.side].ahead(order)

    def levels(self, side: Side, depth: int) -> list[tuple[Ticks, Lots, int]]:
        """The best `depth` prices of a side with size and number of orders."""
        return self._halves[side].levels(depth)
