"""News as the websocket tells them: the content of each type of frame."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.market.fees import DOLLAR
from bot.market.units import Side, Ticks
from bot.venues.kalshi.numbers import contracts, money, price
from bot.venues.simulators.kalshi.accounts import Account, Fill
from bot.venues.simulators.kalshi.engine import FeesChanged, LevelChange, OrderChanged, Traded
from bot.venues.simulators.kalshi.market import Market
from bot.venues.simulators.kalshi.views import LEGS, exposure, legs, overrides, prices, stamp

Json = dict[str, Any]


def level(side: Side, ticks: Ticks, yes: bool) -> str:
    """The price of a level: those of NO in dollars of NO unless `yes`."""
    return price(ticks if yes or side == "bid" else DOLLAR - ticks)


def snapshot(of: Market, yes: bool) -> Json:
    """A whole book as it was last told; a side without orders is left out."""
    told: Json = {"market_ticker": of.ticker, "market_id": of.ticker}
    sides: tuple[tuple[Side, str], ...] = (("bid", "yes_dollars_fp"), ("ask", "no_dollars_fp"))
    for side, name in sides:
        rows = sorted((ticks, lots) for (at, ticks), lots in of.seen.items() if at == side)
        rows = rows if side == "bid" or yes else rows[::-1]
        if rows:
            told[name] = [[level(side, ticks, yes), contracts(lots)] for ticks, lots in rows]
    return told


def delta(of: LevelChange, now: int, yes: bool) -> Json:
    told: Json = {
        "market_ticker": of.ticker,
        "market_id": of.ticker,
        "price_dollars": level(of.side, of.ticks, yes),
        "delta_fp": contracts(of.change),
        "side": LEGS[of.side],
        "ts": stamp(now),
        "ts_ms": now,
    }
    return {**told, "client_order_id": of.cloid} if of.cloid else told


def ticker(of: Market, now: int) -> Json:
    bid, ask = of.book.levels("bid", 1), of.book.levels("ask", 1)
    last = of.trades[-1] if of.trades else None
    return {
        "market_ticker": of.ticker,
        "market_id": of.ticker,
        "price_dollars": price(last.ticks if last is not None else 0),
        "yes_bid_dollars": price(bid[0][0] if bid else 0),
        "yes_ask_dollars": price(ask[0][0] if ask else DOLLAR),
        "yes_bid_size_fp": contracts(bid[0][1] if bid else 0),
        "yes_ask_size_fp": contracts(ask[0][1] if ask else 0),
        "last_trade_size_fp": contracts(last.lots if last is not None else 0),
        "volume_fp": contracts(of.volume),
        "open_interest_fp": contracts(0),
        "ts_ms": now,
    }


def trade(of: Traded) -> Json:
    found = of.print
    return {
        "trade_id": found.tid,
        "market_ticker": of.ticker,
        **prices(found.ticks),
        "count_fp": contracts(found.lots),
        "taker_side": LEGS[found.taker],
        "taker_outcome_side": LEGS[found.taker],
        "taker_book_side": found.taker,
        "is_block_trade": False,
        "ts": found.at // 1_000,
        "ts_ms": found.at,
    }


def fill(of: Fill) -> Json:
    return {
        "trade_id": of.tid,
        "order_id": of.order.oid,
        "client_order_id": of.order.cloid,
        "market_ticker": of.order.ticker,
        "exchange_index": 0,
        "is_taker": of.taker,
        **legs(of.order.side),
        "yes_price_dollars": price(of.ticks),
        "count_fp": contracts(of.lots),
        "fee_cost": money(of.fee),
        "post_position_fp": contracts(of.position),
        "ts": of.at // 1_000,
        "ts_ms": of.at,
    }


def order(of: OrderChanged) -> Json:
    """An order as it was at the moment of the news."""
    order = of.order
    return {
        "order_id": order.oid,
        "client_order_id": order.cloid,
        "user_id": order.owner,
        "ticker": order.ticker,
        "status": of.status,
        **legs(order.side),
        "yes_price_dollars": price(order.standing.ticks),
        "initial_count_fp": contracts(order.total),
        "fill_count_fp": contracts(of.filled),
        "remaining_count_fp": contracts(of.left),
        "taker_fees_dollars": money(order.fees["taker"]),
        "maker_fees_dollars": money(order.fees["maker"]),
        "created_ts_ms": order.created,
        "last_update_ts_ms": order.updated,
        "order_group_id": order.group,
    }


def position(account: Account, ticker: str) -> Json:
    held, books = account.held(ticker), account.books[ticker]
    return {
        "user_id": account.name,
        "market_ticker": ticker,
        "position_fp": contracts(held.lots),
        "position_cost_dollars": money(exposure(account, ticker)),
        "realized_pnl_dollars": money(books.realized),
        "fees_paid_dollars": money(books.fees),
        "volume_fp": contracts(0),
    }


def life(of: Market, kind: str, now: int) -> Json:
    """What became of a market, with what belongs to that."""
    told: Json = {"market_ticker": of.ticker, "event_type": kind}
    match kind:
        case "determined":
            return told | {
                "result": of.script.result,
                "determination_ts": now // 1_000,
                "settlement_value": price(of.payout),
            }
        case "settled":
            return told | {"settled_ts": now // 1_000}
        case "price_level_structure_updated":
            ranges = msgspec.to_builtins(of.ranges)
            return told | {"price_level_structure": of.structure, "price_ranges": ranges}
        case "deactivated" | "activated":
            return told | {"is_deactivated": kind == "deactivated"}
    return told


def fees(of: FeesChanged) -> Json:
    """Fees of an event; nulls where those of its series are in force."""
    return {"event_ticker": of.event, **overrides(of.override)}
