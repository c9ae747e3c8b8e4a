"""What a trade does to an account: cash, fee, position, volume, and the fill that tells of it."""

from __future__ import annotations

from bot.market.position import Holding
from bot.market.units import Lots, Ticks, sign
from bot.venues.hyperliquid.codec import Fill
from bot.venues.simulators.hyperliquid.accounts import Account, Order
from bot.venues.simulators.hyperliquid.market import letter, usd

RATE_UNITS = 100_000


def settle(
    account: Account, order: Order, ticks: Ticks, lots: Lots, crossed: bool, stamp: tuple[int, int, str]
) -> Fill:
    """Book one trade; `stamp` is its time (ms), tid and hash."""
    market, side, value = order.market, order.side, ticks * lots
    taker, maker = account.rates()
    fee = round(value * (taker if crossed else maker) / RATE_UNITS)
    before = account.held(market.coin)
    after = before.after(side, ticks, lots)
    if after.lots:
        account.holdings[market.coin] = after
    else:
        account.holdings.pop(market.coin, None)
    account.cash -= sign(side) * value + fee
    account.volume += value
    now, tid, digest = stamp
    fill = Fill(
        coin=market.coin,
        px=market.price(ticks),
        sz=market.size(lots),
        side=letter(side),
        time=now,
        oid=order.standing.oid,
        tid=tid,
        fee=usd(fee),
        crossed=crossed,
        startPosition=market.size(before.lots),
        dir=_direction(before, after),
        closedPnl=usd(after.cost - before.cost - sign(side) * value if _reduces(before, after) else 0),
        feeToken="USDC",
        hash=digest,
        twapId=None,
        cloid=order.cloid,
    )
    account.fills.append(fill)
    return fill


def _reduces(before: Holding, after: Holding) -> bool:
    return bool(before.lots) and (before.lots * after.lots <= 0 or abs(after.lots) < abs(before.lots))


def _direction(before: Holding, after: Holding) -> str:
    if before.lots * after.lots < 0:
        return "Long > Short" if before.lots > 0 else "Short > Long"
    held = before.lots if _reduces(before, after) else after.lots
    return f"{'Close' if _reduces(before, after) else 'Open'} {'Long' if held > 0 else 'Short'}"
