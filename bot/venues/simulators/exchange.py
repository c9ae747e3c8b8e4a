"""An exchange of our own: checks orders as Hyperliquid does, matches them, and says what changed for each account.

Its books live in memory. What it owes an account (resting orders, trades) it hands out as changes, so that
whoever keeps the account can write them down before anyone is told. Knows no files, no time and no chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.reports import NewOrder
from bot.market.spec import Spec
from bot.market.units import NO_LOTS, SIDES, Lots, Side, Ticks
from bot.venues import rejections
from bot.venues.simulators.matching import Book, Match, Standing

MAKER_FEE = Fraction(15, 100_000)
TAKER_FEE = Fraction(45, 100_000)
CROWD = "crowd"


@dataclass(frozen=True, slots=True)
class Rested:
    """An order of an account now stands in the book, or the rest of it does."""

    market: str
    order: Standing


@dataclass(frozen=True, slots=True)
class Left:
    """An order of an account left the book by a cancel."""

    market: str
    cloid: str


@dataclass(frozen=True, slots=True)
class Dealt:
    """An account traded; `fee` in millionths of quote currency, `left` lots of its order afterwards."""

    market: str
    owner: str
    cloid: str
    side: Side
    ticks: Ticks
    lots: Lots
    left: Lots
    fee: int


Change = Rested | Left | Dealt


class Refused(Exception):
    """The exchange's own words for why an order does not exist."""


class Exchange:
    """All books. Accounts are names; the crowd is everyone but the accounts that are kept."""

    def __init__(self, specs: Mapping[str, Spec], next_oid: int = 1) -> None:
        self.specs = specs
        self._books = {market: Book() for market in specs}
        self._standing: dict[str, Standing] = {}
        self._crowd: dict[str, list[Standing]] = {market: [] for market in specs}
        self._next_oid = next_oid

    def best(self, market: str) -> tuple[Ticks | None, Ticks | None]:
        """Best bid and ask, whoever stands there."""
        book = self._books[market]
        return book.best("bid"), book.best("ask")

    def top(self, market: str, at: int) -> Top:
        """The same with what stands there, as heard at `at` (ns)."""
        book = self._books[market]
        (bid, bids), (ask, asks) = (_first(book.levels(side, 1)) for side in SIDES)
        return Top(market, bid, ask, at, bids, asks)

    def restore(self, market: str, order: Standing) -> None:
        """Put an order back into the book after the exchange itself was away."""
        self._standing[order.cloid] = order
        self._books[market].add(order)

    def place(self, owner: str, new: NewOrder) -> tuple[int, list[Change]]:
        """Take an order in: its id here and what changed. Raises Refused."""
        spec = self.specs[new.market]
        self._check(spec, new)
        order = Standing(owner, new.cloid, self._next_oid, new.side, new.ticks, new.lots)
        self._next_oid += 1
        book = self._books[new.market]
        changes = [c for match in book.take(order) for c in self._dealt(new.market, match)]
        if order.lots and new.tif != "Ioc":
            book.add(order)
            self._standing[new.cloid] = order
            changes.append(Rested(new.market, replace(order)))
        return order.oid, changes

    def cancel(self, market: str, cloid: str) -> list[Change]:
        """Take an order off. Raises Refused."""
        order = self._standing.pop(cloid, None)
        if order is None:
            raise Refused(rejections.NO_SUCH_ORDER.format(asset=self.specs[market].asset))
        self._books[market].remove(order)
        return [Left(market, cloid)]

    def crowd_moves(self, market: str, ladder: list[tuple[Side, Quote]]) -> list[Change]:
        """The crowd takes back its quotes and makes these; what they meet of an account's is traded."""
        book, standing = self._books[market], self._crowd[market]
        for order in standing:
            if order.lots:
                book.remove(order)
        standing.clear()
        changes: list[Change] = []
        for side, quote in ladder:
            order, dealt = self._crowd_order(market, side, quote)
            changes += dealt
            if order.lots:
                book.add(order)
                standing.append(order)
        return changes

    def crowd_takes(self, market: str, side: Side, quote: Quote) -> list[Change]:
        """Somebody of the crowd buys or sells up to a price at once; the rest is dropped."""
        return self._crowd_order(market, side, quote)[1]

    def _crowd_order(self, market: str, side: Side, quote: Quote) -> tuple[Standing, list[Change]]:
        order = Standing(CROWD, "", 0, side, quote.ticks, quote.lots)
        matches = self._books[market].take(order)
        return order, [change for match in matches for change in self._dealt(market, match)]

    def _dealt(self, market: str, match: Match) -> list[Change]:
        changes: list[Change] = []
        for order, rate in ((match.standing, MAKER_FEE), (match.taker, TAKER_FEE)):
            if order.owner == CROWD:
                continue
            value = match.ticks * match.lots * Fraction(self.specs[market].unit_value)
            fee = round(value * rate * 1_000_000)
            changes.append(
                Dealt(market, order.owner, order.cloid, order.side, match.ticks, match.lots, order.lots, fee)
            )
            if not order.lots:
                self._standing.pop(order.cloid, None)
        return changes

    def _check(self, spec: Spec, new: NewOrder) -> None:
        book, asset = self._books[spec.market], spec.asset
        if not spec.legal(new.ticks):
            raise Refused(rejections.TICK.format(asset=asset))
        if new.lots <= 0:
            raise Refused(rejections.LOT.format(asset=asset))
        if not spec.worth_sending(new.ticks, new.lots):
            raise Refused(rejections.MIN_VALUE.format(asset=asset))
        if new.cloid in self._standing:
            raise Refused(rejections.DUPLICATE.format(asset=asset))
        if new.tif == "Alo" and book.would_match(new.side, new.ticks):
            bid, ask = (spec.price(best) if (best := book.best(side)) else "none" for side in SIDES)
            raise Refused(rejections.POST_ONLY.format(bid=bid, ask=ask, asset=asset))


def _first(levels: list[tuple[Ticks, Lots, int]]) -> tuple[Ticks | None, Lots]:
    return levels[0][:2] if levels else (None, NO_LOTS)
