"""The circuit breaker slows a market down, three times."""

from __future__ import annotations

from bot.events import CbSoft
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    trip = CbSoft(market=market, cancels_30=25, errors_30=0, limit=20, pause_s=30.0, reason="drill")
    return [trip] * 3


DRILL = log_lines.drill(
    "circuit_breaker_soft",
    "CircuitBreakerSoft",
    "three soft trips of the breaker appear in the event log",
    _entries,
    "follow alerts/risk/CircuitBreakerSoft.md",
)
