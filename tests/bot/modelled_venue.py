"""A venue as it is, on the real matching engine, and how it can fail us: refuse, lose, delay, forget, end by itself.

It knows the truth: `exposed` is what limits must hold against. What it has to tell unasked goes into `news`; a request
that is under way arrives up to its expiry later, whether anyone still waits for it or not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bot import messages
from bot.market.reports import (
    EXPIRE_AFTER,
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
    Trade,
    VenuePosition,
)
from bot.market.units import Lots, sign
from bot.messages import Message
from bot.venues.hyperliquid.errors import classed
from bot.venues.simulators.exchange import Change, Dealt, Exchange, Left, Refused, Rested
from bot.venues.simulators.flow import Flow, Weather
from tests.bot.builders import SECOND, SPECS

SEND_FATES = ("taken", "taken", "taken", "taken", "refused", "off grid", "answer lost", "order lost", "late")
CANCEL_FATES = ("done", "done", "done", "answer lost", "request lost", "late")
NO_SUCH = "Order was never placed, already canceled, or filled."


@dataclass(slots=True)
class Known:
    """What the venue remembers of one order."""

    new: NewOrder
    resting: bool = False
    left: int = 0
    forgotten: bool = False
    sent_at: int = 0


@dataclass(slots=True)
class ModelledVenue:
    """Set `now` before asking anything of it."""

    chance: random.Random
    now: int = SECOND
    exchange: Exchange = field(default_factory=lambda: Exchange(SPECS))
    weather: Flow = field(
        default_factory=lambda: Flow(
            SPECS["SOL"], Weather(anchor=185.0, move_bps=2.0, taker_chance=0.8, taker_usd=60_000.0), "seed"
        )
    )
    orders: dict[str, Known] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    position: int = 0
    news: list[Message] = field(default_factory=list)
    under_way: list[tuple[int, Callable[[], object]]] = field(default_factory=list)

    def blow(self) -> None:
        """A taker comes and the crowd follows the price."""
        taker = self.weather.taker()
        if taker is not None:
            self._note(self.exchange.crowd_takes("SOL", *taker))
        self._note(self.exchange.crowd_moves("SOL", self.weather.step()))

    def arrive(self) -> None:
        """Requests that were under way until now are taken."""
        due, self.under_way = self.under_way, []
        for at, request in due:
            if at <= self.now:
                request()
            else:
                self.under_way.append((at, request))

    def end_one(self) -> None:
        """An order is taken off without our doing, and the venue says so."""
        resting = [cloid for cloid, known in self.orders.items() if known.resting]
        if resting:
            cloid = self.chance.choice(resting)
            self._note(self.exchange.cancel("SOL", cloid))
            self.news.append(messages.OrderDoubted(cloid, "marginCanceled"))

    def forget_one(self) -> None:
        """The record of an order that is over is lost, as a busy account's are after a while."""
        old = self.now - 2 * EXPIRE_AFTER
        over = [known for known in self.orders.values() if not known.resting and known.sent_at < old]
        if over:
            self.chance.choice(over).forgotten = True

    def by_hand(self) -> None:
        """Somebody trades a little on this account, without a client order id."""
        self._count("SOL", "bid" if self.chance.random() < 0.5 else "ask", 18_500, 1, "", 0)

    def exposed(self) -> tuple[int, int]:
        """The lowest and highest position that what rests at the venue could lead to."""
        low = high = self.position
        for known in self.orders.values():
            if known.resting:
                move = sign(known.new.side) * known.left
                low, high = low + min(move, 0), high + max(move, 0)
        return low, high

    def resting(self) -> list[Resting]:
        return [
            Resting("SOL", known.new.side, known.new.ticks, Lots(known.left), cloid, "1")
            for cloid, known in self.orders.items()
            if known.resting
        ]

    def account(self, since: int) -> Account:
        """As of now."""
        told = [trade for trade in self.trades if trade.at >= since]
        return Account([VenuePosition("SOL", Lots(self.position), 0)], told, self.resting(), since, 150, 10**12)

    def place(self, order: NewOrder) -> SendResult:
        fate = self.chance.choice(SEND_FATES)
        match fate:
            case "refused":
                return Rejected("E_MARGIN", "Insufficient margin")
            case "off grid":
                return Rejected("E_TICK", "Price must be divisible by tick size.", Cure.REQUANTISE)
            case "order lost":
                return NoAnswer("lost on the way")
            case "late":
                self._later(lambda: self._take(order))
                return NoAnswer("no answer in time")
        result = self._take(order)
        return NoAnswer("the answer was lost") if fate == "answer lost" else result

    def cancel(self, cloid: str) -> CancelResult:
        fate = self.chance.choice(CANCEL_FATES)
        match fate:
            case "request lost":
                return NoAnswer("lost on the way")
            case "late":
                self._later(lambda: self._take_off(cloid))
                return NoAnswer("no answer in time")
        result = self._take_off(cloid)
        return NoAnswer("the answer was lost") if fate == "answer lost" else result

    def replace(self, old: str, order: NewOrder) -> Replaced:
        fate = self.chance.choice(CANCEL_FATES)
        nothing = Replaced(NoAnswer("lost"), NoAnswer("lost"))
        match fate:
            case "request lost":
                return nothing
            case "late":
                self._later(lambda: self._replace(old, order))
                return nothing
        result = self._replace(old, order)
        return nothing if fate == "answer lost" else result

    def look_up(self, cloid: str) -> Lookup:
        if self.chance.random() < 0.2:
            return NoAnswer("no answer to a question")
        known = self.orders.get(cloid)
        if known is None or known.forgotten:
            return NeverSeen()
        if not known.resting:
            return Gone(Lots(known.new.lots - known.left))
        new = known.new
        return Resting(new.market, new.side, new.ticks, Lots(known.left), cloid, "1")

    def _later(self, request: Callable[[], object]) -> None:
        self.under_way.append((self.now + self.chance.randrange(EXPIRE_AFTER), request))

    def _replace(self, old: str, order: NewOrder) -> Replaced:
        gone = self._take_off(old)
        if isinstance(gone, CancelRefused):
            return Replaced(gone, Rejected("E_NO_SUCH_ORDER", NO_SUCH, Cure.LOOK_UP))
        return Replaced(gone, self._take(order))

    def _take(self, order: NewOrder) -> SendResult:
        self.orders[order.cloid] = Known(order, left=order.lots, sent_at=self.now)
        try:
            oid, changes = self.exchange.place("ours", order)
        except Refused as refusal:
            del self.orders[order.cloid]
            return Rejected(classed(str(refusal)).code, str(refusal), classed(str(refusal)).cure)
        self._note(changes)
        return Accepted(str(oid))

    def _take_off(self, cloid: str) -> CancelResult:
        try:
            self._note(self.exchange.cancel("SOL", cloid))
        except Refused as refusal:
            return CancelRefused(str(refusal))
        return Cancelled()

    def _note(self, changes: list[Change]) -> None:
        for change in changes:
            match change:
                case Rested(order=order):
                    self.orders[order.cloid].resting = True
                case Left(cloid=cloid):
                    self.orders[cloid].resting = False
                case Dealt():
                    known = self.orders[change.cloid]
                    known.left = change.left
                    known.resting = known.resting and change.left > 0
                    self._count("SOL", change.side, change.ticks, change.lots, change.cloid, change.fee)

    def _count(self, market: str, side: str, ticks: int, lots: int, cloid: str, fee: int) -> None:
        tid = str(len(self.trades) + 1)
        trade = Trade(tid, market, side, ticks, lots, cloid, fee, self.now)  # type: ignore[arg-type]
        self.position += sign(trade.side) * lots
        self.trades.append(trade)
        self.news.append(messages.Traded(trade))
        if len(self.trades) % 5 == 0:
            self.news.append(messages.Traded(trade))
