"""A line of the log is missing."""

from __future__ import annotations

from bot.events import FaultInjected
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    event = FaultInjected(fault=market, count=0)
    return [event, None, event]


DRILL = log_lines.drill(
    "log_lines_lost",
    "LogLinesLost",
    "two lines with a gap between their numbers appear in the event log",
    _entries,
    "follow alerts/pipeline/LogLinesLost.md (its rule waits 30 s)",
    alarm_within_s=90,
)
