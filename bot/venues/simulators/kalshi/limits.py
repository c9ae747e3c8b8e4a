"""Token buckets, one for reads and one for writes, and what each call costs.

Those of the Basic tier, whose write bucket holds no more than one second of budget; with `speed` they refill, and hold,
that many times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

READS, WRITES, DEFAULT_COST = 200, 100, 10
V2 = "/portfolio/events/orders"
COSTS = {
    ("DELETE", f"{V2}/{{order_id}}"): 2,
    ("DELETE", f"{V2}/batched"): 2,
    ("GET", "/portfolio/orders/{order_id}"): 2,
}
"""Calls that cost another number of tokens than usual; those of a batch are for each of its orders."""


@dataclass(slots=True)
class _Bucket:
    rate: float
    left: float
    at: float

    def take(self, tokens: int, now: float) -> bool:
        self.left, self.at = min(self.rate, self.left + (now - self.at) * self.rate), now
        if tokens > self.left:
            return False
        self.left -= tokens
        return True


class Buckets:
    """`steady` tells the time in seconds."""

    def __init__(self, steady: Callable[[], float], speed: float) -> None:
        self._steady, now = steady, steady()
        self._reads = _Bucket(READS * speed, READS * speed, now)
        self._writes = _Bucket(WRITES * speed, WRITES * speed, now)

    def take(self, method: str, path: str, number: int = 1) -> bool:
        """Pay for a call to a path of the list, `number` times for a batch; False when there is not enough."""
        bucket = self._reads if method == "GET" else self._writes
        return bucket.take(COSTS.get((method, path), DEFAULT_COST) * max(number, 1), self._steady())

    def told(self) -> dict[str, dict[str, int]]:
        """As the account reads them."""
        return {
            name: {"bucket_capacity": round(bucket.rate), "refill_rate": round(bucket.rate)}
            for name, bucket in (("read", self._reads), ("write", self._writes))
        }
