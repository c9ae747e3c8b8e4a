"""The memory is nearly used up."""

from __future__ import annotations

from bot.events import Host
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        Host(
            disk_free_pct=50.0,
            disk_free_mb=1000.0,
            mem_available_pct=2.0,
            rss_mb=100.0,
            load_1=0.1,
            clock_offset_ms=0.0,
        )
    ]


DRILL = log_lines.drill(
    "memory_low",
    "MemoryLow",
    "a host with 2 % of its memory left appears in the event log",
    _entries,
    "follow alerts/host/MemoryLow.md",
)
