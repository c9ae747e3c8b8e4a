"""Something that is no event stands in the log."""

from __future__ import annotations

from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [f"Traceback (most recent call last): {market}"]


DRILL = log_lines.drill(
    "malformed_log_lines",
    "MalformedLogLines",
    "a line that is no event appears in the event log",
    _entries,
    "follow alerts/pipeline/MalformedLogLines.md",
)
