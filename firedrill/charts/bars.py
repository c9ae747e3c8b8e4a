"""Horizontal bars, largest first or in the order given, each with its name in front and its value behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from firedrill.charts.canvas import Box, Canvas
from firedrill.charts.named import Named
from firedrill.charts.style import SMALL, shade_of
from firedrill.charts.units import number

_TALLEST = 30.0
_LEAST = 17.0


@dataclass(frozen=True, slots=True)
class Bars:
    """The last value of each series, coloured by `steps`; those that find no room are counted in a last line."""

    series: Sequence[Named]
    unit: str = "short"
    sort: bool = True
    steps: Sequence[tuple[float | None, str]] = ()

    def draw(self, canvas: Canvas, box: Box) -> None:
        rows = [(one.name, one.last) for one in self.series if one.points and isfinite(one.last)]
        if self.sort:
            rows.sort(key=lambda row: -row[1])
        room = max(1, int(box.height // _LEAST))
        if len(rows) > room:
            rest = len(rows) - room + 1
            rows = rows[: room - 1]
            y = box.y + box.height - _LEAST / 2
            canvas.text(box.x, y, f"and {rest} more", SMALL, canvas.paper.muted)
            box = box.inset(bottom=_LEAST)
        if rows:
            self._rows(canvas, box, rows)

    def _rows(self, canvas: Canvas, box: Box, rows: Sequence[tuple[str, float]]) -> None:
        values = [number(value, self.unit) for _, value in rows]
        names = [canvas.fit(name, box.width * 0.45, SMALL) for name, _ in rows]
        left = max(canvas.width_of(name, SMALL) for name in names) + 8
        right = max(canvas.width_of(value, SMALL) for value in values) + 6
        low, high = min(0.0, *(value for _, value in rows)), max(0.0, *(value for _, value in rows))
        scale = (box.width - left - right - (right if low < 0 else 0)) / ((high - low) or 1.0)
        zero = box.x + left + (right if low < 0 else 0) - low * scale
        height = min(_TALLEST, box.height / len(rows))
        for place, ((_, value), name, text) in enumerate(zip(rows, names, values, strict=True)):
            y = box.y + height * (place + 0.5)
            canvas.text(box.x + left - 8, y, name, SMALL, align="right")
            begin, end = sorted((zero, zero + value * scale))
            bar = Box(begin, y - height * 0.32, max(1.0, end - begin), height * 0.64)
            canvas.rectangle(bar, shade_of(value, self.steps))
            if value < 0:
                canvas.text(begin - 5, y, text, SMALL, align="right")
            else:
                canvas.text(end + 5, y, text, SMALL)
