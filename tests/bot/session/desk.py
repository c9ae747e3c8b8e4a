"""A session on SOL with hands on both ends: what it asks of the venue, and the answers to that."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot import events, messages
from bot.market.book import Top
from bot.market.reports import (
    Accepted,
    Account,
    Cancelled,
    CancelResult,
    NewOrder,
    Replaced,
    Resting,
    SendResult,
    Trade,
)
from bot.market.units import Lots
from bot.messages import Effect, Message
from bot.session import Session
from tests.bot.builders import SECOND, account, emitted, params, top


@dataclass(slots=True)
class Desk:
    """`said` are the effects of the last message; the account was read, nothing is quoted yet, no price grows stale."""

    session: Session = field(default_factory=lambda: Session(params(stale_after=1_000 * SECOND)))
    now: int = SECOND
    said: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tell(messages.AccountRead("start", [], [], account()))

    def tell(self, message: Message) -> list[Effect]:
        self.said = self.session.handle(message, self.now)
        return self.said

    def turn(self, seconds: float = 1.0) -> list[Effect]:
        self.now += round(seconds * SECOND)
        return self.tell(messages.Turn())

    def price(self, bid: int | None = 18_490, ask: int | None = 18_510) -> list[Effect]:
        return self.tell(messages.BookMoved(top(bid, ask, at=self.now)))

    def quote(self) -> list[NewOrder]:
        """A price comes, and both quotes rest."""
        self.price()
        orders = self.sends
        for number, order in enumerate(orders):
            self.answer(order.cloid, Accepted(str(number)))
        return orders

    def answer(self, cloid: str, result: SendResult) -> list[Effect]:
        return self.tell(messages.SendAnswered(cloid, result))

    def cancelled(self, cloid: str, result: CancelResult | None = None) -> list[Effect]:
        return self.tell(messages.CancelAnswered(cloid, result or Cancelled()))

    def replaced(self, change: messages.Replace, cancel: CancelResult, send: SendResult) -> list[Effect]:
        return self.tell(messages.ReplaceAnswered(change.old, change.order.cloid, Replaced(cancel, send)))

    def read(self, reason: str, *read: Account) -> list[Effect]:
        return self.tell(messages.AccountRead(reason, [], [], *read))

    def traded(self, trade: Trade) -> list[Effect]:
        return self.tell(messages.Traded(trade))

    @property
    def sends(self) -> list[NewOrder]:
        return [effect.order for effect in self.said if isinstance(effect, messages.Send)]

    @property
    def changes(self) -> list[messages.Replace]:
        return [effect for effect in self.said if isinstance(effect, messages.Replace)]

    @property
    def cancels(self) -> list[str]:
        return [effect.cloid for effect in self.said if isinstance(effect, messages.CancelOrder)]

    @property
    def questions(self) -> list[str]:
        return [effect.cloid for effect in self.said if isinstance(effect, messages.LookUp)]

    @property
    def reads(self) -> list[str]:
        """Reasons why the account is to be read."""
        return [effect.reason for effect in self.said if isinstance(effect, messages.ReadAccount)]

    @property
    def spec_reads(self) -> list[str]:
        return [effect.reason for effect in self.said if isinstance(effect, messages.ReadSpecs)]

    @property
    def told(self) -> list[events.Event]:
        return emitted(self.said)

    @property
    def tops(self) -> dict[str, Top]:
        return self.session.tops


def resting(order: NewOrder, lots: int | None = None) -> Resting:
    """The order as an account lists it."""
    left = order.lots if lots is None else Lots(lots)
    return Resting(order.market, order.side, order.ticks, left, order.cloid, "1")
