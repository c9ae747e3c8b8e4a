"""A line of a log file as Loki holds it: time, text and stream labels, the same that a shipper gives it.

A line whose `ts` is no time takes that of the line before it in its file and a nanosecond, as shippers do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bot.events import STREAM_LABELS

SECOND = 1_000_000_000
_LATEST_S = 9_000_000_000  # later than this would not fit into nanoseconds

FROM_LINE = ("level", "action")
"""Stream labels read from the line; the others are the same for all lines of a host."""

assert set(FROM_LINE) < set(STREAM_LABELS)


class Entry(msgspec.Struct, gc=False, frozen=True):
    """`at` in nanoseconds. `timed`: whether the line itself says so. A label that is empty is absent."""

    at: int
    text: str
    level: str
    action: str
    timed: bool

    @property
    def labels(self) -> dict[str, str]:
        """The labels of its own."""
        return {name: value for name, value in (("level", self.level), ("action", self.action)) if value}


class _Line(msgspec.Struct, gc=False):
    ts: Any = None
    level: Any = None
    action: Any = None


_decode = msgspec.json.Decoder(_Line).decode
_NOTHING = _Line()


def entries(raws: Iterable[bytes], before: int) -> Iterator[Entry]:
    """The lines, each without its line end, in their order; empty ones are left out.

    `before`: the time of the line in front of the first.
    """
    last = before
    for raw in raws:
        if not raw:
            continue
        try:
            line = _decode(raw)
        except msgspec.MsgspecError:
            line = _NOTHING
        at = _nanoseconds(line.ts)
        timed = at is not None
        last = at if at is not None else last + 1
        yield Entry(last, raw.decode(errors="replace"), _label(line.level), _label(line.action), timed)


def _nanoseconds(ts: object) -> int | None:
    """Unix seconds with microseconds; a number in a string counts as well."""
    if isinstance(ts, bool) or not isinstance(ts, int | float | str):
        return None
    try:
        seconds = float(ts)
    except ValueError:
        return None
    return round(seconds * 1e6) * 1000 if 0 <= seconds <= _LATEST_S else None


def _label(value: object) -> str:
    """As it stands in JSON, a text without its quotes."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
