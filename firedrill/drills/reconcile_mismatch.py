"""Journal and venue disagree on a position."""

from __future__ import annotations

from bot.events import ReconcileMismatch
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [ReconcileMismatch(market=market, journal=1.0, position=0.5)]


DRILL = log_lines.drill(
    "reconcile_mismatch",
    "ReconcileMismatch",
    "a position that differs from the venue's appears in the event log",
    _entries,
    "follow alerts/risk/ReconcileMismatch.md",
)
