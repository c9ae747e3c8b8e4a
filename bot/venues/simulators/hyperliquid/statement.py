"""An account on paper: what clearinghouseState, spotClearinghouseState and userFees say of it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bot.market import wire
from bot.market.position import Holding
from bot.market.units import Ticks
from bot.venues.simulators.hyperliquid.accounts import TIERS, Account
from bot.venues.simulators.hyperliquid.market import Market, usd


def state(account: Account, markets: Mapping[str, Market], now: int) -> dict[str, object]:
    """Positions and margin. Everything is cross margin."""
    positions = {coin: _position(account, markets[coin], held) for coin, held in account.holdings.items()}
    notional = sum(abs(held.lots) * markets[coin].oracle for coin, held in account.holdings.items())
    initial = sum(abs(h.lots) * markets[c].oracle // account.leveraged(markets[c]) for c, h in account.holdings.items())
    value = account.value(markets)
    summary = {
        "accountValue": usd(value),
        "totalNtlPos": usd(notional),
        "totalRawUsd": usd(account.cash),
        "totalMarginUsed": usd(initial),
    }
    return {
        "marginSummary": summary,
        "crossMarginSummary": summary,
        "crossMaintenanceMarginUsed": usd(initial // 2),
        "withdrawable": usd(max(0, value - max(initial, notional // 10))),
        "assetPositions": [{"type": "oneWay", "position": position} for position in positions.values()],
        "time": now,
    }


def _position(account: Account, market: Market, held: Holding) -> dict[str, object]:
    value, leverage = held.lots * market.oracle, account.leveraged(market)
    margin = abs(value) // leverage
    gain = value - held.cost
    earned = Fraction(gain * leverage, abs(held.cost)) if held.cost else Fraction(0)
    return {
        "coin": market.coin,
        "szi": market.size(held.lots),
        "leverage": {"type": "cross", "value": leverage},
        "entryPx": market.price(Ticks(round(Fraction(held.cost, held.lots)))),
        "positionValue": usd(abs(value)),
        "unrealizedPnl": usd(gain),
        "returnOnEquity": usd(round(earned * 1_000_000)),
        "liquidationPx": None,
        "marginUsed": usd(margin),
        "maxLeverage": market.listing.max_leverage,
        "cumFunding": {"allTime": "0.0", "sinceOpen": "0.0", "sinceChange": "0.0"},
    }


def spot(account: Account) -> dict[str, object]:
    """Collateral as a balance."""
    row = {"coin": "USDC", "token": 0, "total": usd(account.cash), "hold": "0.0", "entryNtl": "0.0"}
    return {"balances": [row]}


def fees(account: Account) -> dict[str, object]:
    """The rates that count for the account, and the table that they come from."""
    taker, maker = (wire.text(rate, 5) for rate in account.rates())
    tiers = [
        {"ntlCutoff": f"{cutoff}.0", "cross": wire.text(cross, 5), "add": wire.text(add, 5)}
        for cutoff, cross, add in reversed(TIERS[:-1])
    ]
    base_taker, base_maker = (wire.text(rate, 5) for rate in TIERS[-1][1:])
    return {
        "dailyUserVlm": [],
        "feeSchedule": {"cross": base_taker, "add": base_maker, "tiers": {"vip": tiers, "mm": []}},
        "userCrossRate": taker,
        "userAddRate": maker,
        "userSpotCrossRate": "0.0007",
        "userSpotAddRate": "0.0004",
        "activeReferralDiscount": "0.0",
    }
