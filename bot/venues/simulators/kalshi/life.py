"""How markets live: they open and close by the clock without a word, pause, change their ticks, are determined and
settle; and how the exchange pauses.

Seconds of the script become ms of the client's clock once, at the start: with `speed` they are nearer.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from bot.market.position import Holding
from bot.market.units import Ticks
from bot.venues.kalshi.codec import Series
from bot.venues.kalshi.spec import fees_of
from bot.venues.simulators.kalshi.accounts import Account, Books, Settlement
from bot.venues.simulators.kalshi.engine import Engine, FeesChanged, LifeChanged, PositionChanged
from bot.venues.simulators.kalshi.market import Market
from bot.venues.simulators.kalshi.script import Happening, MarketScript, Script, ranges_of

DOLLAR = 10_000


def markets_of(script: Script, seed: int, start: int, speed: float) -> dict[str, Market]:
    """Every market of a script as it is at the start (ms)."""
    fees = {one.ticker: fees_of(Series(one.ticker, one.fee_type, one.fee_multiplier)) for one in script.series}

    def at(second: float | None) -> int | None:
        return None if second is None else start + round(second * 1_000 / speed)

    def made(one: MarketScript) -> Market:
        return Market(
            script=one,
            fees=fees[one.series],
            opens=at(one.opens_s) or start,
            starts=at(one.starts_s),
            closes=at(one.closes_s) or start,
            determines=at(one.determined_s),
            settles=at(one.settles_s),
            random=random.Random(f"{seed}:{one.ticker}"),
            ranges=one.price_ranges(),
            waived_until=at(one.waived_until_s),
            structure=one.structure if one.ranges is None else "scripted",
            updated=start,
        )

    return {one.ticker: made(one) for one in script.markets}


class Life:
    """Call `step` as time goes on."""

    def __init__(self, engine: Engine, script: Script, start: int, speed: float) -> None:
        self._engine, self._script, self._start, self._speed = engine, script, start, speed
        due = [(one.at_s, ticker, one) for ticker, market in engine.markets.items() for one in market.script.happenings]
        due += [(one.at_s, "", one) for one in script.happenings]
        self._due = sorted(due, key=lambda entry: entry[0])
        self._paused = False

    @property
    def second(self) -> float:
        """Where in the script it is now."""
        return (self._engine.now() - self._start) / 1_000 * self._speed

    def step(self) -> None:
        """Everything that is due by now, then one step of every crowd."""
        while self._due and self._due[0][0] <= self.second:
            _, ticker, happening = self._due.pop(0)
            self._happen(ticker, happening)
        if self._script.thursdays:
            self._maintain()
        for market in self._engine.markets.values():
            self._age(market)
            if market.status == "active" and self._engine.trading_active:
                self._blow(market)
            self._engine.flush(market.ticker)

    def _happen(self, ticker: str, happening: Happening) -> None:
        engine = self._engine
        match happening.what:
            case "pause_trading":
                self._pause(trading=False, exchange=True)
            case "pause_exchange":
                self._pause(trading=False, exchange=False)
            case "resume":
                engine.trading_active = engine.exchange_active = True
            case "deactivate":
                self._become(engine.markets[ticker], "inactive", "deactivated")
                self._cancel(engine.markets[ticker], only_on_pause=True)
            case "activate":
                self._cancel(engine.markets[ticker])
                self._become(engine.markets[ticker], "active", "activated")
            case "structure":
                market = engine.markets[ticker]
                market.ranges, market.structure = ranges_of(happening.structure), happening.structure
                self._become(market, market.status, "price_level_structure_updated")
            case "fees":
                self._charge(engine.markets[ticker].script.event, happening)

    def _charge(self, event: str, happening: Happening) -> None:
        override = (happening.fee_type, happening.fee_multiplier) if happening.fee_type else None
        for market in self._engine.markets.values():
            if market.script.event == event:
                market.override, market.updated = override, self._engine.now()
        self._engine.tell(FeesChanged(event, override))

    def _pause(self, trading: bool, exchange: bool) -> None:
        self._engine.trading_active, self._engine.exchange_active = trading, exchange
        for market in self._engine.markets.values():
            self._cancel(market, only_on_pause=True)

    def _maintain(self) -> None:
        """Trading pauses every Thursday, and goes on by itself."""
        pause = maintenance(datetime.fromtimestamp(self._engine.now() / 1_000, UTC))
        if pause and not self._paused:
            self._pause(trading=False, exchange=True)
        elif self._paused and not pause:
            self._engine.trading_active = True
        self._paused = pause

    def _age(self, market: Market) -> None:
        """What comes by the clock: opening and closing say nothing."""
        now = self._engine.now()
        if market.status == "initialized" and now >= market.opens:
            market.status = "active"
        if market.status in ("active", "inactive") and now >= market.closes:
            market.status = "closed"
            self._cancel(market)
            self._empty(market)
        if market.status == "closed" and market.determines is not None and now >= market.determines:
            self._become(market, "determined", "determined")
        if market.status == "determined" and market.settles is not None and now >= market.settles:
            self._settle(market)

    def _blow(self, market: Market) -> None:
        """Somebody may take, then the crowd's makers follow the price."""
        ladder, taker = market.weather(self.second)
        if taker is not None:
            side, quote = taker
            self._engine.crowd(market, side, quote.ticks, quote.lots)
        self._empty(market)
        standing = [self._engine.crowd(market, side, quote.ticks, quote.lots) for side, quote in ladder]
        market.crowd = [one for one in standing if one.lots]
        for one in market.crowd:
            market.book.add(one)

    def _empty(self, market: Market) -> None:
        """The crowd takes back its quotes."""
        for one in market.crowd:
            if one.lots:
                market.book.remove(one)
        market.crowd = []

    def _cancel(self, market: Market, only_on_pause: bool = False) -> None:
        for account in self._engine.accounts.values():
            for order in account.resting(market.ticker):
                if order.on_pause or not only_on_pause:
                    self._engine.end(order)

    def _become(self, market: Market, status: str, word: str) -> None:
        market.status, market.updated = status, self._engine.now()
        self._engine.tell(LifeChanged(market.ticker, word))

    def _settle(self, market: Market) -> None:
        market.settled_at = self._engine.now()
        self._become(market, "finalized", "settled")
        for account in self._engine.accounts.values():
            held = account.holdings.pop(market.ticker, None)
            if held is not None:
                self._pay(account, market, held)

    def _pay(self, account: Account, market: Market, held: Holding) -> None:
        """A position becomes cash: what YES pays, or what is missing to a dollar."""
        each = market.payout if held.lots > 0 else Ticks(DOLLAR - market.payout)
        revenue = each * abs(held.lots)
        account.cash += revenue
        books = account.books.setdefault(market.ticker, Books())
        books.realized += market.payout * held.lots - held.cost
        result, now = market.script.result, self._engine.now()
        account.settlements.append(
            Settlement(market.ticker, market.script.event, result, held, market.payout, revenue, books.fees, now)
        )
        self._engine.tell(PositionChanged(account.name, market.ticker))


def maintenance(now: datetime) -> bool:
    """Whether it is Thursday between 03:00 and 05:00 in New York, daylight saving included."""
    local = now.astimezone(UTC) - timedelta(hours=4 if _summer(now.astimezone(UTC)) else 5)
    return local.weekday() == 3 and 3 <= local.hour < 5


def _summer(now: datetime) -> bool:
    """From 2:00 on the second Sunday of March to 2:00 on the first of November, New York time."""
    begins = _sunday(now.year, 3, 2) + timedelta(hours=7)
    ends = _sunday(now.year, 11, 1) + timedelta(hours=6)
    return begins <= now < ends


def _sunday(year: int, month: int, number: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))


def position_value(account: Account, markets: dict[str, Market]) -> int:
    """What the positions of an account are worth at the last prices, in millionths."""
    total = 0
    for ticker, held in account.holdings.items():
        market = markets[ticker]
        last = market.trades[-1].ticks if market.trades else Ticks(DOLLAR // 2)
        total += (last if held.lots > 0 else DOLLAR - last) * abs(held.lots)
    return total
