"""What the exchange refuses before an order can trade, in the four shapes that its refusals have."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from bot.market.units import Lots, Side, Ticks, sign
from bot.venues.kalshi import numbers
from bot.venues.kalshi.orders import Create
from bot.venues.simulators.kalshi.accounts import Account, Order
from bot.venues.simulators.kalshi.market import Market

T = TypeVar("T")
CONTRACT = 100
DOLLAR = 10_000


class Refused(Exception):
    """An answer that is no success; `body` is as the venue writes it."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


def nested(status: int, code: str, message: str, details: str = "") -> Refused:
    """The usual shape."""
    error = {"code": code, "message": message, **({"details": details} if details else {}), "service": "exchange"}
    return Refused(status, {"error": error})


def flat(code: str, message: str, details: str) -> Refused:
    """How a body that cannot be read is refused."""
    return Refused(400, {"code": code, "message": message, "details": details})


def bare(text: str) -> Refused:
    """How a parameter is refused."""
    return Refused(400, {"msg": f"Parameter validation failed: {text}"})


def too_many() -> Refused:
    """How too many requests are refused: a text where there is an object otherwise."""
    return Refused(429, {"error": "too many requests"})


def not_found() -> Refused:
    """One body for an order that was cancelled, that was filled, and that never was."""
    return nested(404, "not_found", "not found")


def decoded(body: bytes, kind: type[T]) -> T:
    """The body of a request. Raises Refused."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise flat("bad_request", "bad request", str(error)) from None


def price(market: Market, text: str) -> Ticks:
    """A price of the market's. Raises Refused."""
    try:
        ticks = numbers.ticks(text)
    except numbers.BadNumber:
        raise nested(400, "invalid_price", "invalid price") from None
    if not 0 < ticks < DOLLAR or market.grid.floor(ticks) != ticks:
        raise nested(400, "invalid_price", "invalid price")
    return ticks


def count(market: Market, text: str) -> Lots:
    """A count that is worth an order. Raises Refused."""
    lots = whole(text)
    if lots <= 0 or (lots % CONTRACT and not market.script.fractional):
        raise nested(400, "invalid_order", "invalid order", "invalid count")
    return lots


def whole(text: str) -> Lots:
    """A count as it is written. Raises Refused."""
    try:
        return numbers.lots(text)
    except numbers.BadNumber:
        raise flat("bad_request", "bad request", f"invalid count {text!r}") from None


def shape(wish: Create) -> None:
    """Raises Refused where fields do not go together."""
    if wish.expiration_time and wish.time_in_force != "good_till_canceled":
        raise nested(400, "bad_request", "bad request", "expiration_time needs good_till_canceled")
    if wish.reduce_only is True and wish.time_in_force != "immediate_or_cancel":
        raise nested(400, "bad_request", "bad request", "reduce_only needs immediate_or_cancel")
    if wish.post_only is True and wish.time_in_force != "good_till_canceled":
        raise nested(400, "bad_request", "bad request", "post_only needs good_till_canceled")


def open_for(market: Market, exchange_active: bool, trading_active: bool, cancel: bool = False) -> None:
    """Whether the market takes this now; cancels pass while only trading is paused. Raises Refused."""
    if not exchange_active:
        raise nested(503, "exchange_paused", "exchange is paused")
    if market.status != "active" and not (cancel and market.status == "inactive"):
        raise nested(400, "MARKET_INACTIVE", "market inactive")
    if not trading_active and not cancel:
        raise nested(400, "trading_paused", "trading is paused")


def affordable(account: Account, market: Market, side: Side, ticks: Ticks, lots: Lots) -> None:
    """Whether the account can pay for it, fee included, beside all that rests. Raises Refused."""
    needs = account.needs(market.ticker, side, ticks, lots)
    fee = market.fees.trade_fee("taker", ticks, lots) if needs else 0
    if needs + fee > account.cash - account.bound():
        raise nested(400, "insufficient_balance", "insufficient balance")


def affordable_change(account: Account, market: Market, order: Order, ticks: Ticks, left: Lots) -> None:
    """Whether the account can pay for what an amendment adds. Raises Refused."""
    before = account.needs(market.ticker, order.side, order.standing.ticks, order.left, without=order.oid)
    more = account.needs(market.ticker, order.side, ticks, left, without=order.oid) - before
    fee = market.fees.trade_fee("taker", ticks, left)
    if more > 0 and more + fee > account.cash - account.bound():
        raise nested(400, "insufficient_balance", "insufficient balance")


def reduced(account: Account, market: Market, side: Side, lots: Lots) -> Lots:
    """The size of a reduce-only order, which shrinks to the position. Raises Refused."""
    held = account.held(market.ticker).lots
    if held * sign(side) >= 0:
        raise nested(400, "invalid_order", "invalid order", "reduce only order would increase position")
    return Lots(min(lots, abs(held)))


def fillable(market: Market, side: Side, ticks: Ticks, lots: Lots) -> bool:
    """Whether enough stands against a fill-or-kill order."""
    against = [
        count for (at, level), count in market.levels().items() if at != side and (level - ticks) * sign(side) <= 0
    ]
    return sum(against) >= lots
