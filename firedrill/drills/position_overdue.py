"""A position whose exits do not get out."""

from __future__ import annotations

from bot.events import Inventory
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        Inventory(
            market=market,
            state="SKEW_LONG",
            strategy="edge_locked",
            position=5.0,
            limit=20.0,
            pos_frac=0.25,
            held_s=3600.0,
            mark=0.5,
            upnl=0.0,
            vwap=0.48,
            tp=0.55,
        )
    ]


DRILL = log_lines.drill(
    "position_overdue",
    "PositionOverdue",
    "a position held for an hour appears in the event log",
    _entries,
    "follow alerts/strategy/PositionOverdue.md",
)
