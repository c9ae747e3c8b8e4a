"""How the exchange writes things down: markets, orders, fills and the rest as the venue's own client reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.market.fees import DOLLAR
from bot.market.units import Side, Ticks
from bot.venues.kalshi.numbers import contracts, money, price
from bot.venues.simulators.kalshi.accounts import Account, Fill, Order, Settlement
from bot.venues.simulators.kalshi.market import Market, Print
from bot.venues.simulators.kalshi.script import SeriesScript

Json = dict[str, Any]
DAY_MS = 86_400_000
LEGS = {"bid": "yes", "ask": "no"}


def stamp(at_ms: int) -> str:
    """A time as the venue writes it: without zeros at the end of the fraction."""
    text = datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def legs(side: Side) -> Json:
    """A direction in the words of today, and in the deprecated ones."""
    return {"outcome_side": LEGS[side], "book_side": side, "side": LEGS[side], "action": "buy"}


def prices(ticks: Ticks) -> Json:
    return {"yes_price_dollars": price(ticks), "no_price_dollars": price(DOLLAR - ticks)}


def market(of: Market) -> Json:
    """A market with its best prices."""
    script = of.script
    bid, ask = of.book.levels("bid", 1), of.book.levels("ask", 1)
    yes_bid, yes_ask = bid[0][0] if bid else 0, ask[0][0] if ask else DOLLAR
    last = of.trades[-1].ticks if of.trades else 0
    told: Json = {
        "ticker": of.ticker,
        "event_ticker": script.event,
        "market_type": "binary",
        "title": script.event,
        "yes_sub_title": of.ticker.rsplit("-", 1)[-1],
        "no_sub_title": of.ticker.rsplit("-", 1)[-1],
        "created_time": stamp(of.opens - DAY_MS),
        "updated_time": stamp(of.updated),
        "open_time": stamp(of.opens),
        "close_time": stamp(of.closes),
        "expected_expiration_time": stamp(of.determines if of.determines is not None else of.closes),
        "latest_expiration_time": stamp(of.closes + 14 * DAY_MS),
        "settlement_timer_seconds": 60,
        "status": of.status,
        "yes_bid_dollars": price(yes_bid),
        "yes_bid_size_fp": contracts(bid[0][1] if bid else 0),
        "yes_ask_dollars": price(yes_ask),
        "yes_ask_size_fp": contracts(ask[0][1] if ask else 0),
        "no_bid_dollars": price(DOLLAR - yes_ask),
        "no_ask_dollars": price(DOLLAR - yes_bid),
        "last_price_dollars": price(last),
        "previous_yes_bid_dollars": price(0),
        "previous_yes_ask_dollars": price(DOLLAR),
        "previous_price_dollars": price(0),
        "volume_fp": contracts(of.volume),
        "volume_24h_fp": contracts(of.volume),
        "open_interest_fp": contracts(0),
        "notional_value_dollars": price(DOLLAR),
        "result": of.result,
        "can_close_early": True,
        "expiration_value": "",
        "rules_primary": "A game of a script.",
        "rules_secondary": "",
        "settlement_bounds_type": "default",
        "price_level_structure": of.structure,
        "price_ranges": msgspec.to_builtins(of.ranges),
        "fractional_trading_enabled": script.fractional,
        "exchange_index": 0,
    }
    known = {"occurrence_datetime": of.starts, "fee_waiver_expiration_time": of.waived_until}
    told |= {name: stamp(at) for name, at in known.items() if at is not None}
    if of.settled_at is not None:
        told |= {"settlement_ts": stamp(of.settled_at), "settlement_value_dollars": price(of.payout)}
    return told


def series(of: SeriesScript) -> Json:
    return {
        "ticker": of.ticker,
        "frequency": "custom",
        "title": of.ticker,
        "category": "Sports",
        "categories": ["Sports"],
        "tags": ["Simulated"],
        "settlement_sources": [{"name": "script", "url": "https://example.com"}],
        "contract_url": "https://example.com",
        "contract_terms_url": "https://example.com",
        "fee_type": of.fee_type,
        "fee_multiplier": of.fee_multiplier,
        "additional_prohibitions": [],
    }


def overrides(of: tuple[str, float] | None) -> Json:
    """The fees of an event where it has its own."""
    fee_type, multiplier = (None, None) if of is None else of
    return {"fee_type_override": fee_type, "fee_multiplier_override": multiplier}


def event(ticker: str, markets: list[Market], nested: bool) -> Json:
    """A game; its markets exclude each other."""
    told: Json = {
        "event_ticker": ticker,
        "series_ticker": markets[0].script.series,
        "sub_title": ticker.rsplit("-", 1)[-1],
        "title": ticker,
        "collateral_return_type": "MECNET",
        "mutually_exclusive": True,
        "category": "Sports",
        "available_on_brokers": False,
        "product_metadata": {},
        "settlement_sources": [],
        **overrides(markets[0].override),
    }
    return {**told, "markets": [market(one) for one in markets]} if nested else told


def book(of: Market, depth: int = 0) -> Json:
    """Bids of both legs, the best last; an ask of YES is a bid of NO."""
    bids = of.book.levels("bid", depth or 10_000)
    asks = of.book.levels("ask", depth or 10_000)
    return {
        "yes_dollars": [[price(ticks), contracts(lots)] for ticks, lots, _ in reversed(bids)],
        "no_dollars": [[price(DOLLAR - ticks), contracts(lots)] for ticks, lots, _ in reversed(asks)],
    }


def trade(ticker: str, of: Print) -> Json:
    return {
        "trade_id": of.tid,
        "ticker": ticker,
        "count_fp": contracts(of.lots),
        **prices(of.ticks),
        "taker_side": LEGS[of.taker],
        "taker_outcome_side": LEGS[of.taker],
        "taker_book_side": of.taker,
        "created_time": stamp(of.at),
        "is_block_trade": False,
    }


def order(of: Order, now: int, stale: bool = False) -> Json:
    """An order; `stale` is how a read of it alone may lag behind."""
    lags = stale and now < of.stale_until
    status, left = of.before if lags else (of.status, of.left)
    told: Json = {
        "order_id": of.oid,
        "user_id": of.owner,
        "client_order_id": of.cloid,
        "ticker": of.ticker,
        **legs(of.side),
        "type": "limit",
        "status": status,
        **prices(of.standing.ticks),
        "initial_count_fp": contracts(of.total),
        "fill_count_fp": contracts(of.filled),
        "remaining_count_fp": contracts(left),
        "taker_fill_cost_dollars": money(of.cost["taker"]),
        "maker_fill_cost_dollars": money(of.cost["maker"]),
        "taker_fees_dollars": money(of.fees["taker"]),
        "maker_fees_dollars": money(of.fees["maker"]),
        "created_time": stamp(of.created),
        "last_update_time": stamp(of.updated),
        "self_trade_prevention_type": of.stp,
        "cancel_order_on_pause": of.on_pause,
        "subaccount_number": 0,
        "exchange_index": 0,
    }
    optional = {
        "expiration_time": stamp(of.expires * 1_000) if of.expires else None,
        "order_group_id": of.group or None,
    }
    return told | {name: value for name, value in optional.items() if value is not None}


def fill(of: Fill) -> Json:
    return {
        "fill_id": of.tid,
        "trade_id": of.tid,
        "order_id": of.order.oid,
        "client_order_id": of.order.cloid,
        "ticker": of.order.ticker,
        "market_ticker": of.order.ticker,
        **legs(of.order.side),
        "count_fp": contracts(of.lots),
        **prices(of.ticks),
        "is_taker": of.taker,
        "fee_cost": money(of.fee),
        "created_time": stamp(of.at),
        "ts": of.at // 1_000,
        "subaccount_number": 0,
        "exchange_index": 0,
    }


def position(account: Account, ticker: str) -> Json:
    """What is held of one market; a position of NO is below zero, and what it cost is what is missing to a dollar."""
    held, books = account.held(ticker), account.books[ticker]
    return {
        "ticker": ticker,
        "exchange_index": 0,
        "total_traded_dollars": money(books.traded),
        "position_fp": contracts(held.lots),
        "market_exposure_dollars": money(exposure(account, ticker)),
        "realized_pnl_dollars": money(books.realized),
        "fees_paid_dollars": money(books.fees),
        "last_updated_ts": stamp(books.at),
    }


def exposure(account: Account, ticker: str) -> int:
    """What a position cost, in millionths."""
    held = account.held(ticker)
    return held.cost if held.lots >= 0 else DOLLAR * abs(held.lots) + held.cost


def event_position(account: Account, ticker: str, markets: list[str]) -> Json:
    """What is held of one game, over its markets."""
    books = [account.books[one] for one in markets]
    return {
        "event_ticker": ticker,
        "total_cost_dollars": money(sum(one.traded for one in books)),
        "total_cost_shares_fp": contracts(sum(abs(account.held(one).lots) for one in markets)),
        "event_exposure_dollars": money(sum(exposure(account, one) for one in markets)),
        "realized_pnl_dollars": money(sum(one.realized for one in books)),
        "fees_paid_dollars": money(sum(one.fees for one in books)),
    }


def settlement(of: Settlement) -> Json:
    yes = of.held.lots > 0
    cost = of.held.cost if yes else DOLLAR * abs(of.held.lots) + of.held.cost
    size = contracts(abs(of.held.lots))
    return {
        "ticker": of.ticker,
        "exchange_index": 0,
        "event_ticker": of.event,
        "market_result": of.result,
        "yes_count_fp": size if yes else contracts(0),
        "yes_total_cost_dollars": money(cost if yes else 0),
        "no_count_fp": contracts(0) if yes else size,
        "no_total_cost_dollars": money(0 if yes else cost),
        "revenue": of.revenue // 10_000,
        "settled_time": stamp(of.at),
        "fee_cost": money(of.fees),
        "value": of.payout // 100,
    }
