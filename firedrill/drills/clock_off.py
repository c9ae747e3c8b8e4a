"""The clock is not what the time service says."""

from __future__ import annotations

from bot.events import Host
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        Host(
            disk_free_pct=50.0,
            disk_free_mb=1000.0,
            mem_available_pct=50.0,
            rss_mb=100.0,
            load_1=0.1,
            clock_offset_ms=2000.0,
        )
    ]


DRILL = log_lines.drill(
    "clock_off",
    "ClockOff",
    "a host whose clock is 2 s fast appears in the event log",
    _entries,
    "follow alerts/host/ClockOff.md",
)
