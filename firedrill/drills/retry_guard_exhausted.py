"""An order refused on the fresh grid too."""

from __future__ import annotations

from bot.events import RetryExhausted
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        RetryExhausted(
            market=market,
            side="bid",
            seq=2,
            cloid=log_lines.cloid(market),
            tif="Alo",
            ro=False,
            attempts=1,
            code="E_TICK",
            reason="Price must be divisible by tick size. asset=0",
        )
    ]


DRILL = log_lines.drill(
    "retry_guard_exhausted",
    "RetryGuardExhausted",
    "an order that the retry guard gave up appears in the event log",
    _entries,
    "follow alerts/orders/RetryGuardExhausted.md: a critical alert has no wait in its route",
)
