"""How times, durations, labels and addresses are written on the command line and in HTTP requests.

Each function raises ValueError with the text found and the form expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from firedrill.logql.syntax import SECOND
from firedrill.logql.text import duration

MAX_POINTS = 11_000
"""Steps a range query may answer, as in Loki."""

_LABEL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def instant(text: str, now: int) -> int:
    """Nanoseconds of `now`, of unix seconds, of unix nanoseconds (over 10 digits) or of an RFC 3339 time."""
    if text == "now":
        return now
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _date(text)
    if text.lstrip("-").isdigit() and len(text) > 10:
        return int(number)
    return int(number * SECOND)


def _date(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: write now, unix seconds, or 2026-11-21T10:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = moment.replace(microsecond=0)
    return int(whole.timestamp()) * SECOND + moment.microsecond * 1000


def step(text: str) -> int:
    """Nanoseconds of `30s` or of a number of seconds; more than zero."""
    try:
        found = int(Decimal(text) * SECOND)
    except InvalidOperation:
        found = duration(text)
    if found <= 0:
        raise ValueError(f"the step {text!r} must be longer than zero")
    return found


def step_for(text: str | None, start: int, end: int) -> int:
    """The step asked for, or Loki's choice for the range; refused when it gives too many points."""
    if end < start:
        raise ValueError("the end is before the start")
    found = step(text) if text else max(SECOND, (end - start) // (250 * SECOND) * SECOND)
    if (end - start) // found > MAX_POINTS:
        raise ValueError("exceeded maximum resolution of 11,000 points per time series: ask with a larger step")
    return found


def labels(texts: Sequence[str]) -> dict[str, str]:
    """`job=bot,host=h` as a mapping."""
    found = {}
    for part in (part for text in texts for part in text.split(",") if part):
        match = _LABEL.fullmatch(part)
        if not match:
            raise ValueError(f"{part!r} is no label: write name=value")
        found[match.group(1)] = match.group(2)
    return found


def address(text: str) -> tuple[str, int]:
    """`127.0.0.1:3100` as host and port."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) < 65536:
        raise ValueError(f"{text!r} is no address: write 127.0.0.1:3100")
    return host.strip("[]") or "127.0.0.1", int(port)
