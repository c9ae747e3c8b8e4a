"""From a frame of the feed to what must happen: decoded, made a Top, handled by a session that quotes eight markets.

The markets walk at random; sends, changes and cancels are answered before the next frame, and those answers are not in
the times. Each frame is timed by itself, in the processor's own time, because a neighbour on it is no property of ours;
of a few rounds the best counts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from bot import messages
from bot.clock import Clock
from bot.market.book import Top
from bot.market.reports import Accepted, Account, Cancelled, Replaced
from bot.market.spec import Spec
from bot.market.units import Ticks
from bot.messages import Effect, Message
from bot.risk import limits
from bot.session import Params, Session
from bot.venues.hyperliquid import codec
from bot.venues.hyperliquid.listings import Listing
from bot.venues.hyperliquid.markets import Markets
from bot.venues.hyperliquid.spec import spec_of, wire_of
from bot.venues.market_data import Depth, Print
from tests.bench.measure import BUDGET, Row

SECOND = 1_000_000_000
DECIMALS = {"BTC": 5, "ETH": 4, "SOL": 2, "HYPE": 2, "DOGE": 0, "XRP": 0, "AVAX": 2, "LINK": 1}
PRICES = {"BTC": 97e3, "ETH": 3.6e3, "SOL": 185, "HYPE": 31, "DOGE": 0.38, "XRP": 2.2, "AVAX": 35, "LINK": 18}
SPECS: dict[str, Spec] = {name: spec_of(name, at, DECIMALS[name]) for at, name in enumerate(DECIMALS)}
FRAMES = 10_000
ROUNDS = 4
WARM = 2_000
EVERY = 12_000_000
"""Nanoseconds between two frames: some eighty a second over all markets, as the venue's bbo stream has it."""


@dataclass(slots=True)
class Market:
    """A market whose best prices walk; `frame` is what the venue would send next."""

    spec: Spec
    decimals: int
    mid: float
    luck: random.Random

    def frame(self, at: int) -> str:
        self.mid *= 1 + self.luck.gauss(0, 0.8e-4)
        wire, center = wire_of(self.decimals), int(self.mid / float(self.spec.tick))
        bid = self.spec.grid.floor(center)
        ask = self.spec.grid.ceil(bid + 1 + int(center * 0.5e-4))
        levels = ",".join(
            f'{{"px":"{wire.price(Ticks(price))}","sz":"{self.luck.uniform(1, 900):.{self.decimals}f}","n":3}}'
            for price in (bid, ask)
        )
        coin = self.spec.market
        return f'{{"channel":"bbo","data":{{"coin":"{coin}","time":{at // 1_000_000},"bbo":[{levels}]}}}}'


@dataclass(slots=True)
class Run:
    """A session, the clock of its venue, and the answers it waits for."""

    session: Session
    at: int = SECOND
    due: deque[Message] = field(default_factory=deque)

    def handle(self, message: Message) -> list[Effect]:
        return self.session.handle(message, self.at)

    def tell(self, message: Message) -> None:
        self.asked(self.handle(message))

    def now(self) -> int:
        return self.at

    def steady(self) -> int:
        return self.at

    def asked(self, effects: list[Effect]) -> None:
        """Note the answers to what is asked of the venue."""
        for effect in effects:
            match effect:
                case messages.Send(order):
                    self.due.append(messages.SendAnswered(order.cloid, Accepted("77")))
                case messages.Replace(old, order):
                    replaced = Replaced(Cancelled(), Accepted("77"))
                    self.due.append(messages.ReplaceAnswered(old, order.cloid, replaced))
                case messages.CancelOrder(_, cloid):
                    self.due.append(messages.CancelAnswered(cloid, Cancelled()))


def rows() -> Iterator[Row]:
    """Microseconds of a frame, and frames a second on one core."""
    rounds = [sorted(measure()) for _ in range(ROUNDS)]
    median, p99 = (min(took[len(took) * share // 100] for took in rounds) for share in (50, 99))
    yield Row("book message to decided effects, median", median, 100, BUDGET, "us")
    yield Row("book message to decided effects, p99", p99, 400, BUDGET, "us")
    yield Row("book message to decided effects, mean", min(map(statistics.fmean, rounds)), 200, BUDGET, "us")


def measure() -> list[float]:
    """Microseconds of each frame."""
    luck = random.Random(7)
    there, run = markets(luck), _run()
    reader, decided = Reader(run, lambda top: decided.extend(run.handle(messages.BookMoved(top)))), list[Effect]()
    took, moved = [], 0
    for number in range(FRAMES + WARM):
        run.at += EVERY
        if number % 80 == 0:
            _answer(run, run.handle(messages.Turn()))
        text = luck.choice(there).frame(run.at)
        decided.clear()
        begun = time.thread_time_ns()
        reader.frame(text)
        ended = time.thread_time_ns()
        _answer(run, decided)
        if number >= WARM:
            took.append((ended - begun) / 1_000)
            moved += bool(decided)
    assert moved > FRAMES / 20, "a bot that never moves a quote measures nothing"
    return took


class Reader:
    """The venue's own way from a frame to best prices, and who is told of them."""

    def __init__(self, clock: Clock, tell: Callable[[Top], None]) -> None:
        listed = {name: Listing(spec, wire_of(DECIMALS[name])) for name, spec in SPECS.items()}
        self._markets, self._tell = Markets(listed, tuple(SPECS), clock, self), tell

    def frame(self, text: str) -> None:
        """Something came from the socket."""
        _, told = codec.frame(text)
        assert told is not None
        self._markets.heard(told)

    def on_top(self, top: Top, stamp: int) -> None:
        self._tell(top)

    def on_print(self, print_: Print) -> None: ...

    def on_depth(self, depth: Depth) -> None: ...

    def on_halted(self, market: str) -> None: ...

    def on_relisted(self, market: str) -> None: ...

    def on_settled(self, market: str, payout: Ticks) -> None: ...

    def on_lost(self, reason: str) -> None: ...

    def on_back(self) -> None: ...


def _answer(run: Run, decided: list[Effect]) -> None:
    """Everything asked is answered, the answers' own questions too, before the next frame of the same market."""
    run.asked(decided)
    for _ in range(len(run.due)):
        run.tell(run.due.popleft())


def markets(luck: random.Random) -> list[Market]:
    """All eight at their first prices."""
    return [Market(SPECS[name], DECIMALS[name], PRICES[name], luck) for name in DECIMALS]


def params() -> Params:
    """A run on all eight, with room for 20,000 USD in each."""
    most = {name: Decimal(20_000) / Decimal(price) for name, price in PRICES.items()}
    return Params("00c0ffee", "bench", SPECS, tuple(SPECS), limits=limits.Params(max_markets=8, max_inventory=most))


def _run() -> Run:
    run = Run(Session(params()))
    run.tell(messages.AccountRead("start", [], [], Account([], [], [], since=0)))
    return run
