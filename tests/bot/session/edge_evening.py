"""An edge-locked session between a venue that fails and a journal that outlives it; everything is chosen by the caller.

What the session asks waits in `asked` until somebody works it off, what it is told waits in `queue` until it hears it.
A connection that ends takes with it what the streams had under way; answers that would need that are lost. The bot's
clock may be `back` behind the true one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal

import msgspec

from bot import messages
from bot.market.book import Top
from bot.market.reports import EXPIRE_AFTER, Accepted, CancelResult, Cure, NoAnswer, Rejected, SendResult
from bot.messages import Effect, Message
from bot.risk import limits
from bot.session import Params, Session
from bot.strategy import edge_locked
from tests.bot.session.edge_eyes import Eyes, looks_at
from tests.bot.session.edge_journal import Journal
from tests.bot.session.edge_venue import CONTRACT, MARKETS, SECOND, GameVenue, Known

CAP, EVENT_CAP = 20, 15
EDGE = edge_locked.Params()
MOST = limits.Params(8, dict.fromkeys(MARKETS, Decimal(CAP)), Decimal(EVENT_CAP))
REFUSALS = {
    "poor": Rejected("E_MARGIN", "insufficient_balance", Cure.SHRINK),
    "budget": Rejected("E_BUDGET", "too_many_requests", Cure.WAIT),
    "key": Rejected("E_KEY", "no such key", Cure.HALT),
}
STREAMED = messages.Traded | messages.BookMoved | messages.OrderDoubted | messages.MarketSettled
Request = messages.Send | messages.CancelOrder | messages.Replace | messages.LookUp | messages.ReadAccount
LOST = NoAnswer("no answer")
MOST_ROUNDS = 400


@dataclass(slots=True)
class Evening:
    """Begins connected, with nothing held."""

    venue: GameVenue = field(default_factory=GameVenue)
    journal: Journal = field(default_factory=Journal)
    connected: bool = True
    back: int = 0
    runs: int = 0
    sound: bool = True
    asked: list[tuple[int, Effect]] = field(default_factory=list)
    queue: deque[Message] = field(default_factory=deque)
    under_way: list[tuple[int, Effect]] = field(default_factory=list)
    hold: messages.HoldEntries | None = None
    session: Session = field(init=False)
    eyes: Eyes = field(init=False)

    def __post_init__(self) -> None:
        self.eyes = Eyes(self.venue, EDGE, CAP * CONTRACT, EVENT_CAP * CONTRACT)
        self.begin(others_until=0)

    @property
    def now(self) -> int:
        """What the bot's clock says."""
        return self.venue.now - self.back

    def begin(self, others_until: int) -> None:
        """A run starts: holders first, then the account."""
        self.runs += 1
        self.session = Session(
            Params(
                run=f"{self.runs:08x}",
                venue="kalshi",
                specs=dict(self.venue.specs),
                markets=MARKETS,
                limits=MOST,
                edge=self.eyes.params,
                started=self.now,
                others_until=others_until,
            )
        )
        if self.journal.off:
            self.tell(messages.HoldQuotes("ctl", off=True, source="start"))
        self.ask(messages.ReadAccount("start"))

    def restart(self, killed: bool) -> None:
        """Killed: what was asked is under way, and arrives or not. In order: all is settled and nothing rests."""
        if killed:
            changing = [(at, one) for at, one in self.asked if isinstance(one, messages.Send | messages.Replace)]
            self.under_way += [(at + EXPIRE_AFTER, one) for at, one in changing[::2]]
        else:
            self.tell(messages.Drain())
            for _ in range(10):
                self.calm()
                self.pass_time(SECOND)
                self.tell(messages.Turn())
            for known in self.venue.resting():
                self.venue.cancel(known.new.cloid)
        self.asked, self.hold, self.connected, self.journal.read_at = [], None, True, None
        self.queue.clear()
        self.venue.news.clear()
        self.venue.entries_off = False
        self.eyes.restarted()
        self.begin(others_until=self.now + 7 * SECOND if killed else 0)

    def tell(self, message: Message) -> None:
        self.sound = False
        effects = self.session.handle(message, self.now)
        for effect in effects:
            self.journal.keep(effect)
            self.ask(effect)
        self.eyes.said(self.session, effects, self.now)
        self._look(message, effects)
        self.sound = True

    def new_gates(self, low: int, high: int) -> None:
        """The settings are read again."""
        gate = edge_locked.Gate(Decimal(low) / 10_000, Decimal(high) / 10_000)
        self.eyes.params = replace(self.eyes.params, gates={"NHL": gate})
        self.tell(messages.NewParams(self.session.maker, MOST, self.eyes.params))

    def ask(self, effect: Effect) -> None:
        match effect:
            case messages.HoldEntries():
                self.hold = effect
            case messages.ReadSpecs():
                self.asked.append((self.venue.now, effect))
            case _ if isinstance(effect, Request):
                self.asked.append((self.venue.now, effect))

    def work(self, place: int, fate: str) -> None:
        """One request of those outstanding meets its fate."""
        if not self.asked:
            return
        at, effect = self.asked.pop(place % len(self.asked))
        match effect:
            case messages.Send(order):
                self._answer(messages.SendAnswered(order.cloid, self._sent(at, effect, fate)))
            case messages.CancelOrder(_, cloid):
                self._answer(messages.CancelAnswered(cloid, self._cancelled(at, effect, fate)))
            case messages.Replace(old, order):
                lost = messages.Replaced(LOST, LOST) if fate != "done" else None
                if fate == "late":
                    self.under_way.append((at + EXPIRE_AFTER, effect))
                elif fate != "lost":
                    done = self.venue.replace(old, order)
                    lost = lost or done
                self._answer(messages.ReplaceAnswered(old, order.cloid, lost or messages.Replaced(LOST, LOST)))
            case messages.LookUp(_, cloid):
                said = self.venue.look_up(cloid) if fate in ("done", "late") else LOST
                self._overtake(messages.LookupAnswered(cloid, said), place)
            case messages.ReadAccount(reason):
                account = self.venue.account(self.journal.since(self.now))
                self.journal.read_at = self.now
                self._overtake(messages.AccountRead(reason, [], [], account), place)
            case messages.ReadSpecs(reason):
                listed = dict(self.venue.specs) if fate in ("done", "late") else None
                self._overtake(messages.SpecsRead(reason, listed, 5_000_000), place)

    def _sent(self, at: int, effect: messages.Send, fate: str) -> SendResult:
        if fate in REFUSALS:
            return REFUSALS[fate]
        if fate == "late":
            self.under_way.append((at + EXPIRE_AFTER, effect))
        result = self.venue.place(effect.order) if fate in ("done", "answer lost") else LOST
        return result if fate == "done" else LOST

    def _cancelled(self, at: int, effect: messages.CancelOrder, fate: str) -> CancelResult:
        if fate == "late":
            self.under_way.append((at + EXPIRE_AFTER, effect))
        done = self.venue.cancel(effect.cloid) if fate not in ("late", "lost") else LOST
        return done if fate not in ("late", "lost", "answer lost") else LOST

    def hear(self, count: int = 1) -> None:
        """The session is told what waits."""
        for _ in range(min(count, len(self.queue))):
            message = self.queue.popleft()
            if isinstance(message, messages.AccountRead):
                since = message.account.since
                known = [tid for tid, at in self.journal.tids.items() if at >= since]
                message = msgspec.structs.replace(message, journal=self.journal.read(), known=known)
            self.tell(message)

    def calm(self) -> None:
        """Everything outstanding is done and told, and what follows from that, which has to come to an end."""
        for _ in range(MOST_ROUNDS):
            if self.queue:
                self.hear()
            elif self.asked:
                self.work(0, "done")
            elif self.hold is not None:
                self.hold_entries()
            else:
                return
        raise AssertionError(f"the session never rests: {self.asked[:5]}")

    def hold_entries(self) -> None:
        if self.hold is not None:
            wanted, self.hold = self.hold, None
            self.venue.hold_entries(wanted.off)
            self.pass_on()

    def pass_time(self, nanos: int) -> None:
        """Late requests arrive; those that nobody answered for so long have no answer."""
        self.venue.now += nanos
        due = [one for at, one in self.under_way if at <= self.venue.now]
        self.under_way = [(at, one) for at, one in self.under_way if at > self.venue.now]
        for effect in due:
            self._arrives(effect)
        while self.asked and self.asked[0][0] + EXPIRE_AFTER <= self.venue.now:
            self.work(0, "lost")
        self.pass_on()

    def set_back(self, nanos: int) -> None:
        """The bot's clock is; by more than the few seconds that it bears the run would end."""
        if self.back + nanos < 5 * SECOND:
            self.back += nanos

    def arrive(self, place: int) -> None:
        """One of what is under way gets there before its time is over."""
        if self.under_way:
            self._arrives(self.under_way.pop(place % len(self.under_way))[1])
            self.pass_on()

    def feed(self, *markets: str) -> None:
        for market in markets or MARKETS:
            self.venue.news.append(messages.BookMoved(self.top(market)))
        self.pass_on()

    def lose(self) -> None:
        """The streams end: what they had under way is lost, and so are answers that had to wait for it."""
        self.connected = False
        unheard = {m.trade.cloid for m in self.queue if isinstance(m, messages.Traded)}
        kept = [message for message in self.queue if not isinstance(message, STREAMED)]
        self.queue = deque(_unanswered(message, unheard) for message in kept)
        self.tell(messages.ConnectionLost("closed by the venue"))

    def connect(self) -> None:
        self.connected = True
        self.queue.append(messages.ConnectionBack())
        self.feed()

    def pass_on(self) -> None:
        if self.connected:
            self.queue.extend(self.venue.news)
        self.venue.news.clear()

    def resting(self) -> list[Known]:
        return self.venue.resting()

    def top(self, market: str) -> Top:
        """The best prices as the bot hears of them now, ours among them; the eyes remember whose they are."""
        top = replace(self.venue.top(market), at=self.now)
        bid, ask, _ = self.venue.crowd.get(market, (None, None, 0))
        self.eyes.others[market, top.at, top.bid, top.ask] = bid, ask
        return top

    def _arrives(self, effect: Effect) -> None:
        match effect:
            case messages.Send(order):
                self.venue.place(order)
            case messages.CancelOrder(_, cloid):
                self.venue.cancel(cloid, late=True)
            case messages.Replace(old, order):
                self.venue.replace(old, order, late=True)

    def _answer(self, message: Message) -> None:
        """After all trades that came before it; with no streams to hear them, nobody knows."""
        unheard = set() if self.connected else {known.new.cloid for known in self.venue.orders.values()}
        self.pass_on()
        self.queue.append(_unanswered(message, unheard) if not self.connected else message)

    def _overtake(self, message: Message, place: int) -> None:
        """An answer to a question overtakes what is under way, or not."""
        self.pass_on()
        self.queue.insert(place % (len(self.queue) + 1), message)

    def _look(self, message: Message, effects: list[Effect]) -> None:
        eyes = self.eyes
        pending = [(known.new.market, known.new.side, known.left) for known in self.venue.resting()]
        coming = [one for _, one in (*self.asked, *self.under_way)]
        new = [one.order for one in coming if isinstance(one, messages.Send | messages.Replace)]
        eyes.limits(pending + [(order.market, order.side, order.lots) for order in new])
        ours = [(known.new.market, known.new.side) for known in self.venue.resting()]
        sends = [one.order for one in coming if isinstance(one, messages.Send)]
        eyes.one_a_side(ours + [(order.market, order.side) for order in sends])
        for market in looks_at(self.session, message, effects):
            eyes.due(self.session, market, self.now)


def _unanswered(message: Message, unheard: set[str]) -> Message:
    """The same, but nobody knows what became of an order whose trades may not have been told."""
    match message:
        case messages.CancelAnswered():
            return msgspec.structs.replace(message, result=LOST)
        case messages.ReplaceAnswered(result=result):
            return msgspec.structs.replace(message, result=msgspec.structs.replace(result, cancel=LOST, send=LOST))
        case messages.SendAnswered(cloid=cloid, result=Accepted()) if cloid in unheard:
            return msgspec.structs.replace(message, result=LOST)
    return message
