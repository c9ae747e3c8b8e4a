"""An edge-locked session against a modelled venue that loses answers, fills in part, refuses, and settles.

Two markets of one game and one of another. Trades keep their place before the answers that came after them; answers
to questions overtake them. What is sent is checked where it is sent; everything else is the caller's choice.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from bot import messages
from bot.events import Event
from bot.market.book import Top
from bot.market.position import Holding
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
    NoAnswer,
    Rejected,
    Replaced,
    Resting,
    SendResult,
    Settlement,
    Trade,
    VenuePosition,
)
from bot.market.units import Lots, Ticks, sign
from bot.messages import Effect, Emit, Message
from bot.risk import limits
from bot.session import Session
from tests.bot.builders import SECOND
from tests.bot.session.edge.game_desk import CONTRACT, HABS, LEAFS, OTHER, SPECS, START, edge_session

MARKETS = (LEAFS, HABS, OTHER)
GAMES = ((LEAFS, HABS), (OTHER,))
PER_MARKET, PER_EVENT = 20, 25
LOST = NoAnswer("the answer was lost")


@dataclass(slots=True)
class Standing:
    order: NewOrder
    left: int
    filled: int = 0


def _session() -> Session:
    sized = {market: Decimal(PER_MARKET) for market in MARKETS}
    held = limits.Params(max_markets=8, max_inventory=sized, max_per_event=Decimal(PER_EVENT))
    return edge_session(limits=held, markets=MARKETS, ours_shown=False)


@dataclass(slots=True)
class Evening:
    """Call `act` as often as you like; `heard` and `told` are the recording."""

    chance: random.Random
    session: Session = field(default_factory=_session)
    now: int = START - 3_000 * SECOND
    books: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(MARKETS, (50, 52)))
    rest: dict[str, Standing] = field(default_factory=dict)
    known: dict[str, Standing] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    paid: list[Settlement] = field(default_factory=list)
    held: dict[str, Holding] = field(default_factory=dict)
    queue: deque[Message] = field(default_factory=deque)
    heard: list[tuple[int, Message]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    sent: list[NewOrder] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tell(messages.AccountRead("start", [], [], self._account()))
        for market in MARKETS:
            self._move(market, 0)

    def act(self) -> None:
        """One thing happens: mostly a delivery or a move of the market."""
        luck, market = self.chance.random(), self.chance.choice(MARKETS)
        self.now += SECOND // 20
        if luck < 0.45 and self.queue:
            self.tell(self.queue.popleft())
        elif luck < 0.70:
            self._move(market, self.chance.choice([-3, -2, -1, -1, 0, 1, 1, 2, 3]))
        elif luck < 0.80:
            self._crowd()
        elif luck < 0.97:
            self._turn(self.chance.choice([1, 1, 1, 5, 60, 120]))
        elif luck < 0.98:
            self._end_one()
        elif luck < 0.985:
            off = self.chance.random() < 0.4
            self.tell(messages.HoldQuotes("file", off=off, source="file"))
        elif luck < 0.995:
            self._pay_out(market)
        else:
            self.tell(messages.ResetBreaker(""))

    def calm(self) -> None:
        """The venue answers everything, and time goes by until the session knows what there is."""
        for _ in range(30):
            while self.queue:
                self.tell(self.queue.popleft())
            self._turn(1)
        self.queue.append(messages.AccountRead("routine", [], [], self._account()))
        while self.queue:
            self.tell(self.queue.popleft())

    def tell(self, message: Message) -> None:
        self.heard.append((self.now, message))
        for effect in self.session.handle(message, self.now):
            self._carry_out(effect)

    def _turn(self, seconds: int) -> None:
        """No answer takes longer than some seconds."""
        while seconds > 1 and self.queue:
            self.tell(self.queue.popleft())
        self.now += seconds * SECOND
        self.tell(messages.Turn())

    def _move(self, market: str, cents: int) -> None:
        if market in {paid.market for paid in self.paid}:
            return
        bid = min(max(self.books[market][0] + cents, 1), 96)
        self.books[market] = bid, bid + self.chance.choice([1, 2, 2, 4])
        self._match(market)
        bid, ask = self.books[market]
        self.queue.append(messages.BookMoved(Top(market, Ticks(bid * 100), Ticks(ask * 100), self.now)))

    def _match(self, market: str) -> None:
        """Whoever moved the market took what stood in the way."""
        bid, ask = self.books[market]
        for one in [one for one in self.rest.values() if one.order.market == market]:
            hit = one.order.ticks >= ask * 100 if one.order.side == "bid" else one.order.ticks <= bid * 100
            if hit:
                self._fill(one, one.left)

    def _crowd(self) -> None:
        if self.rest:
            one = self.chance.choice(list(self.rest.values()))
            self._fill(one, min(one.left, CONTRACT * self.chance.randint(1, 12)))

    def _end_one(self) -> None:
        """The venue takes an order off by itself."""
        if self.rest:
            one = self.rest.pop(self.chance.choice(list(self.rest)))
            self.queue.append(messages.OrderDoubted(one.order.cloid, "expired"))

    def _pay_out(self, market: str) -> None:
        """Now and then, of a market in which something is held."""
        if not self.held.get(market, Holding()).lots or self.chance.random() < 0.7:
            return
        for cloid in [cloid for cloid, one in self.rest.items() if one.order.market == market]:
            del self.rest[cloid]
            self.queue.append(messages.OrderDoubted(cloid, "the market closed"))
        self.paid.append(Settlement(market, Ticks(self.chance.choice([0, 10_000])), self.now))
        self.held[market] = Holding()
        self.queue.append(messages.MarketSettled(market))

    def _fill(self, one: Standing, lots: int) -> None:
        order = one.order
        one.left, one.filled = one.left - lots, one.filled + lots
        trade = Trade(
            str(len(self.trades)), order.market, order.side, order.ticks, Lots(lots), order.cloid, 700, self.now
        )
        self.trades.append(trade)
        before = self.held.get(order.market, Holding())
        self.held[order.market] = before.after(order.side, order.ticks, Lots(lots))
        if not one.left:
            self.rest.pop(order.cloid, None)
        self._check_caps()
        self.queue.append(messages.Traded(trade))

    def _check_caps(self) -> None:
        size = {market: abs(self.held.get(market, Holding()).lots) for market in MARKETS}
        assert max(size.values()) <= PER_MARKET * CONTRACT
        for game in GAMES:
            assert sum(size[market] for market in game) <= PER_EVENT * CONTRACT, "one bet is one bet"

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Emit(event):
                self.told.append(event)
            case messages.Send(order):
                self.queue.append(messages.SendAnswered(order.cloid, self._place(order)))
            case messages.CancelOrder(_, cloid):
                self.queue.append(messages.CancelAnswered(cloid, self._cancel(cloid)))
            case messages.Replace(old, order):
                gone = self._cancel(old)
                placed = self._place(order) if isinstance(gone, Cancelled) else Rejected("E_NOT_SENT", "not sent")
                self.queue.append(messages.ReplaceAnswered(old, order.cloid, Replaced(gone, placed)))
            case messages.LookUp(_, cloid):
                self.queue.appendleft(messages.LookupAnswered(cloid, self._look_up(cloid)))
            case messages.ReadAccount(reason):
                read = messages.AccountRead(reason, [], [], self._account())
                self.queue.insert(self.chance.randrange(len(self.queue) + 1), read)
            case messages.ReadSpecs(reason):
                self.queue.append(messages.SpecsRead(reason, dict(SPECS), 5_000_000))
            case _:
                pass  # kept on disk, or told to the venue

    def _place(self, order: NewOrder) -> SendResult:
        self._check(order)
        self.sent.append(order)
        luck = self.chance.random()
        if luck < 0.04:
            return LOST
        if luck < 0.09 or order.market in {paid.market for paid in self.paid}:
            return Rejected("E_PAUSED", "paused", Cure.WAIT)
        bid, ask = self.books[order.market]
        reaches = order.ticks >= ask * 100 if order.side == "bid" else order.ticks <= bid * 100
        if (order.tif == "Alo") is reaches:
            return Rejected("E_POST_ONLY" if reaches else "E_NO_MATCH", "taken and ended at once")
        one = self.known[order.cloid] = Standing(order, order.lots)
        if order.tif == "Ioc":
            self._fill(one, min(order.lots, CONTRACT * self.chance.randint(1, 12)))
        else:
            self.rest[order.cloid] = one
        return LOST if luck > 0.95 else Accepted(order.cloid[-4:])

    def _check(self, order: NewOrder) -> None:
        """What must hold of every order at the moment it is sent, as the session could know it."""
        believed, spec = self.session.positions[order.market].lots, SPECS[order.market]
        assert spec.legal(order.ticks)
        assert order.lots > 0
        assert order.lots % CONTRACT == 0
        same = [one for one in self.rest.values() if (one.order.market, one.order.side) == (order.market, order.side)]
        assert not same, "two orders of ours on one side"
        if order.ro:
            assert believed * sign(order.side) < 0, "what leaves never adds"
            assert order.lots <= abs(believed)
            return
        assert believed == 0, "a skew leak"
        assert order.tif == "Alo"
        assert order.ticks <= 4_800 if order.side == "bid" else order.ticks >= 6_500, "inside the gates"
        assert self.now < START - 300 * SECOND
        assert not self.session.holders

    def _cancel(self, cloid: str) -> CancelResult:
        if self.chance.random() < 0.03:
            if self.chance.random() < 0.5:
                self.rest.pop(cloid, None)
            return LOST
        return CancelRefused("not found") if self.rest.pop(cloid, None) is None else Cancelled()

    def _look_up(self, cloid: str) -> Lookup:
        if self.chance.random() < 0.1:
            return LOST
        one = self.known.get(cloid)
        if cloid in self.rest and one is not None:
            return _listed(one)
        return NeverSeen() if one is None else Gone(Lots(one.filled))

    def _account(self) -> Account:
        positions = [VenuePosition(market, held.lots, held.cost) for market, held in self.held.items() if held.lots]
        resting = [_listed(one) for one in self.rest.values()]
        return Account(positions, list(self.trades), resting, 0, settlements=list(self.paid))


def _listed(one: Standing) -> Resting:
    order = one.order
    return Resting(order.market, order.side, order.ticks, Lots(one.left), order.cloid, order.cloid[-4:])
