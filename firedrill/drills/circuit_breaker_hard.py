"""The circuit breaker stops a market."""

from __future__ import annotations

from bot.events import CbHard
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    trip = CbHard(market=market, cancels_30=60, errors_30=0, limit=50, pause_s=300.0, reason="drill")
    return [trip]


DRILL = log_lines.drill(
    "circuit_breaker_hard",
    "CircuitBreakerHard",
    "a hard trip of the breaker appears in the event log",
    _entries,
    "follow alerts/risk/CircuitBreakerHard.md",
)
