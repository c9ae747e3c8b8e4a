"""A session against a modelled venue without a loop: messages wait in a queue until they are delivered.

The venue knows more than the session, and that is the point. Trades keep their place before the answers to sends and
cancels, as `Venue` promises; answers to questions overtake them. A connection that ends takes with it what the streams
had under way, and answers that would need them. Everything is chosen by the caller.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from bot import messages
from bot.events import Event
from bot.market.reports import Account, NoAnswer
from bot.messages import Effect, Emit, Message
from bot.risk import limits
from bot.session import Session
from bot.strategy import perp_maker
from tests.bot.builders import SECOND, SPECS, account, params
from tests.bot.modelled_venue import ModelledVenue

LOOK_BACK = 60 * SECOND
BIG = perp_maker.Params(size_usd=Decimal(6_000))
"""Large beside what the crowd takes, so that fills in part are common."""


@dataclass(slots=True)
class World:
    """Call `act` with a number in [0, 1) as often as you like; `heard` and `told` are the recording."""

    cap: Decimal = Decimal(60)
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    connected: bool = True
    queue: deque[Message] = field(default_factory=deque)
    heard: list[tuple[int, Message]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    session: Session = field(init=False)
    venue: ModelledVenue = field(init=False)

    def __post_init__(self) -> None:
        held = limits.Params(max_inventory={"SOL": self.cap})
        self.session = Session(params(maker=BIG, limits=held))
        self.venue = ModelledVenue(self.chance)

    @property
    def now(self) -> int:
        return self.venue.now

    def begin(self, at_venue: Account | None = None) -> None:
        self.tell(messages.AccountRead("start", [], [], at_venue or account()))
        self.blow()

    def act(self, choice: float) -> None:
        """One thing happens: mostly a delivery, else weather, or a second passes, or worse."""
        self.pass_time(SECOND // 50)
        if choice < 0.55 and self.queue:
            self.tell(self.queue.popleft())
        elif choice < 0.85:
            self.blow()
        elif choice < 0.96:
            self.turn()
        elif choice < 0.97:
            self.venue.end_one()
        elif choice < 0.975:
            self.venue.forget_one()
        elif choice < 0.985:
            self.connect() if not self.connected else self.lose()
        else:
            self.tell(messages.HoldQuotes("ctl", off=choice < 0.9925, source="ctl"))
        self.pass_on()

    def turn(self) -> None:
        """A second passes."""
        self.pass_time(SECOND)
        self.tell(messages.Turn())

    def pass_time(self, nanos: int) -> None:
        self.venue.now += nanos
        self.venue.arrive()
        self.pass_on()

    def blow(self) -> None:
        """The weather moves, and the session gets to hear the new best prices later."""
        self.venue.blow()
        top = self.venue.exchange.top("SOL", self.now)
        self.pass_on()
        if self.connected:
            self.queue.append(messages.BookMoved(top))

    def lose(self) -> None:
        """The streams end: what they had under way is lost, and so are answers that had to wait for it."""
        self.connected = False
        kept = [
            m for m in self.queue if not isinstance(m, messages.Traded | messages.BookMoved | messages.OrderDoubted)
        ]
        self.queue = deque(_without_cancel(message) for message in kept)
        self.tell(messages.ConnectionLost("closed by the venue"))

    def connect(self) -> None:
        self.connected = True
        self.queue.append(messages.ConnectionBack())

    def pass_on(self) -> None:
        """What the venue says unasked goes into the queue, unless nobody listens."""
        if self.connected:
            self.queue.extend(self.venue.news)
        self.venue.news.clear()

    def deliver_all(self) -> None:
        while self.queue:
            self.tell(self.queue.popleft())

    def tell(self, message: Message) -> None:
        self.heard.append((self.now, message))
        for effect in self.session.handle(message, self.now):
            self._carry_out(effect)

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Emit(event):
                self.told.append(event)
            case messages.Send(order):
                result = self.venue.place(order)
                self._answer(messages.SendAnswered(order.cloid, result))
            case messages.CancelOrder(_, cloid):
                gone = self.venue.cancel(cloid)
                self._answer(messages.CancelAnswered(cloid, gone))
            case messages.Replace(old, order):
                changed = self.venue.replace(old, order)
                self._answer(messages.ReplaceAnswered(old, order.cloid, changed))
            case messages.LookUp(_, cloid):
                self.queue.appendleft(messages.LookupAnswered(cloid, self.venue.look_up(cloid)))
            case messages.ReadAccount(reason):
                self._read_account(reason)
            case messages.ReadSpecs(reason):
                self.queue.append(messages.SpecsRead(reason, dict(SPECS), 5_000_000))
            case _:
                pass  # what is kept on disk is the engine's business

    def _answer(self, message: Message) -> None:
        """After all trades that came before it; with no streams to hear them, a cancel has no answer."""
        self.pass_on()
        self.queue.append(message if self.connected else _without_cancel(message))

    def _read_account(self, reason: str) -> None:
        """The answer may overtake everything that is under way, or be overtaken."""
        read = messages.AccountRead(reason, [], [], self.venue.account(max(self.now - LOOK_BACK, 0)))
        self.queue.insert(self.chance.randrange(len(self.queue) + 1), read)


def _without_cancel(message: Message) -> Message:
    """The same, but nobody knows whether the order left the book: its trades may not have been told."""
    lost = NoAnswer("the connection is gone")
    match message:
        case messages.CancelAnswered():
            return msgspec.structs.replace(message, result=lost)
        case messages.ReplaceAnswered(result=result):
            return msgspec.structs.replace(message, result=msgspec.structs.replace(result, cancel=lost))
    return message
