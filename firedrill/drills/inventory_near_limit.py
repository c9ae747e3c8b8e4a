"""A position at its limit, for as long as the rule waits."""

from __future__ import annotations

from bot.events import Inventory
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [
        Inventory(
            market=market,
            state="SKEW_LONG",
            strategy="edge_locked",
            position=20.0,
            limit=20.0,
            pos_frac=1.0,
            held_s=60.0,
            mark=0.5,
            upnl=0.0,
            vwap=0.48,
            tp=0.55,
        )
    ]


DRILL = log_lines.drill(
    "inventory_near_limit",
    "InventoryNearLimit",
    "a full inventory appears in the event log",
    _entries,
    "follow alerts/risk/InventoryNearLimit.md (its rule waits 2 minutes)",
    alarm_within_s=180,
)
