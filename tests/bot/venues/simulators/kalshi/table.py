"""An exchange with one market, two accounts and no crowd, so that every trade is ours."""

from __future__ import annotations

from typing import Any

from bot.venues.kalshi.orders import Create, Created
from bot.venues.simulators.kalshi.accounts import Account
from bot.venues.simulators.kalshi.desk import Desk
from bot.venues.simulators.kalshi.engine import Engine, Filled, OrderChanged
from bot.venues.simulators.kalshi.life import Life, markets_of
from bot.venues.simulators.kalshi.rules import Refused
from bot.venues.simulators.kalshi.script import MarketScript, Script, SeriesScript

GAME, SERIES = "KXNHLGAME-26OCT10UTAVGK-VGK", "KXNHLGAME"
EVENT = "KXNHLGAME-26OCT10UTAVGK"
START = 1_795_000_000_000


class Quiet(Life):
    """A life without a crowd."""

    def _blow(self, market: Any) -> None:
        pass


class Table:
    """Accounts a and b; time stands still until somebody moves `now` (ms)."""

    def __init__(
        self, fee_type: str = "quadratic", happenings: Any = (), market_happenings: Any = (), **market: Any
    ) -> None:
        self.now = START
        given = {
            "happenings": list(market_happenings),
            "path": [(0.0, 0.5)],
            "closes_s": 1_000.0,
            "determined_s": 1_010.0,
            "settles_s": 1_020.0,
            **market,
        }
        script = Script(
            [SeriesScript(SERIES, fee_type)], [MarketScript(GAME, EVENT, SERIES, **given)], list(happenings)
        )
        self.a, self.b = Account("a"), Account("b")
        accounts = {account.name: account for account in (self.a, self.b)}
        self.engine = Engine(markets_of(script, 0, START, 1.0), accounts, lambda: self.now)
        self.desk, self.life = Desk(self.engine), Quiet(self.engine, script, START, 1.0)
        self.game = self.engine.markets[GAME]
        self.life.step()

    def at(self, second: float) -> None:
        """Let time pass to a second of the script."""
        self.now = START + round(second * 1_000)
        self.desk.sweep()
        self.life.step()

    def buy(self, account: Account, price: str, count: str = "10", **more: Any) -> Created:
        return self.desk.create(account, wish("bid", price, count, **more))

    def sell(self, account: Account, price: str, count: str = "10", **more: Any) -> Created:
        return self.desk.create(account, wish("ask", price, count, **more))

    def held(self, account: Account) -> int:
        """Whole contracts."""
        return account.held(GAME).lots // 100

    def told(self, account: Account) -> list[tuple[str, str]]:
        """What became of an account's orders, by id, and forget all news."""
        found = []
        for item in self.engine.take_news():
            if isinstance(item, OrderChanged) and item.order.owner == account.name:
                found.append((item.order.oid, item.status))
            elif isinstance(item, Filled) and item.owner == account.name:
                found.append((item.fill.order.oid, "fill"))
        return found


def wish(side: Any, price: str, count: str = "10", **more: Any) -> Create:
    given = {"time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross", **more}
    return Create(GAME, side, count, price, **given)


def said(refused: Refused) -> tuple[int, str, str]:
    """Status, code and details of a refusal."""
    body: Any = refused.body
    found = body.get("error", body)
    return refused.status, found["code"], found.get("details", "")
