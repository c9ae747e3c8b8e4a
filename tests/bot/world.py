"""A session against the real matching engine without a loop: messages wait in a queue until they are delivered.

The venue may refuse, lose an answer or lose an order; the world then knows more than the session, and that is
the point: `exposed` is the truth the limits must hold against. Trades keep their place before the answers to
sends and cancels, as `Venue` promises; answers to questions overtake them. Everything is chosen by the caller.
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
    Cancelled,
    CancelRefused,
    CancelResult,
    Gone,
    Lookup,
    NeverSeen,
    NewOrder,
    NoAnswer,
    Rejected,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import Lots, sign
from bot.messages import Effect, Emit, Message
from bot.risk import limits
from bot.session import Session
from bot.venues.simulators.exchange import Change, Dealt, Exchange, Left, Refused, Rested
from bot.venues.simulators.flow import Flow, Weather
from tests.bot.builders import SECOND, SPECS, account, params

CAP = Decimal(3)
SEND_FATES = ("taken", "taken", "taken", "refused", "answer lost", "order lost")
CANCEL_FATES = ("done", "done", "answer lost", "request lost")


@dataclass(slots=True)
class Known:
    """What the venue remembers of one order."""

    new: NewOrder
    resting: bool = False
    left: int = 0


@dataclass(slots=True)
class World:
    """Call `act` with a number in [0, 1) as often as you like; `heard` and `told` are the recording."""

    session: Session = field(default_factory=lambda: Session(params(limits=limits.Params(max_inventory={"SOL": CAP}))))
    exchange: Exchange = field(default_factory=lambda: Exchange(SPECS))
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    weather: Flow = field(
        default_factory=lambda: Flow(
            SPECS["SOL"], Weather(anchor=185.0, move_bps=2.0, taker_chance=0.8, taker_usd=60_000.0), "seed"
        )
    )
    now: int = SECOND
    queue: deque[Message] = field(default_factory=deque)
    orders: dict[str, Known] = field(default_factory=dict)
    position: int = 0
    tids: int = 0
    heard: list[tuple[int, Message]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)

    def begin(self) -> None:
        self.tell(messages.AccountRead("start", [], [], account()))
        self.blow()

    def act(self, choice: float) -> None:
        """One thing happens: mostly a delivery, else weather, or a second passes."""
        self.now += SECOND // 50
        if choice < 0.55 and self.queue:
            self.tell(self.queue.popleft())
        elif choice < 0.85:
            self.blow()
        elif choice < 0.97:
            self.now += SECOND
            self.tell(messages.Turn())
        else:
            off = choice < 0.985
            self.tell(messages.HoldQuotes("ctl", off=off, source="ctl"))

    def tell(self, message: Message) -> None:
        self.heard.append((self.now, message))
        for effect in self.session.handle(message, self.now):
            self._carry_out(effect)

    def blow(self) -> None:
        """A taker comes, the crowd follows the price, and the session gets to hear the new best prices later."""
        taker = self.weather.taker()
        if taker is not None:
            self._note(self.exchange.crowd_takes("SOL", *taker))
        self._note(self.exchange.crowd_moves("SOL", self.weather.step()))
        bid, ask = self.exchange.best("SOL")
        self.queue.append(messages.BookMoved(Top("SOL", bid, ask, self.now)))

    def deliver_all(self) -> None:
        while self.queue:
            self.tell(self.queue.popleft())

    def exposed(self) -> tuple[int, int]:
        """The lowest and highest position that what rests at the venue could lead to."""
        low = high = self.position
        for known in self.orders.values():
            if known.resting:
                move = sign(known.new.side) * known.left
                low, high = low + min(move, 0), high + max(move, 0)
        return low, high

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Emit(event):
                self.told.append(event)
            case messages.Send(order):
                self.queue.append(messages.SendAnswered(order.cloid, self._place(order)))
            case messages.CancelOrder(market, cloid):
                self.queue.append(messages.CancelAnswered(cloid, self._cancel(market, cloid)))
            case messages.LookUp(_, cloid):
                self.queue.appendleft(messages.LookupAnswered(cloid, self._look_up(cloid)))
            case _:
                pass  # what is kept on disk is the engine's business

    def _place(self, order: NewOrder) -> SendResult:
        fate = self.chance.choice(SEND_FATES)
        if fate == "refused":
            return Rejected("E_MARGIN", "Insufficient margin")
        if fate == "order lost":
            return NoAnswer("lost on the way")
        self.orders[order.cloid] = Known(order, left=order.lots)
        try:
            oid, changes = self.exchange.place("ours", order)
        except Refused as refusal:
            del self.orders[order.cloid]
            return Rejected("E_VENUE", str(refusal))
        self._note(changes)
        return Accepted(str(oid)) if fate == "taken" else NoAnswer("the answer was lost")

    def _cancel(self, market: str, cloid: str) -> CancelResult:
        fate = self.chance.choice(CANCEL_FATES)
        if fate == "request lost":
            return NoAnswer("lost on the way")
        try:
            self._note(self.exchange.cancel(market, cloid))
        except Refused as refusal:
            return CancelRefused(str(refusal))
        return Cancelled() if fate == "done" else NoAnswer("the answer was lost")

    def _look_up(self, cloid: str) -> Lookup:
        if self.chance.random() < 0.2:
            return NoAnswer("no answer to a question")
        known = self.orders.get(cloid)
        if known is None:
            return NeverSeen()
        if not known.resting:
            return Gone(Lots(known.new.lots - known.left))
        new = known.new
        return Resting(new.market, new.side, new.ticks, Lots(known.left), cloid, "1")

    def _note(self, changes: list[Change]) -> None:
        for change in changes:
            match change:
                case Rested(order=order):
                    self.orders[order.cloid].resting = True
                case Left(cloid=cloid):
                    self.orders[cloid].resting = False
                case Dealt():
                    self._deal(change)

    def _deal(self, deal: Dealt) -> None:
        known = self.orders[deal.cloid]
        known.left = deal.left
        known.resting = known.resting and deal.left > 0
        self.position += sign(deal.side) * deal.lots
        self.tids += 1
        trade = Trade(str(self.tids), deal.market, deal.side, deal.ticks, deal.lots, deal.cloid, deal.fee, self.now)
        self.queue.append(messages.Traded(trade))
        if self.tids % 5 == 0:
            self.queue.append(messages.Traded(trade))


def holding_of(session: Session) -> Holding:
    return session.positions["SOL"]
