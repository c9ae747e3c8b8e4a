"""A defect of ours."""

from __future__ import annotations

from bot.events import InternalError
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [InternalError(where=market, reason="drill")]


DRILL = log_lines.drill(
    "internal_errors",
    "InternalErrors",
    "a defect appears in the event log",
    _entries,
    "follow alerts/host/InternalErrors.md",
)
