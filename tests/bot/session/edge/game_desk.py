"""A session that quotes two markets of one hockey game, in cents and whole contracts, with hands on both ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot import events, messages
from bot.market.book import Top
from bot.market.contract import Contract
from bot.market.fees import schedule
from bot.market.price_ranges import PriceRanges, Range
from bot.market.reports import Accepted, Account, Cancelled, Gone, NewOrder, Trade
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks
from bot.messages import Effect, Message
from bot.risk import limits
from bot.session import Params, Session
from bot.strategy import edge_locked
from tests.bot.builders import RUN, SECOND, account
from tests.bot.session.desk import Desk

MINUTE = 60 * SECOND
START, CLOSE = 7_200 * SECOND, 20_000 * SECOND
FEES = schedule("quadratic", Decimal(1))
GRID = PriceRanges((Range(0, 10_000, 100),))
LEAFS, HABS, OTHER = "KXNHLGAME-26-TOR", "KXNHLGAME-26-MTL", "KXNHLGAME-27-BOS"
CONTRACT = 100
"""Lots."""


def spec(market: str, event: str = "KXNHLGAME-26", starts: int | None = START, series: str = "KXNHLGAME") -> Spec:
    contract = Contract(event, series, FEES, starts, CLOSE)
    return Spec(
        market,
        0,
        tick=Decimal("0.0001"),
        lot=Decimal("0.01"),
        min_notional=Decimal(0),
        grid=GRID,
        lot_step=CONTRACT,
        contract=contract,
    )


SPECS = {LEAFS: spec(LEAFS), HABS: spec(HABS), OTHER: spec(OTHER, "KXNHLGAME-27")}


def given(**changes: Any) -> Params:
    """Both markets of the game, at most 20 contracts each."""
    held = limits.Params(max_markets=8, max_inventory={market: Decimal(20) for market in SPECS})
    made: dict[str, Any] = {
        "run": RUN,
        "venue": "kalshi",
        "specs": SPECS,
        "markets": (LEAFS,),
        "limits": held,
        "edge": edge_locked.Params(),
        "stale_after": 100_000 * SECOND,
    }
    return Params(**{**made, **changes})


def edge_session(**changes: Any) -> Session:
    return Session(given(**changes))


@dataclass(slots=True)
class GameDesk(Desk):
    """`log` is everything told so far. Answers come at once unless asked for otherwise."""

    session: Session = field(default_factory=edge_session)
    now: int = 10 * SECOND
    log: list[events.Event] = field(default_factory=list)
    tids: int = 0
    journal: list[messages.JournalPosition] = field(default_factory=list)
    at_start: Account = field(default_factory=account)

    def __post_init__(self) -> None:
        self.tell(messages.AccountRead("start", self.journal, [], self.at_start))

    def tell(self, message: Message) -> list[Effect]:
        self.said = self.session.handle(message, self.now)
        self.log += self.told
        return self.said

    def book(self, bid: int | None, ask: int | None, market: str = LEAFS, lots: int = 5_000) -> list[Effect]:
        """Best prices in cents, with 50 contracts each."""
        prices = [None if cents is None else Ticks(cents * 100) for cents in (bid, ask)]
        return self.tell(messages.BookMoved(Top(market, *prices, self.now, Lots(lots), Lots(lots))))

    def settle(self) -> None:
        """Answer all that was asked, and what follows from that, as a venue that does as it is told."""
        waiting = list(self.said)
        for _ in range(100):
            if not waiting:
                return
            match waiting.pop(0):
                case messages.Send(order):
                    waiting += self.answer(order.cloid, Accepted("1"))
                case messages.CancelOrder(_, cloid):
                    waiting += self.cancelled(cloid, Cancelled())
                case messages.Replace() as change:
                    waiting += self.replaced(change, Cancelled(), Accepted("2"))
                case messages.LookUp(_, cloid):
                    order = self.session.orders.known(cloid)
                    waiting += self.tell(messages.LookupAnswered(cloid, Gone(order.filled)))
        raise AssertionError(f"it never ends: {waiting}")

    def look(self, bid: int | None, ask: int | None, market: str = LEAFS) -> None:
        """A book, and everything that follows from it."""
        self.book(bid, ask, market)
        self.settle()

    def wait(self, seconds: float) -> None:
        """A turn after so long, and everything that follows from it."""
        self.turn(seconds)
        self.settle()

    def fill(self, order: NewOrder, contracts: int | None = None, fee: int = 0) -> None:
        """A trade of an order of ours at its price, and everything that follows from it."""
        self.tids += 1
        lots = order.lots if contracts is None else Lots(contracts * CONTRACT)
        trade = Trade(str(self.tids), order.market, order.side, order.ticks, lots, order.cloid, fee, self.now)
        self.traded(trade)
        self.settle()

    def resting(self, side: Side, market: str = LEAFS) -> tuple[float, float, bool] | None:
        """Price in cents, contracts and whether it reduces, of what rests."""
        orders = list(self.session.orders.open(market, side))
        assert len(orders) <= 1, "never two orders on a side"
        return (orders[0].ticks / 100, orders[0].left / CONTRACT, orders[0].ro) if orders else None

    def order(self, side: Side, market: str = LEAFS) -> NewOrder:
        (order,) = self.session.orders.open(market, side)
        return NewOrder(market, side, order.ticks, order.left, order.cloid, order.tif, order.ro)

    def holding(self, market: str = LEAFS) -> float:
        return self.session.positions[market].lots / CONTRACT

    def long(self, market: str = LEAFS) -> None:
        """Ten bought at 48 cents."""
        self.look(50, 52, market)
        self.fill(self.order("bid", market))

    def told_of(self, *kinds: type[events.Event]) -> list[Any]:
        return [event for event in self.log if isinstance(event, kinds)]
