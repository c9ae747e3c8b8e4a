"""What the exchange refuses before an order can trade: the venue's text and the order's final status."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from msgspec import UNSET

from bot.market.units import SIDES, Lots, Side, Ticks, sign
from bot.venues import rejections
from bot.venues.hyperliquid.actions import OrderWire
from bot.venues.simulators.hyperliquid.accounts import MILLION, Account, Order
from bot.venues.simulators.hyperliquid.market import Market

REDUCE_ONLY = "Reduce only order would increase position. asset={asset}"
NO_MATCH = "Order could not immediately match against any resting orders. asset={asset}"
TRIGGER = "Invalid TP/SL price. asset={asset}"
ORACLE = "Order price cannot be more than 95% away from the reference price"
MAX_VALUE = "Order value too large. Max is $5000000."
BAD_SIZE, ZERO_SIZE, BAD_PRICE = "Order has invalid size.", "Order has zero size.", "Order has invalid price."
POST_ONLY_WINDOW = "Only post-only orders allowed immediately after a network upgrade"
TOO_MANY = "Too many open orders. asset={asset}"
MOST_VALUE = 5_000_000 * MILLION
MOST_ORDERS, ORDERS_CAP, USD_AN_ORDER = 1_000, 5_000, 5_000_000 * MILLION


class Refused(Exception):
    """`text` is the venue's, `status` what the order ends as."""

    def __init__(self, text: str, status: str = "rejected") -> None:
        super().__init__(text)
        self.text, self.status = text, status


def figures(market: Market, wire: OrderWire) -> tuple[Ticks, Lots]:
    """Price and size of an order, or Refused when they are not on the grid or not worth an order."""
    asset, spec = market.asset, market.spec
    ticks, lots = _number(wire.p, BAD_PRICE) / spec.tick, _number(wire.s, BAD_SIZE) / spec.lot
    if lots % 1:
        raise Refused(BAD_SIZE)
    if not lots:
        raise Refused(ZERO_SIZE)
    if ticks % 1 or not spec.legal(Ticks(int(ticks))):
        raise Refused(rejections.TICK.format(asset=asset), "tickRejected")
    if not spec.worth_sending(Ticks(int(ticks)), Lots(int(lots))):
        raise Refused(rejections.MIN_VALUE.format(asset=asset), "minTradeNtlRejected")
    if ticks * lots > MOST_VALUE:
        raise Refused(MAX_VALUE)
    if abs(ticks / market.oracle - 1) > Decimal("0.95"):
        raise Refused(ORACLE, "oracleRejected")
    if wire.t.limit is UNSET:
        raise Refused(TRIGGER.format(asset=asset), "badTriggerPxRejected")
    return Ticks(int(ticks)), Lots(int(lots))


def reduced(market: Market, account: Account, side: Side, lots: Lots) -> Lots:
    """The size of a reduce-only order, which shrinks to the position. Raises Refused when it would not reduce."""
    held = account.held(market.coin).lots
    if held * sign(side) >= 0:
        raise Refused(REDUCE_ONLY.format(asset=market.asset), "reduceOnlyRejected")
    return Lots(min(lots, abs(held)))


def admit(order: Order, account: Account, markets: Mapping[str, Market]) -> None:
    """Raises Refused where account or book forbid the order."""
    market, standing, asset = order.market, order.standing, order.market.asset
    if len(account.open) >= min(MOST_ORDERS + account.volume // USD_AN_ORDER, ORDERS_CAP):
        raise Refused(TOO_MANY.format(asset=asset), "tooManyOpenOrdersRejected")
    if order.cloid is not None and account.find(order.cloid) is not None:
        raise Refused(rejections.DUPLICATE.format(asset=asset))
    held, needed = account.margin(markets), account.margin(markets, order)
    if needed > held and needed > account.value(markets):
        raise Refused(rejections.MARGIN.format(asset=asset), "perpMarginRejected")
    crosses = market.book.would_match(standing.side, standing.ticks)
    if order.tif == "Alo" and crosses:
        bid, ask = ("none" if (best := market.book.best(side)) is None else market.bare(best) for side in SIDES)
        raise Refused(rejections.POST_ONLY.format(bid=bid, ask=ask, asset=asset), "badAloPxRejected")
    if order.tif in ("Ioc", "FrontendMarket") and not crosses:
        raise Refused(NO_MATCH.format(asset=asset), "iocCancelRejected")


def _number(text: str, refusal: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Refused(refusal) from None
    if not number.is_finite() or number < 0:
        raise Refused(refusal)
    return number
