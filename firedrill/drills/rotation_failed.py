"""Markets could not be chosen anew."""

from __future__ import annotations

from bot.events import RotationEvt
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [RotationEvt(status="failed", rotation=0, reason=market)]


DRILL = log_lines.drill(
    "rotation_failed",
    "RotationFailed",
    "a failed rotation appears in the event log",
    _entries,
    "follow alerts/strategy/RotationFailed.md",
)
