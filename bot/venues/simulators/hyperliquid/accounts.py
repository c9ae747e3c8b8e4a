"""Who trades: cash, positions, open orders, history, and what an account may still do. Money in millionths of a USD."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from bot.market.position import Holding
from bot.market.units import Lots, Side, sign
from bot.venues.hyperliquid.codec import Fill, OpenOrder, OrderUpdate
from bot.venues.hyperliquid.signing import Agent
from bot.venues.simulators.hyperliquid.market import Market, letter
from bot.venues.simulators.matching import Standing

MILLION = 1_000_000
HISTORY = 2_000
FILLS = 10_000
DEPOSIT = 100_000 * MILLION
TIERS = (
    (7_000_000_000, 24, 0),
    (2_000_000_000, 26, 0),
    (500_000_000, 28, 0),
    (100_000_000, 30, 4),
    (25_000_000, 35, 8),
    (5_000_000, 40, 12),
    (0, 45, 15),
)
"""From so many USD of volume on: rates of takers and makers in hundred-thousandths."""


@dataclass(slots=True)
class Order:
    """An order of an account; `lots` as sent, what is left stands in the book's own record."""

    owner: str
    market: Market
    standing: Standing
    lots: Lots
    tif: str
    ro: bool
    cloid: str | None
    at: int

    @property
    def side(self) -> Side:
        return self.standing.side

    def told(self) -> OpenOrder:
        """As the venue tells of it now."""
        market, standing = self.market, self.standing
        return OpenOrder(
            coin=market.coin,
            side=letter(standing.side),
            limitPx=market.price(standing.ticks),
            sz=market.size(standing.lots),
            oid=standing.oid,
            timestamp=self.at,
            origSz=market.size(self.lots),
            cloid=self.cloid,
            reduceOnly=self.ro,
        )


@dataclass(slots=True)
class Account:
    """One account. `volume` and `requests` count from its beginning; `schedule` is when all is cancelled (ms)."""

    address: str
    cash: int = DEPOSIT
    volume: int = 0
    requests: int = 0
    served_at: int = 0
    schedule: int | None = None
    triggers: tuple[int, int] = (0, 0)
    holdings: dict[str, Holding] = field(default_factory=dict)
    leverage: dict[str, int] = field(default_factory=dict)
    open: dict[int, Order] = field(default_factory=dict)
    history: OrderedDict[int, tuple[Order, OrderUpdate]] = field(default_factory=OrderedDict)
    fills: deque[Fill] = field(default_factory=lambda: deque(maxlen=FILLS))
    funding: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=500))

    def held(self, coin: str) -> Holding:
        return self.holdings.get(coin, Holding())

    def rates(self) -> tuple[int, int]:
        """Taker and maker, in hundred-thousandths of the value."""
        return next((taker, maker) for cutoff, taker, maker in TIERS if self.volume >= cutoff * MILLION)

    def remember(self, order: Order, update: OrderUpdate) -> None:
        """The latest of an order; the oldest orders are forgotten, as the venue does."""
        self.history[order.standing.oid] = order, update
        self.history.move_to_end(order.standing.oid)
        while len(self.history) > HISTORY:
            self.history.popitem(last=False)

    def find(self, oid: int | str) -> Order | None:
        """An open order by the venue's id or ours."""
        if isinstance(oid, int):
            return self.open.get(oid)
        return next((order for order in self.open.values() if order.cloid == oid.lower()), None)

    def value(self, markets: Mapping[str, Market]) -> int:
        """Cash, and all positions at the oracle's price."""
        return self.cash + sum(held.lots * markets[coin].oracle for coin, held in self.holdings.items())

    def leveraged(self, market: Market) -> int:
        return self.leverage.get(market.coin, min(20, market.listing.max_leverage))

    def margin(self, markets: Mapping[str, Market], more: Order | None = None) -> int:
        """Initial margin of what is held and of what could be, if `more` rested too."""
        coins = {*self.holdings, *(order.market.coin for order in self.open.values())}
        coins |= {more.market.coin} if more is not None else set()
        return sum(self._margin(markets[coin], more) for coin in coins)

    def _margin(self, market: Market, more: Order | None) -> int:
        worst, price = {"bid": 0, "ask": 0}, market.oracle
        orders = [order for order in self.open.values() if order.market is market and not order.ro]
        for order in [*orders, more] if more is not None and more.market is market and not more.ro else orders:
            worst[order.side] += sign(order.side) * order.standing.lots
        held = self.held(market.coin).lots
        most = max(abs(held), abs(held + worst["bid"]), abs(held + worst["ask"]))
        return most * price // self.leveraged(market)


@dataclass(frozen=True, slots=True)
class Keys:
    """An account as it is handed out: the main agent, and one for a watchdog beside it."""

    account: Account
    agent_key: str
    watchdog_key: str


def seeded(seed: int) -> list[Keys]:
    """Three accounts: the first traded enough for scheduleCancel, the others nothing yet."""
    return [_keys(seed, number, volume) for number, volume in enumerate((2_000_000 * MILLION, 0, 0))]


def _keys(seed: int, number: int, volume: int) -> Keys:
    master, agent, watchdog = (_key(f"{seed}:{number}:{part}") for part in ("master", "agent", "watchdog"))
    return Keys(Account(Agent(master).address, volume=volume), agent, watchdog)


def _key(text: str) -> str:
    return "0x" + sha256(f"simulated hyperliquid {text}".encode()).hexdigest()
