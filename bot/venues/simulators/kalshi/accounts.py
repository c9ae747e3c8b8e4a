"""Who trades: cash, positions, orders, groups, fills, and what resting orders bind. Money in millionths of a dollar."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

from bot.market.fees import DOLLAR
from bot.market.position import Holding
from bot.market.units import NO_LOTS, Lots, Side, Ticks, sign
from bot.venues.kalshi.codec import OrderStatus
from bot.venues.simulators.matching import Standing

MILLION = 1_000_000
DEPOSIT = 10_000 * MILLION


@dataclass(slots=True)
class Order:
    """An order; what is left of it stands in the book's own record. Times in ms, `expires` in seconds (0: never)."""

    oid: str
    owner: str
    ticker: str
    standing: Standing
    total: Lots
    cloid: str
    stp: str
    created: int
    updated: int
    status: OrderStatus = "resting"
    booked: bool = False
    expires: int = 0
    on_pause: bool = False
    post_only: bool = False
    group: str = ""
    filled: Lots = NO_LOTS
    kept: int = 0
    cost: dict[str, int] = field(default_factory=lambda: {"taker": 0, "maker": 0})
    fees: dict[str, int] = field(default_factory=lambda: {"taker": 0, "maker": 0})
    stale_until: int = 0
    before: tuple[OrderStatus, Lots] = ("resting", NO_LOTS)

    @property
    def side(self) -> Side:
        return self.standing.side

    @property
    def left(self) -> Lots:
        return self.standing.lots if self.status == "resting" else NO_LOTS


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade of an account; `fee` is net of what came back, `position` what is held after it. `at` in ms."""

    tid: str
    order: Order
    ticks: Ticks
    lots: Lots
    taker: bool
    fee: int
    position: Lots
    at: int


@dataclass(slots=True)
class Group:
    """Orders that are cancelled together once `limit` lots of them match within 15 s."""

    gid: str
    limit: Lots
    triggered: bool = False
    matched: deque[tuple[int, Lots]] = field(default_factory=deque)

    def match(self, now: int, lots: Lots, window_ms: int = 15_000) -> bool:
        """Count a match; whether the limit is reached."""
        self.matched.append((now, lots))
        while self.matched and self.matched[0][0] <= now - window_ms:
            self.matched.popleft()
        return sum(count for _, count in self.matched) >= self.limit


@dataclass(frozen=True, slots=True)
class Settlement:
    """A market that paid out; costs and revenue in millionths."""

    ticker: str
    event: str
    result: str
    held: Holding
    payout: Ticks
    revenue: int
    fees: int
    at: int


@dataclass(slots=True)
class Books:
    """What an account made in one market so far, in millionths."""

    traded: int = 0
    fees: int = 0
    realized: int = 0
    at: int = 0


@dataclass(slots=True)
class Account:
    """One account. Client order ids are used up for good; `open` holds those of `orders` that are in a book."""

    name: str
    cash: int = DEPOSIT
    holdings: dict[str, Holding] = field(default_factory=dict)
    books: dict[str, Books] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    open: dict[str, Order] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    groups: dict[str, Group] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    def held(self, ticker: str) -> Holding:
        return self.holdings.get(ticker, Holding())

    def resting(self, ticker: str | None = None) -> list[Order]:
        """Orders in the book, in the order in which they came to rest."""
        return [order for order in self.open.values() if ticker in (None, order.ticker)]

    def bound(self) -> int:
        """What the resting orders need if all of them open positions; closing ones need nothing."""
        tickers = {order.ticker for order in self.resting()}
        return sum(self._bound(ticker, side) for ticker in tickers for side in ("bid", "ask"))

    def _bound(self, ticker: str, side: str) -> int:
        closing, total = max(-self.held(ticker).lots * (1 if side == "bid" else -1), 0), 0
        for order in self.resting(ticker):
            if order.side == side:
                covered = min(order.left, closing)
                closing -= covered
                total += opening_cost(order.side, order.standing.ticks, Lots(order.left - covered))
        return total

    def needs(self, ticker: str, side: Side, ticks: Ticks, lots: Lots, without: str = "") -> int:
        """What one more order would bind; `without` names one that it stands for."""
        closing = max(-self.held(ticker).lots * sign(side), 0)
        taken = sum(order.left for order in self.resting(ticker) if order.side == side and order.oid != without)
        return opening_cost(side, ticks, Lots(max(lots - max(closing - taken, 0), 0)))


def opening_cost(side: Side, ticks: Ticks, lots: Lots) -> int:
    """What so many lots of a new position cost: YES at its price, NO at what is missing to a dollar."""
    return (ticks if side == "bid" else DOLLAR - ticks) * lots


def settle_trade(account: Account, order: Order, ticks: Ticks, lots: Lots) -> int:
    """Change position and cash by a trade, without its fee; what was realised, in millionths.

    Buying the other leg of what is held closes pairs, and a pair is worth a dollar at once.
    """
    before = account.held(order.ticker)
    after = before.after(order.side, ticks, lots)
    closed = min(lots, abs(before.lots)) if before.lots * sign(order.side) < 0 else 0
    account.cash += DOLLAR * closed - opening_cost(order.side, ticks, lots)
    if after.lots:
        account.holdings[order.ticker] = after
    else:
        account.holdings.pop(order.ticker, None)
    if not closed:
        return 0
    return round(sign(order.side) * (Fraction(before.cost, before.lots) - ticks) * closed)
