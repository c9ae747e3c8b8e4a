"""What can be read: markets by anybody, an account by its owner. Each function answers with what becomes JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.market.fees import CENT
from bot.venues.kalshi.numbers import contracts, money
from bot.venues.simulators.kalshi import rules, views
from bot.venues.simulators.kalshi.accounts import Account, Order
from bot.venues.simulators.kalshi.engine import Engine
from bot.venues.simulators.kalshi.life import position_value
from bot.venues.simulators.kalshi.limits import COSTS, DEFAULT_COST, Buckets
from bot.venues.simulators.kalshi.market import Market
from bot.venues.simulators.kalshi.script import Script

Query = Mapping[str, str]
Json = dict[str, Any]
MOST, PAGE = 1_000, 100
WORDS = {
    "unopened": ("initialized",),
    "open": ("active",),
    "paused": ("inactive",),
    "closed": ("closed", "determined"),
    "settled": ("finalized",),
}
"""What markets are filtered by, one word at a time and other than those of their status."""
BY_CLOSE = ("", "closed")
"""The filters that go with times of the close."""
OPEN_HOURS = {"open_time": "00:00", "close_time": "00:00"}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def page(query: Query, rows: list[Any]) -> tuple[list[Any], str]:
    """A page of rows and the cursor of the next, "" on the last; a cursor nobody gave out means the first."""
    text = query.get("limit", "") or str(PAGE)
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise rules.bare(f"limit {text!r} is not between 1 and {MOST}")
    start, end = _offset(query.get("cursor", "")), int(text)
    more = base64.b64encode(str(start + end).encode()).decode() if start + end < len(rows) else ""
    return rows[start : start + end], more


def _offset(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True))
    except ValueError:
        return 0


class PublicReads:
    """Markets, events, series, and how the exchange is."""

    def __init__(self, engine: Engine, script: Script) -> None:
        self._engine, self._script = engine, script

    def status(self) -> Json:
        engine = self._engine
        shard = {
            "exchange_active": engine.exchange_active,
            "trading_active": engine.trading_active,
            "intra_exchange_transfers_active": True,
        }
        return {**shard, "exchange_index_statuses": [{"exchange_index": 0, "description": "all", **shard}]}

    def schedule(self) -> Json:
        start, end = views.stamp(self._engine.now()), views.stamp(self._engine.now() + 365 * views.DAY_MS)
        week: Json = {"start_time": start, "end_time": end, **{day: [OPEN_HOURS] for day in DAYS}}
        return {"schedule": {"standard_hours": [week], "maintenance_windows": []}}

    def market(self, ticker: str) -> Json:
        return {"market": views.market(self.find(ticker))}

    def markets(self, query: Query) -> Json:
        wanted, between = query.get("status", ""), _between(query, "min_close_ts", "max_close_ts")
        if wanted and wanted not in WORDS:
            raise rules.bare(f"status {wanted!r} is none of {', '.join(WORDS)}")
        if between is not None and wanted not in BY_CLOSE:
            raise rules.bare(f"times of the close do not go with the status {wanted!r}")
        tickers = {ticker for ticker in query.get("tickers", "").split(",") if ticker}
        found = [
            one
            for one in self._engine.markets.values()
            if query.get("event_ticker", "") in ("", one.script.event)
            and query.get("series_ticker", "") in ("", one.script.series)
            and (not tickers or one.ticker in tickers)
            and (not wanted or one.status in WORDS[wanted])
            and (between is None or between(one.closes))
        ]
        rows, cursor = page(query, found)
        return {"markets": [views.market(one) for one in rows], "cursor": cursor}

    def book(self, ticker: str, query: Query) -> Json:
        depth = query.get("depth", "0")
        if not depth.isdigit():
            raise rules.bare(f"depth {depth!r} is no number")
        return {"orderbook_fp": views.book(self.find(ticker), int(depth))}

    def books(self, tickers: list[str]) -> Json:
        rows = [{"ticker": ticker, "orderbook_fp": views.book(self.find(ticker))} for ticker in tickers]
        return {"orderbooks": rows}

    def trades(self, query: Query) -> Json:
        markets = [one for one in self._engine.markets.values() if query.get("ticker", "") in ("", one.ticker)]
        found = [(one.ticker, trade) for one in markets for trade in one.trades]
        found.sort(key=lambda row: row[1].at, reverse=True)
        rows, cursor = page(query, found)
        return {"trades": [views.trade(ticker, trade) for ticker, trade in rows], "cursor": cursor}

    def events(self, query: Query) -> Json:
        nested = query.get("with_nested_markets", "").lower() == "true"
        wanted = query.get("series_ticker", "")
        found = [e for e in self._events() if wanted in ("", self._events()[e][0].script.series)]
        rows, cursor = page(query, found)
        return {"events": [views.event(one, self._events()[one], nested) for one in rows], "cursor": cursor}

    def event(self, ticker: str, query: Query) -> Json:
        markets = self._events().get(ticker)
        if markets is None:
            raise rules.not_found()
        nested = query.get("with_nested_markets", "").lower() == "true"
        told = views.event(ticker, markets, nested)
        return {"event": told, "markets": [views.market(one) for one in markets]}

    def series(self, ticker: str) -> Json:
        found = next((one for one in self._script.series if one.ticker == ticker), None)
        if found is None:
            raise rules.not_found()
        return {"series": views.series(found)}

    def all_series(self) -> Json:
        return {"series": [views.series(one) for one in self._script.series]}

    def find(self, ticker: str) -> Market:
        """Raises Refused."""
        if ticker not in self._engine.markets:
            raise rules.not_found()
        return self._engine.markets[ticker]

    def _events(self) -> dict[str, list[Market]]:
        found: dict[str, list[Market]] = {}
        for one in self._engine.markets.values():
            found.setdefault(one.script.event, []).append(one)
        return found


class AccountReads:
    """What an account may ask about itself."""

    def __init__(self, engine: Engine, buckets: Buckets) -> None:
        self._engine, self._buckets = engine, buckets

    def order(self, account: Account, oid: str) -> Json:
        """One order alone, which may lag behind. Raises Refused."""
        return {"order": views.order(self._own(account, oid), self._engine.now(), stale=True)}

    def orders(self, account: Account, query: Query) -> Json:
        wanted = query.get("status", "")
        found = _chosen(
            reversed(account.orders.values()),
            query,
            ticker=lambda o: o.ticker,
            event=lambda o: self._engine.markets[o.ticker].script.event,
            at=lambda o: o.created,
        )
        rows, cursor = page(query, [one for one in found if wanted in ("", one.status)])
        return {"orders": [views.order(one, self._engine.now()) for one in rows], "cursor": cursor}

    def fills(self, account: Account, query: Query) -> Json:
        oid = query.get("order_id", "")
        found = _chosen(
            reversed(account.fills),
            query,
            ticker=lambda f: f.order.ticker,
            event=lambda f: self._engine.markets[f.order.ticker].script.event,
            at=lambda f: f.at,
        )
        rows, cursor = page(query, [one for one in found if oid in ("", one.order.oid)])
        return {"fills": [views.fill(one) for one in rows], "cursor": cursor}

    def positions(self, account: Account, query: Query) -> Json:
        markets = self._engine.markets
        wanted, event = query.get("ticker", ""), query.get("event_ticker", "")
        tickers = [
            one
            for one in account.books
            if wanted in ("", one) and event in ("", markets[one].script.event) and markets[one].status != "finalized"
        ]
        events: dict[str, list[str]] = {}
        for one in tickers:
            events.setdefault(markets[one].script.event, []).append(one)
        rows, cursor = page(query, tickers)
        return {
            "market_positions": [views.position(account, one) for one in rows],
            "event_positions": [views.event_position(account, one, inside) for one, inside in events.items()],
            "cursor": cursor,
        }

    def balance(self, account: Account) -> Json:
        free = account.cash - account.bound()
        return {
            "balance": free // CENT,
            "balance_dollars": money(free),
            "portfolio_value": position_value(account, self._engine.markets) // CENT,
            "updated_ts": self._engine.now() // 1_000,
            "balance_breakdown": [{"exchange_index": 0, "balance": money(free)}],
        }

    def settlements(self, account: Account, query: Query) -> Json:
        found = _chosen(
            reversed(account.settlements), query, ticker=lambda s: s.ticker, event=lambda s: s.event, at=lambda s: s.at
        )
        rows, cursor = page(query, found)
        return {"settlements": [views.settlement(one) for one in rows], "cursor": cursor}

    def resting_value(self, account: Account) -> Json:
        value = account.bound()
        shard = {"exchange_index": 0, "balance": money(value)}
        return {"total_resting_order_value": value // CENT, "resting_order_value_breakdown": [shard]}

    def queue(self, account: Account, oid: str) -> Json:
        return {"queue_position_fp": contracts(self._ahead(self._own(account, oid)))}

    def queues(self, account: Account, query: Query) -> Json:
        tickers = {ticker for ticker in query.get("market_tickers", "").split(",") if ticker}
        rows = [
            {"order_id": one.oid, "market_ticker": one.ticker, "queue_position_fp": contracts(self._ahead(one))}
            for one in account.resting()
            if not tickers or one.ticker in tickers
        ]
        return {"queue_positions": rows}

    def limits(self) -> Json:
        return {"usage_tier": "basic", **self._buckets.told(), "grants": []}

    def costs(self) -> Json:
        rows = [{"method": method, "path": path, "cost": cost} for (method, path), cost in COSTS.items()]
        return {"default_cost": DEFAULT_COST, "endpoint_costs": rows}

    def freshness(self) -> Json:
        return {"as_of_time": views.stamp(self._engine.now())}

    def _ahead(self, order: Order) -> int:
        return self._engine.markets[order.ticker].book.ahead(order.standing) if order.booked else 0

    def _own(self, account: Account, oid: str) -> Order:
        if oid not in account.orders:
            raise rules.not_found()
        return account.orders[oid]


def _chosen(
    rows: Iterable[Any],
    query: Query,
    ticker: Callable[[Any], str],
    event: Callable[[Any], str],
    at: Callable[[Any], int],
) -> list[Any]:
    """Rows of a market, an event, a time (in seconds)."""
    between = _between(query, "min_ts", "max_ts")
    return [
        row
        for row in rows
        if query.get("ticker", "") in ("", ticker(row))
        and query.get("event_ticker", "") in ("", event(row))
        and (between is None or between(at(row)))
    ]


def _between(query: Query, first: str, last: str) -> Callable[[int], bool] | None:
    """Whether a time (ms) is between two that a query gives in seconds; None where it gives neither."""
    low, high = (int(text) if (text := query.get(name, "")).isdigit() else None for name in (first, last))
    if low is None and high is None:
        return None
    return lambda at: (low is None or at >= low * 1_000) and (high is None or at <= high * 1_000)
