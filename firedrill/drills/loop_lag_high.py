"""The bot's turns come late: more late heartbeats than it can write good ones in the rule's window."""

from __future__ import annotations

from bot.events import Heartbeat
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    late = Heartbeat(uptime_s=1.0, md_age_ms=100.0, open_orders=0, kill=0, loop_lag_ms=900.0)
    return [late] * 90


DRILL = log_lines.drill(
    "loop_lag_high",
    "LoopLagHigh",
    "ninety heartbeats that are 900 ms late appear in the event log",
    _entries,
    "follow alerts/host/LoopLagHigh.md",
)
