"""Where the marks of an axis stand: round numbers, and round times of day in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor, log10

SECOND = 1_000_000_000
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Seconds between two marks of a time axis; beyond a day, whole days."""


def value_ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """Round numbers (`whole` ones) from at or below `low` to at or above `high`, about `most` of them."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = _round_up((high - low) / max(1, most - 1))
    step = ceil(max(1.0, step)) if whole else step
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(place * step, 12) for place in range(first, last + 1)]


def _round_up(step: float) -> float:
    size = 10.0 ** floor(log10(step))
    return next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= step * (1 - 1e-9))


def time_ticks(start: int, end: int, most: int) -> list[tuple[int, str]]:
    """Nanoseconds and labels of at most `most` round UTC times in [start, end]; a day's first mark says the day."""
    wanted = (end - start) / SECOND / max(1, most)
    step = next((step for step in _STEPS if step >= wanted), 86400 * ceil(wanted / 86400)) * SECOND
    return [(at, _label(at, step)) for at in range(-(-start // step) * step, end + 1, step)]


def _label(at: int, step: int) -> str:
    moment = datetime.fromtimestamp(at / SECOND, UTC)
    if moment.hour == moment.minute == moment.second == 0:
        return f"{moment:%b} {moment.day}"
    return f"{moment:%H:%M:%S}" if step < 60 * SECOND else f"{moment:%H:%M}"
