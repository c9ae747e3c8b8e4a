"""What one may ask in which time: nonces of a signer, requests of an address, weight of an IP."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable

from bot.venues.simulators.hyperliquid.accounts import MILLION, Account

DAY_MS = 86_400_000
NONCES = 100
FREE_REQUESTS = 10_000
MORE_CANCELS = 100_000
STARVED_MS = 10_000
WEIGHT_A_MINUTE = 1_200
LIGHT = ("l2Book", "allMids", "clearinghouseState", "orderStatus", "spotClearinghouseState", "exchangeStatus")
BY_LENGTH = ("recentTrades", "historicalOrders", "userFills", "userFillsByTime", "userFunding")
TOO_MANY = (
    "Too many cumulative requests sent ({sent} > {limit}) for cumulative volume traded ${volume}. "
    "Place taker orders to free up 1 request per USDC traded."
)


class Nonces:
    """Of one signer: the 100 highest are kept, a new one is unused and above the lowest of them."""

    def __init__(self) -> None:
        self._kept: list[int] = []

    def refusal(self, nonce: int, now: int) -> str | None:
        """Why a nonce cannot be used; None uses it up."""
        if not now - 2 * DAY_MS < nonce < now + DAY_MS:
            return f"Invalid nonce: {nonce} is out of bounds, the time is {now}"
        if nonce in self._kept:
            return f"Invalid nonce: duplicate nonce {nonce}"
        if len(self._kept) == NONCES and nonce < self._kept[0]:
            return f"Invalid nonce: {nonce} is too low, the lowest of the last {NONCES} is {self._kept[0]}"
        insort(self._kept, nonce)
        del self._kept[:-NONCES]
        return None


def allowance(account: Account) -> int:
    """Requests that an address may have sent so far."""
    return FREE_REQUESTS + account.volume // MILLION


def starved(account: Account, requests: int, cancels: bool, now: int, speed: float) -> str | None:
    """Why an address may not send now; None counts its requests. Beyond the allowance one passes each 10 s."""
    limit = allowance(account)
    most = min(limit + MORE_CANCELS, 2 * limit) if cancels else limit
    if account.requests + requests > most:
        if now - account.served_at < STARVED_MS / speed:
            volume = f"{account.volume / MILLION:.2f}"
            return TOO_MANY.format(sent=account.requests + requests, limit=most, volume=volume)
        account.served_at = now
    account.requests += requests
    return None


class Weight:
    """What an IP asked in the last minute; with `speed` a minute is shorter."""

    def __init__(self, steady: Callable[[], float], speed: float) -> None:
        self._steady, self._minute = steady, 60 / speed
        self._spent: deque[tuple[float, int]] = deque()
        self._sum = 0

    def take(self, weight: int) -> bool:
        """False when it is too much."""
        now = self._steady()
        while self._spent and self._spent[0][0] <= now - self._minute:
            self._sum -= self._spent.popleft()[1]
        if self._sum + weight > WEIGHT_A_MINUTE:
            return False
        self.add(weight)
        return True

    def add(self, weight: int) -> None:
        """What an answer cost on top, known only afterwards."""
        self._spent.append((self._steady(), weight))
        self._sum += weight


def weight_of_info(kind: str) -> int:
    """Of one /info request, before its answer is known."""
    return 2 if kind in LIGHT else 60 if kind == "userRole" else 20


def weight_of_answer(kind: str, answer: object) -> int:
    """What a long answer costs on top."""
    return len(answer) // 20 if kind in BY_LENGTH and isinstance(answer, list) else 0
