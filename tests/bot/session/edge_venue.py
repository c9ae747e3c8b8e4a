"""Kalshi in the core's units, as honest as a venue is: it knows the truth, and what it says may be late or lost.

Nothing impossible happens here: a cloid is taken once, a request that is under way arrives within its five seconds or
never, trades keep their place before the answer to a cancel. Set `now` before asking anything of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot import messages
from bot.market.book import Top
from bot.market.contract import Contract
from bot.market.fees import schedule
from bot.market.position import Holding
from bot.market.price_ranges import PriceRanges, Range
from bot.market.reports import (
    Accepted,
    Account,
    Cancelled,
    CancelRefused,
    CancelResult,
    Cure,
    Gone,
    Lookup,
    NeverSeen,
    NewOrder,
    Rejected,
    Replaced,
    Resting,
    SendResult,
    Settlement,
    Trade,
    VenuePosition,
)
from bot.market.spec import Spec
from bot.market.units import Lots, Side, Ticks, sign
from bot.messages import Message

SECOND = 1_000_000_000
CONTRACT = 100
"""Lots."""
START, CLOSE = 3_000 * SECOND, 9_000 * SECOND
CENTS = PriceRanges((Range(0, 10_000, 100),))
TAPERED = PriceRanges((Range(0, 1_000, 10), Range(1_000, 9_000, 100), Range(9_000, 10_000, 10)))
DECI = PriceRanges((Range(0, 10_000, 10),))
FEES = schedule("quadratic", Decimal(1))
LEAFS, HABS, OTHER = "KXNHLGAME-26-TOR", "KXNHLGAME-26-MTL", "KXNHLGAME-27-BOS"
"""Of the last one fractions of a contract can be traded."""
MARKETS = (LEAFS, HABS, OTHER)


def _spec(market: str, grid: PriceRanges) -> Spec:
    contract = Contract(market[:12], "KXNHLGAME", FEES, START, CLOSE)
    step = 1 if market == OTHER else CONTRACT
    return Spec(market, 0, Decimal("0.0001"), Decimal("0.01"), Decimal(0), grid, step, contract)


@dataclass(slots=True)
class Known:
    """An order as the venue has it."""

    new: NewOrder
    left: int
    resting: bool = False


@dataclass(slots=True)
class GameVenue:
    """`news` is what it says unasked; `crowd` are everybody else's best prices and how much stands there."""

    now: int = 10 * SECOND
    specs: dict[str, Spec] = field(default_factory=lambda: {name: _spec(name, CENTS) for name in MARKETS})
    crowd: dict[str, tuple[int | None, int | None, int]] = field(default_factory=dict)
    orders: dict[str, Known] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    held: dict[str, Holding] = field(default_factory=dict)
    paid: list[Settlement] = field(default_factory=list)
    entries_off: bool = False
    news: list[Message] = field(default_factory=list)

    def over(self, market: str) -> bool:
        return any(settled.market == market for settled in self.paid)

    def resting(self, market: str | None = None, side: Side | None = None) -> list[Known]:
        return [
            known
            for known in self.orders.values()
            if known.resting and market in (None, known.new.market) and side in (None, known.new.side)
        ]

    def top(self, market: str) -> Top:
        """Best prices, ours among them."""
        bid, ask, lots = self.crowd.get(market, (None, None, 0))
        best: list[tuple[int | None, int]] = []
        for side, price in (("bid", bid), ("ask", ask)):
            levels = {} if price is None else {price: lots}
            for known in self.resting(market, side):  # type: ignore[arg-type]
                levels[known.new.ticks] = levels.get(known.new.ticks, 0) + known.left
            found = None if not levels else (max if side == "bid" else min)(levels)
            best.append((found, 0 if found is None else levels[found]))
        (bid, bids), (ask, asks) = best
        prices = [None if ticks is None else Ticks(ticks) for ticks in (bid, ask)]
        return Top(market, *prices, self.now, Lots(bids), Lots(asks))

    def crowd_moves(self, market: str, bid: int | None, ask: int | None, lots: int) -> None:
        """Whatever of ours stands in the way is taken."""
        for known in self.resting(market):
            price, buys = known.new.ticks, known.new.side == "bid"
            if (buys and ask is not None and ask <= price) or (not buys and bid is not None and bid >= price):
                self.crowd_takes(known, known.left)
        self.crowd[market] = bid, ask, lots

    def crowd_takes(self, known: Known, lots: int) -> None:
        lots -= lots % self.specs[known.new.market].lot_step
        self._deal(known, known.new.ticks, min(lots, known.left), "maker")

    def by_hand(self, market: str, side: Side, lots: int) -> None:
        """Somebody at the desk trades on this account."""
        self._trade(market, side, 5_000, lots, "", 0)

    def ends(self, known: Known) -> None:
        """It is taken off without our doing: it expired, or another rule of the venue's."""
        known.resting = False
        self.news.append(messages.OrderDoubted(known.new.cloid, "the venue ended it"))

    def hold_entries(self, off: bool) -> None:
        """The order group of entries is triggered, by us or by too many matches, or it is reset."""
        self.entries_off = off
        for known in self.resting() if off else []:
            if not known.new.ro:
                self.ends(known)

    def settle(self, market: str, payout: int) -> None:
        for known in self.resting(market):
            self.ends(known)
        self.held.pop(market, None)
        self.paid.append(Settlement(market, Ticks(payout), self.now))
        self.news.append(messages.MarketSettled(market))

    def change(self, market: str, **what: object) -> None:
        """What a market's rules are from now on; orders that rest stay as they are."""
        spec = self.specs[market]
        assert spec.contract is not None
        if "starts" in what:
            self.specs[market] = replace(spec, contract=replace(spec.contract, **what))  # type: ignore[arg-type]
        else:
            self.specs[market] = replace(spec, **what)  # type: ignore[arg-type]

    def account(self, since: int) -> Account:
        held = [VenuePosition(market, holding.lots, holding.cost) for market, holding in self.held.items()]
        return Account(
            positions=[position for position in held if position.lots],
            trades=[trade for trade in self.trades if trade.at >= since],
            resting=[_listed(known) for known in self.resting()],
            since=since,
            settlements=[settled for settled in self.paid if settled.at >= since],
        )

    def place(self, order: NewOrder) -> SendResult:
        assert order.cloid not in self.orders, "a cloid is sent once"
        refusal = self._refusal(order)
        if refusal is not None:
            return refusal
        known = self.orders[order.cloid] = Known(order, order.lots)
        if order.tif == "Alo":
            known.resting = True
            return Accepted("1")
        price, lots = self._against(order)
        most = min(order.lots, lots, -sign(order.side) * self.held.get(order.market, Holding()).lots)
        if price is None or most <= 0:
            return Rejected("E_NO_MATCH", "taken and ended at once without a trade", Cure.REQUOTE)
        bid, ask, _ = self.crowd[order.market]
        self.crowd[order.market] = (bid, ask, lots - most) if lots > most else _without(price, bid, ask)
        self._deal(known, price, most, "taker")
        return Accepted("1")

    def cancel(self, cloid: str, late: bool = False) -> CancelResult:
        """Of one that comes after somebody looked the order up the streams tell."""
        known = self.orders.get(cloid)
        if known is None or not known.resting:
            return CancelRefused("not_found")
        known.resting = False
        if late:
            self.ends(known)
        return Cancelled()

    def replace(self, old: str, order: NewOrder, late: bool = False) -> Replaced:
        gone = self.cancel(old, late)
        if isinstance(gone, CancelRefused):
            return Replaced(gone, Rejected("E_NOT_SENT", "the old order is not certainly gone", Cure.REQUOTE))
        return Replaced(gone, self.place(order))

    def look_up(self, cloid: str) -> Lookup:
        known = self.orders.get(cloid)
        if known is None:
            return NeverSeen()
        return _listed(known) if known.resting else Gone(Lots(known.new.lots - known.left))

    def _refusal(self, order: NewOrder) -> Rejected | None:
        if self.over(order.market):
            return Rejected("E_CLOSED", "market_inactive", Cure.WAIT)
        spec = self.specs[order.market]
        if not spec.legal(order.ticks) or order.lots % spec.lot_step:
            return Rejected("E_TICK", "invalid_price", Cure.REQUANTISE)
        if self.entries_off and not order.ro:
            return Rejected("E_GROUP", "order group", Cure.WAIT)
        if order.tif == "Alo" and self._against(order)[0] is not None:
            return Rejected("E_POST_ONLY", "post only cross", Cure.REQUOTE)
        return None

    def _against(self, order: NewOrder) -> tuple[Ticks | None, int]:
        """The crowd's price that this order would take, and how much there is."""
        bid, ask, lots = self.crowd.get(order.market, (None, None, 0))
        price = ask if order.side == "bid" else bid
        if price is None or not lots or (price > order.ticks if order.side == "bid" else price < order.ticks):
            return None, 0
        return Ticks(price), lots

    def _deal(self, known: Known, ticks: int, lots: int, role: str) -> None:
        if not lots:
            return
        known.left -= lots
        known.resting = known.resting and known.left > 0
        new = known.new
        fee = FEES.trade_fee(role, Ticks(ticks), Lots(lots))  # type: ignore[arg-type]
        self._trade(new.market, new.side, ticks, lots, new.cloid, fee)

    def _trade(self, market: str, side: Side, ticks: int, lots: int, cloid: str, fee: int) -> None:
        trade = Trade(f"t{len(self.trades)}", market, side, Ticks(ticks), Lots(lots), cloid, fee, self.now)
        self.held[market] = self.held.get(market, Holding()).after(side, trade.ticks, trade.lots)
        self.trades.append(trade)
        self.news.append(messages.Traded(trade))


def _without(price: int, bid: int | None, ask: int | None) -> tuple[int | None, int | None, int]:
    """What stood there is gone; the other side has one contract left."""
    return (None, ask, CONTRACT) if price == bid else (bid, None, CONTRACT)


def _listed(known: Known) -> Resting:
    new = known.new
    return Resting(new.market, new.side, new.ticks, Lots(known.left), new.cloid, "1")
