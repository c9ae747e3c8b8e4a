"""The exchange itself: books, matches, money, and what there is to tell about them.

It is handed the time in ms and knows no socket, no signature, no rule of admission and no fault. `news` is what
happened since it was last taken, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.market.fees import Role, charge
from bot.market.units import NO_LOTS, Lots, Side, Ticks, sign
from bot.venues.kalshi.codec import OrderStatus
from bot.venues.simulators.kalshi.accounts import Account, Books, Fill, Order, settle_trade
from bot.venues.simulators.kalshi.market import CROWD, Market, Print
from bot.venues.simulators.matching import Match, Standing


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A price level of a book changed; `cloid` is the order of an account that did it, if one did."""

    ticker: str
    side: Side
    ticks: Ticks
    change: int
    cloid: str = ""


@dataclass(frozen=True, slots=True)
class Traded:
    """A trade of anybody."""

    ticker: str
    print: Print


@dataclass(frozen=True, slots=True)
class Filled:
    """A trade of an account."""

    owner: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order of an account as it is now; status and sizes are those of the moment."""

    order: Order
    status: OrderStatus
    filled: Lots
    left: Lots


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """What an account holds changed."""

    owner: str
    ticker: str


@dataclass(frozen=True, slots=True)
class LifeChanged:
    """A market's life went on; `kind` is the venue's word."""

    ticker: str
    kind: str


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """An order group of an account: created, triggered, reset, limit_updated or deleted."""

    owner: str
    gid: str
    kind: str


@dataclass(frozen=True, slots=True)
class FeesChanged:
    """An event has other fees than its series from now on, or those of its series again."""

    event: str
    override: tuple[str, float] | None


News = LevelChange | Traded | Filled | OrderChanged | PositionChanged | LifeChanged | GroupChanged | FeesChanged


class Engine:
    """All books and accounts."""

    def __init__(self, markets: dict[str, Market], accounts: dict[str, Account], now: Callable[[], int]) -> None:
        self.markets, self.accounts, self.now = markets, accounts, now
        self.exchange_active = self.trading_active = True
        self._news: list[News] = []
        self._number = 0

    def take_news(self) -> list[News]:
        news, self._news = self._news, []
        return news

    def tell(self, item: News) -> None:
        self._news.append(item)

    def next_id(self) -> str:
        """An id as the venue makes them."""
        self._number += 1
        return f"{self._number:08x}-5e11-4000-8000-{self._number:012x}"

    def run(self, order: Order) -> bool:
        """Match an order with what stands against it; whether its account met itself and it must not go on."""
        market, account = self.markets[order.ticker], self.accounts[order.owner]
        while (against := market.book.against(order.standing)) is not None:
            if against.owner == order.owner:
                if order.stp == "taker_at_cross":
                    return True
                self.end(account.orders[against.cloid])
                continue
            match = market.book.take_one(order.standing)
            assert match is not None, "something stood against it"
            self._dealt(market, match)
        return False

    def rest(self, order: Order) -> None:
        """What is left of it joins the book."""
        self.markets[order.ticker].book.add(order.standing)
        order.booked, self.accounts[order.owner].open[order.oid] = True, order
        self.changed(order)

    def end(self, order: Order) -> None:
        """Take a resting order off the book."""
        self.markets[order.ticker].book.remove(order.standing)
        self.close(order)

    def close(self, order: Order) -> None:
        """An order that is in no book any more, or never was, is over."""
        order.before, order.booked = (order.status, order.left), False
        self.accounts[order.owner].open.pop(order.oid, None)
        order.status = "canceled" if order.standing.lots else "executed"
        order.updated = self.now()
        self.changed(order)

    def changed(self, order: Order) -> None:
        self.tell(OrderChanged(order, order.status, order.filled, order.left))

    def crowd(self, market: Market, side: Side, ticks: Ticks, lots: Lots) -> Standing:
        """Somebody of the crowd buys or sells up to a price; what is left stands nowhere yet."""
        standing = Standing(CROWD, "", 0, side, ticks, lots)
        while (match := market.book.take_one(standing)) is not None:
            self._dealt(market, match)
        return standing

    def flush(self, ticker: str, cloid: str = "") -> None:
        """Tell which levels of a book changed since they were last told."""
        market = self.markets[ticker]
        now = market.levels()
        for side, ticks in sorted({*now, *market.seen}):
            change = now.get((side, ticks), NO_LOTS) - market.seen.get((side, ticks), NO_LOTS)
            if change:
                self.tell(LevelChange(ticker, side, ticks, change, cloid))
        market.seen = now

    def _dealt(self, market: Market, match: Match) -> None:
        tid, now = self.next_id(), self.now()
        found = Print(tid, match.taker.side, match.ticks, match.lots, now)
        market.trades.append(found)
        market.volume += match.lots
        roles: tuple[tuple[Standing, Role], ...] = ((match.standing, "maker"), (match.taker, "taker"))
        for standing, role in roles:
            if standing.owner != CROWD:
                self._filled(market, self.accounts[standing.owner].orders[standing.cloid], role, found)
        self.tell(Traded(market.ticker, found))

    def _filled(self, market: Market, order: Order, role: Role, found: Print) -> None:
        account, ticks, lots = self.accounts[order.owner], found.ticks, found.lots
        realized = settle_trade(account, order, ticks, lots)
        cost = charge(
            -sign(order.side) * ticks * lots, market.charges(found.at).trade_fee(role, ticks, lots), order.kept
        )
        order.kept = cost.kept
        account.cash -= cost.net
        order.filled = Lots(order.filled + lots)
        order.cost[role] += ticks * lots
        order.fees[role] += cost.net
        order.updated = found.at
        books = account.books.setdefault(market.ticker, Books())
        books.traded, books.fees = books.traded + ticks * lots, books.fees + cost.net
        books.realized, books.at = books.realized + realized, found.at
        held = account.held(market.ticker).lots
        fill = Fill(found.tid, order, ticks, lots, role == "taker", cost.net, held, found.at)
        account.fills.append(fill)
        self.tell(Filled(order.owner, fill))
        self.tell(PositionChanged(order.owner, market.ticker))
        self._after(account, order, lots, resting=role == "maker")

    def _after(self, account: Account, order: Order, lots: Lots, resting: bool) -> None:
        """A resting order that is used up is over; a group that matched too much is triggered."""
        if not order.standing.lots:
            self.close(order)
        elif resting:
            self.changed(order)
        group = account.groups.get(order.group)
        if group is not None and not group.triggered and group.match(self.now(), lots):
            self.trigger(account, group.gid)

    def trigger(self, account: Account, gid: str) -> None:
        """Cancel all orders of a group, and let it take no more."""
        account.groups[gid].triggered = True
        self.tell(GroupChanged(account.name, gid, "triggered"))
        for order in account.resting():
            if order.group == gid and order.booked:
                self.end(order)
