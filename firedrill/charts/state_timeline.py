"""What held when: a row for each name, a coloured stretch for each state, with the state's word in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from firedrill.charts.canvas import Box, Canvas
from firedrill.charts.named import Named
from firedrill.charts.style import GRADES, PALETTE, SMALL
from firedrill.charts.ticks import time_ticks
from firedrill.charts.units import number

_AXIS, _LEGEND = 20.0, 22.0
_TALLEST = 46.0


@dataclass(frozen=True, slots=True)
class StateTimeline:
    """Samples are states by number; `words` says what a number is called, `shades` its colour: a grade or `#rrggbb`.

    `start`, `end` and `step` in nanoseconds; a sample tells of the step that ends with it.
    """

    series: Sequence[Named]
    start: int
    end: int
    step: int
    words: Mapping[float, str] = field(default_factory=dict)
    shades: Mapping[float, str] = field(default_factory=dict)

    def draw(self, canvas: Canvas, box: Box) -> None:
        if not self.series:
            return
        names = [canvas.fit(one.name, box.width * 0.3, SMALL) for one in self.series]
        left = max(canvas.width_of(name, SMALL) for name in names) + 10
        plot = box.inset(left, 2, 6, _AXIS + _LEGEND)
        height = min(_TALLEST, plot.height / len(names))
        for place, (name, one) in enumerate(zip(names, self.series, strict=True)):
            middle = plot.y + height * (place + 0.5)
            canvas.text(plot.x - 8, middle, name, SMALL, align="right")
            for begin, end, value in self._stretches(one):
                self._stretch(canvas, plot, Box(0, middle - height * 0.38, 0, height * 0.76), begin, end, value)
        self._times(canvas, plot, plot.y + height * len(names))
        self._legend(canvas, box.x, plot.y + height * len(names) + _AXIS + _LEGEND / 2 + 4)

    def _stretches(self, one: Named) -> Iterator[tuple[int, int, float]]:
        """(begin, end, value) of the times over which the value stayed."""
        begin = last = 0
        value: float | None = None
        for at, now in one.points:
            if value is not None and (now != value or at - last > 1.5 * self.step):
                yield begin, last, value
                value = None
            if value is None:
                begin, value = at - self.step, now
            last = at
        if value is not None:
            yield begin, last, value

    def _stretch(self, canvas: Canvas, plot: Box, row: Box, begin: int, end: int, value: float) -> None:
        scale = plot.width / (self.end - self.start)
        left = plot.x + max(0.0, (begin - self.start) * scale)
        right = plot.x + min(plot.width, (end - self.start) * scale)
        if right <= left:
            return
        canvas.rectangle(Box(left, row.y, max(1.0, right - left - 0.5), row.height), self._shade(value))
        word = self._word(value)
        if canvas.width_of(word, SMALL) + 8 < right - left and row.height > 14:
            canvas.text((left + right) / 2, row.y + row.height / 2, word, SMALL, "white", "center", bold=True)

    def _times(self, canvas: Canvas, plot: Box, y: float) -> None:
        for at, label in time_ticks(self.start, self.end, max(2, int(plot.width // 70))):
            half = canvas.width_of(label, SMALL) / 2
            x = plot.x + plot.width * (at - self.start) / (self.end - self.start)
            canvas.rectangle(Box(x - 0.5, y, 1, 4), canvas.paper.muted)
            x = min(max(x, plot.x + half), plot.x + plot.width - half + 6)
            canvas.text(x, y + 13, label, SMALL, canvas.paper.muted, "center")

    def _legend(self, canvas: Canvas, x: float, y: float) -> None:
        for value in sorted({value for one in self.series for _, value in one.points}):
            word = self._word(value)
            canvas.rectangle(Box(x, y - 5, 10, 10), self._shade(value))
            canvas.text(x + 15, y, word, SMALL)
            x += canvas.width_of(word, SMALL) + 32

    def _word(self, value: float) -> str:
        return self.words.get(value, number(value))

    def _shade(self, value: float) -> str:
        shade = self.shades.get(value)
        if shade:
            return GRADES.get(shade, shade)
        return PALETTE[int(value) % len(PALETTE)]
