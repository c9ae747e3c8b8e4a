"""What the account may still ask and do: two buckets of tokens, as the account itself says, and what each call costs.

Nothing is known before `learn`, and then everything passes. New orders leave some tokens to cancels.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.clock import NANOS
from bot.venues.kalshi import codec
from bot.venues.kalshi.signing import REST_PREFIX

FOR_CANCELS = 5
"""New orders leave one part in so many of the bucket."""


class Bucket:
    """Tokens that come back by the second. `steady` as Clock.steady."""

    def __init__(self, size: int, rate: int, steady: Callable[[], int]) -> None:
        self.size = size
        self._rate, self._steady = rate, steady
        self._left, self._at = float(size), steady()

    @property
    def left(self) -> float:
        now = self._steady()
        self._left = min(self.size, self._left + (now - self._at) * self._rate / NANOS)
        self._at = now
        return self._left

    def spend(self, tokens: int) -> None:
        """Below zero too: what must go out goes out."""
        self._left = self.left - tokens

    def empty(self) -> None:
        """The venue said that it was too much, whatever we had counted."""
        self._left = min(self.left, 0.0)

    def wait_s(self, tokens: int) -> float:
        """Seconds until so many are there."""
        return max((min(tokens, self.size) - self.left) / self._rate, 0.0)


class Tokens:
    """Of one account."""

    def __init__(self, steady: Callable[[], int]) -> None:
        self._steady = steady
        self._buckets: dict[bool, Bucket] = {}
        self._costs: dict[tuple[str, str], int] = {}
        self._default = 0

    def learn(self, limits: codec.Limits, costs: codec.EndpointCosts) -> None:
        """What the venue says of the account."""
        for reads, told in ((True, limits.read), (False, limits.write)):
            self._buckets[reads] = Bucket(told.bucket_capacity, max(told.refill_rate, 1), self._steady)
        self._default = costs.default_cost
        self._costs = {(one.method, one.path.removeprefix(REST_PREFIX)): one.cost for one in costs.endpoint_costs}

    def cost(self, method: str, path: str) -> int:
        """Of one call, or of one order of a batch; `path` as the venue lists it, with names in braces."""
        return self._costs.get((method, path), self._default)

    def spend(self, method: str, tokens: int) -> None:
        if (bucket := self._of(method)) is not None:
            bucket.spend(tokens)

    def refused(self, method: str) -> None:
        if (bucket := self._of(method)) is not None:
            bucket.empty()

    def wait_s(self, method: str, tokens: int) -> float:
        """Seconds until a call may go out."""
        bucket = self._of(method)
        return 0.0 if bucket is None else bucket.wait_s(tokens)

    def orders(self, cost: int, wanted: int) -> int:
        """How many of so many new orders may go out now."""
        bucket = self._of("POST")
        if bucket is None or cost == 0:
            return wanted
        return max(min(int(bucket.left - bucket.size // FOR_CANCELS) // cost, wanted), 0)

    def batch(self, cost: int) -> int:
        """How many fit into one request at most."""
        bucket = self._of("POST")
        return 20 if bucket is None or cost == 0 else max(min(bucket.size // cost, 20), 1)

    def _of(self, method: str) -> Bucket | None:
        return self._buckets.get(method == "GET")
