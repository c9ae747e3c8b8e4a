"""/info: what anybody may ask. An address without an account, such as an agent's, gets empty answers and no error."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import msgspec

from bot.market import wire
from bot.venues.hyperliquid.codec import L2Book, OrderUpdate, PublicTrade
from bot.venues.simulators.hyperliquid.accounts import Account, Order
from bot.venues.simulators.hyperliquid.engine import Engine
from bot.venues.simulators.hyperliquid.limits import allowance
from bot.venues.simulators.hyperliquid.market import Market
from bot.venues.simulators.hyperliquid.schedule import RATE
from bot.venues.simulators.hyperliquid.statement import fees, spot, state

PAGE = 2_000


class Question(msgspec.Struct, frozen=True):
    """All that a request may name; its type says which of it counts."""

    type: str
    user: str = ""
    coin: str = ""
    oid: int | str | None = None
    dex: str = ""
    startTime: int = 0
    endTime: int | None = None


_question = msgspec.json.Decoder(Question)


class Unknown(Exception):
    """Nobody can answer that."""


class Info:
    """Call `read`, then `answer`. `agents` maps addresses of agents to those of their accounts."""

    def __init__(self, engine: Engine, agents: dict[str, str]) -> None:
        self._engine, self._agents = engine, agents
        self._answers: dict[str, Callable[[Question], object]] = {
            "meta": lambda q: self._meta(),
            "metaAndAssetCtxs": lambda q: [self._meta(), [self.context(m) for m in engine.markets.values()]],
            "allMids": lambda q: self.mids(),
            "l2Book": self._book,
            "recentTrades": self._trades,
            "openOrders": lambda q: [order.told() for order in self._open(q)],
            "frontendOpenOrders": lambda q: [_frontend(order) for order in self._open(q)],
            "orderStatus": self._status,
            "historicalOrders": self._history,
            "userFills": lambda q: list(islice(reversed(self._account(q).fills), PAGE)),
            "userFillsByTime": self._fills_by_time,
            "userFunding": lambda q: [p for p in self._account(q).funding if _within(q, p["time"])],
            "clearinghouseState": lambda q: state(self._account(q), engine.markets, engine.now()),
            "spotClearinghouseState": lambda q: spot(self._account(q)),
            "userFees": lambda q: fees(self._account(q)),
            "userRateLimit": self._rate_limit,
            "userRole": self._role,
            "extraAgents": self._extra_agents,
            "exchangeStatus": lambda q: {"time": engine.now(), "specialStatuses": None},
            "spotMeta": lambda q: {"tokens": [], "universe": []},
            "perpDexs": lambda q: [None],
            "perpsAtOpenInterestCap": lambda q: [],
        }

    def read(self, body: bytes) -> Question:
        """Raises Unknown."""
        try:
            question = _question.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unknown(str(error)) from error
        if question.type not in self._answers:
            raise Unknown(question.type)
        return question

    def answer(self, question: Question) -> object:
        return self._answers[question.type](question)

    def mids(self) -> dict[str, str]:
        """Of every market that is traded."""
        traded = (market for market in self._engine.markets.values() if not market.listing.delisted)
        return {market.coin: market.price(market.mid) for market in traded}

    def context(self, market: Market) -> dict[str, object]:
        """Prices beside the book's."""
        oracle, mid = market.price(market.oracle), market.price(market.mid)
        bid, ask = market.best()
        return {
            "funding": f"{RATE:.7f}",
            "openInterest": "0.0",
            "prevDayPx": oracle,
            "dayNtlVlm": "0.0",
            "premium": "0.0",
            "oraclePx": oracle,
            "markPx": mid,
            "midPx": mid,
            "impactPxs": None if bid is None or ask is None else [bid.px, ask.px],
            "dayBaseVlm": "0.0",
        }

    def book(self, market: Market, depth: int = 20) -> L2Book:
        return L2Book(market.coin, self._engine.now(), market.levels(depth))

    def _meta(self) -> dict[str, object]:
        rows = []
        for market in self._engine.markets.values():
            listing = market.listing
            row = {"szDecimals": listing.sz_decimals, "name": listing.coin, "maxLeverage": listing.max_leverage}
            rows.append({**row, "marginTableId": 50, **({"isDelisted": True} if listing.delisted else {})})
        tiers = [{"lowerBound": "0.0", "maxLeverage": 50}]
        return {
            "universe": rows,
            "marginTables": [[50, {"description": "", "marginTiers": tiers}]],
            "collateralToken": 0,
        }

    def _account(self, question: Question) -> Account:
        address = question.user.lower()
        return self._engine.accounts.get(address) or Account(address, cash=0)

    def _open(self, question: Question) -> list[Order]:
        return list(self._account(question).open.values())

    def _book(self, question: Question) -> L2Book | None:
        market = self._engine.markets.get(question.coin)
        return None if market is None else self.book(market)

    def _trades(self, question: Question) -> list[PublicTrade]:
        market = self._engine.markets.get(question.coin)
        return [] if market is None else list(reversed(market.trades))

    def _status(self, question: Question) -> dict[str, object]:
        kept = self._account(question).history
        oid = question.oid
        if isinstance(oid, str):
            named = [found for found, (order, _) in kept.items() if order.cloid == oid.lower()]
            oid = named[-1] if named else None
        if oid is None or oid not in kept:
            return {"status": "unknownOid"}
        return {"status": "order", "order": _past(*kept[oid])}

    def _history(self, question: Question) -> list[dict[str, object]]:
        return [_past(*entry) for entry in reversed(self._account(question).history.values())]

    def _fills_by_time(self, question: Question) -> object:
        found = (fill for fill in self._account(question).fills if _within(question, fill.time))
        return list(islice(found, PAGE))

    def _rate_limit(self, question: Question) -> dict[str, object]:
        account = self._account(question)
        volume, cap = wire.text(account.volume, 6), allowance(account)
        return {"cumVlm": volume, "nRequestsUsed": account.requests, "nRequestsCap": cap, "nRequestsSurplus": 0}

    def _role(self, question: Question) -> dict[str, object]:
        address = question.user.lower()
        if address in self._engine.accounts:
            return {"role": "user"}
        master = self._agents.get(address)
        return {"role": "missing"} if master is None else {"role": "agent", "data": {"user": master}}

    def _extra_agents(self, question: Question) -> list[dict[str, object]]:
        agents = [agent for agent, owner in self._agents.items() if owner == question.user.lower()]
        until = self._engine.now() + 90 * 86_400_000
        return [{"name": f"agent{n}", "address": agent, "validUntil": until} for n, agent in enumerate(agents)]


def _within(question: Question, time: object) -> bool:
    assert isinstance(time, int), "times are ms"
    return question.startTime <= time and (question.endTime is None or time <= question.endTime)


def _frontend(order: Order) -> dict[str, object]:
    """An order with all that the exchange's own pages show of it."""
    told: dict[str, object] = msgspec.to_builtins(order.told())
    told |= {"triggerCondition": "N/A", "isTrigger": False, "triggerPx": "0.0", "children": [], "isPositionTpsl": False}
    return told | {"reduceOnly": order.ro, "orderType": "Limit", "tif": order.tif, "cloid": order.cloid}


def _past(order: Order, update: OrderUpdate) -> dict[str, object]:
    told = _frontend(order) | {"sz": update.order.sz if update.status != "open" else order.told().sz}
    return {"order": told, "status": update.status, "statusTimestamp": update.statusTimestamp}
