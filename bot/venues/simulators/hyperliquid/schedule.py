"""What happens by the clock: scheduled cancels, and funding on the hour."""

from __future__ import annotations

from bot.venues.simulators.hyperliquid.accounts import MILLION, Account
from bot.venues.simulators.hyperliquid.engine import Engine
from bot.venues.simulators.hyperliquid.limits import DAY_MS
from bot.venues.simulators.hyperliquid.market import usd

VOLUME = 1_000_000
SOONEST_MS = 5_000
TRIGGERS = 10
HOUR_MS = 3_600_000
RATE = 0.0000125
GATED = "Cannot set scheduled cancel time until enough volume traded. Required: ${required}. Traded: ${traded}."


def set_schedule(account: Account, time: int | None, now: int) -> str | None:
    """Set or clear when all is cancelled; why not, where it may not be."""
    if account.volume < VOLUME * MILLION:
        return GATED.format(required=VOLUME, traded=f"{account.volume / MILLION:.2f}".rstrip("0").rstrip("."))
    if time is not None and time < now + SOONEST_MS:
        return "Cannot set scheduled cancel time: it must be at least 5 seconds from now."
    day, triggered = account.triggers
    if time is not None and day == now // DAY_MS and triggered >= TRIGGERS:
        return f"Cannot set scheduled cancel time: it triggered {TRIGGERS} times today."
    account.schedule = time
    return None


def fire(engine: Engine) -> None:
    """Cancel everything of the accounts whose time has come."""
    now = engine.now()
    for account in engine.accounts.values():
        if account.schedule is None or now < account.schedule:
            continue
        account.schedule = None
        day, triggered = account.triggers
        account.triggers = (now // DAY_MS, triggered + 1 if day == now // DAY_MS else 1)
        engine.end_all(account, "scheduledCancel")


class Funding:
    """Longs pay shorts a small rate each full hour; with `speed` the hours come sooner."""

    def __init__(self, engine: Engine, speed: float) -> None:
        self._engine, self._speed, self._start = engine, speed, engine.now()
        self._hour = self._start // HOUR_MS

    def pay(self) -> None:
        """Whatever is due by now."""
        hour = (self._start + round((self._engine.now() - self._start) * self._speed)) // HOUR_MS
        while self._hour < hour:
            self._hour += 1
            for account in self._engine.accounts.values():
                self._pay(account)

    def _pay(self, account: Account) -> None:
        for coin, held in account.holdings.items():
            market = self._engine.markets[coin]
            payment = round(held.lots * market.oracle * RATE)
            account.cash -= payment
            delta = {
                "type": "funding",
                "coin": coin,
                "usdc": usd(-payment),
                "szi": market.size(held.lots),
                "fundingRate": f"{RATE:.7f}",
            }
            account.funding.append({"time": self._engine.now(), "hash": "0x" + "0" * 64, "delta": delta})
