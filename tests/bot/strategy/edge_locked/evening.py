"""An evening at the simulated exchange, played by the strategy alone: no session, no wire, a clock that jumps.

One look at each market every few seconds; what is wanted is compared with what rests, and handed in at the desk.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from bot.market.book import Top
from bot.market.orders import Quote
from bot.market.spec import Spec
from bot.market.units import SIDES, Lots, Side
from bot.strategy.edge_locked.held import Held
from bot.strategy.edge_locked.params import SECOND, Params
from bot.strategy.edge_locked.quoting import decide
from bot.strategy.edge_locked.view import Decision, View
from bot.venues.kalshi import numbers
from bot.venues.kalshi.codec import Market as Listing
from bot.venues.kalshi.codec import PriceRange
from bot.venues.kalshi.orders import Create
from bot.venues.kalshi.spec import spec_of
from bot.venues.simulators.kalshi.accounts import Account, Order
from bot.venues.simulators.kalshi.desk import Desk
from bot.venues.simulators.kalshi.engine import Engine, Filled
from bot.venues.simulators.kalshi.life import Life, markets_of
from bot.venues.simulators.kalshi.market import Market
from bot.venues.simulators.kalshi.rules import Refused
from bot.venues.simulators.kalshi.script import Script

START, STEP_MS = 1_795_000_000_000, 5_000
LEAGUES = {"KXNHLGAME": "NHL", "KXNFLGAME": "NFL", "KXNCAAFGAME": "CFB"}
CAP = Lots(2_000)


@dataclass(frozen=True, slots=True)
class Seen:
    """A fill as the strategy's rules judge it: whether it entered, at what price, in which league."""

    market: str
    entered: bool
    side: Side
    price: Fraction
    taker: bool


@dataclass
class Evening:
    """`play` it to its end; then `exits` counts decisions to leave by kind, `fills` and `ages` hold the rest."""

    script: Script
    params: Params = field(default_factory=Params)
    stops_s: int = 5_400
    now: int = START
    held: dict[str, Held] = field(default_factory=dict)
    quoted: dict[str, int] = field(default_factory=dict)
    exits: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    fills: list[Seen] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = Account("us")
        self.engine = Engine(markets_of(self.script, 0, START, 1.0), {"us": self.account}, lambda: self.now)
        self.desk, self.life = Desk(self.engine), Life(self.engine, self.script, START, 1.0)

    def play(self) -> None:
        while any(market.status != "finalized" for market in self.engine.markets.values()):
            self.now += STEP_MS
            self.life.step()
            self._take_fills()
            for market in self.engine.markets.values():
                if market.status == "active":
                    self._look(market)

    def _look(self, market: Market) -> None:
        held = self.held.get(market.ticker, Held())
        top = Top(market.ticker, market.book.best("bid"), market.book.best("ask"), self._nanos)
        held = self.held[market.ticker] = held.marked(top.mid)
        resting = {order.side: order for order in self.account.resting(market.ticker)}
        position = held.holding.lots
        view = View(
            spec=_spec(market.ticker, tuple(market.ranges)),
            top=top,
            held=held,
            fees=market.fees,
            league=LEAGUES[market.script.series],
            now=self._nanos,
            room_bid=Lots(max(CAP - position, 0)),
            room_ask=Lots(max(CAP + position, 0)),
            working_bid=_quote(resting.get("bid")),
            working_ask=_quote(resting.get("ask")),
            quoted_at=self.quoted.get(market.ticker, 0),
            entries=self.now < START + self.stops_s * 1_000,
        )
        self._act(market, view, decide(view, self.params))

    def _act(self, market: Market, view: View, decision: Decision) -> None:
        wanted: dict[Side, Quote | None] = {"bid": decision.bid, "ask": decision.ask}
        leaving = decision.exit
        if leaving is not None and leaving.tif == "Alo":
            wanted[leaving.side] = leaving.quote
        for side in SIDES:
            quote = wanted[side]
            if quote == view.working(side):
                continue
            for order in [one for one in self.account.resting(market.ticker) if one.side == side]:
                self.desk.cancel(self.account, order.oid)
            if quote is not None:
                self._send(market, side, quote, tif="good_till_canceled")
                self.quoted[market.ticker] = self._nanos
        if leaving is not None:
            if leaving.tif == "Ioc":
                self._send(market, leaving.side, leaving.quote, tif="immediate_or_cancel")
            if leaving.tif == "Ioc" or view.working(leaving.side) != leaving.quote:
                self.exits[leaving.kind] += 1

    def _send(self, market: Market, side: Side, quote: Quote, tif: str) -> None:
        rests = tif == "good_till_canceled"
        wish = Create(
            market.ticker,
            side,
            numbers.contracts(quote.lots),
            numbers.price(quote.ticks),
            "good_till_canceled" if rests else "immediate_or_cancel",
            "taker_at_cross",
            post_only=rests,
        )
        try:
            self.desk.create(self.account, wish)
        except Refused as refused:
            self.refused[str(refused.body)] += 1
        self._take_fills()

    def _take_fills(self) -> None:
        for item in self.engine.take_news():
            if not isinstance(item, Filled):
                continue
            order, fill = item.fill.order, item.fill
            before = self.held.get(order.ticker, Held())
            after = before.after(order.side, fill.ticks, fill.lots, self._nanos)
            grew = after.lots > before.lots
            self.fills.append(Seen(order.ticker, grew, order.side, Fraction(fill.ticks, 10_000), fill.taker))
            if after.state == "FLAT":
                self.ages.append(before.age(self._nanos) / SECOND)
            self.held[order.ticker] = after
            assert after.holding.lots == fill.position, "the strategy's story is the exchange's"
            assert abs(after.holding.lots) <= CAP

    @property
    def _nanos(self) -> int:
        return self.now * 1_000_000


def _quote(order: Order | None) -> Quote | None:
    return None if order is None else Quote(order.standing.ticks, order.left)


@lru_cache
def _spec(ticker: str, ranges: tuple[PriceRange, ...]) -> Spec:
    return spec_of(Listing(ticker, "", "", "", "", list(ranges)))
