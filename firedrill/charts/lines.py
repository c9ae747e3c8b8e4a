"""Values over time: lines, bars or dots, stacked or not, with a legend and the marks of thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, nan
from typing import TYPE_CHECKING, Literal

from firedrill.charts.canvas import Box, Canvas
from firedrill.charts.named import Named
from firedrill.charts.style import GRADES, PALETTE, SMALL, Grade, colours
from firedrill.charts.ticks import time_ticks
from firedrill.charts.units import axis_labels, axis_ticks, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 18.0  # height of a line of the legend
_AXIS = 20.0  # height of the time axis
Shown = Literal["line", "bars", "points"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A horizontal line at a value that means something, such as an alert's threshold."""

    value: float
    text: str
    grade: Grade = "bad"


@dataclass(frozen=True, slots=True)
class Lines:
    """`start`, `end` and `step` in nanoseconds; a hole longer than one and a half steps stays a hole.

    `held`: values come rarely, and each holds until the next. `told` stands behind a name in the
    legend. `low` and `high` are values the axis shows at least.
    Infinite values and NaN are holes.
    """

    series: Sequence[Named]
    start: int
    end: int
    step: int
    unit: str = "short"
    shown: Shown = "line"
    stacked: bool = False
    held: bool = False
    told: Literal["last", "sum"] = "last"
    low: float | None = None
    high: float | None = None
    marks: Sequence[Mark] = ()

    def draw(self, canvas: Canvas, box: Box) -> None:
        entries = [f"{one.name}  {number(self._summed_up(one), self.unit)}" for one in self.series]
        rows = _legend_rows(canvas, entries, box.width)
        inner = box.inset(0, 4, 0, len(rows) * _ROW)
        low, high = self._range()
        most = max(2, int((inner.height - _AXIS) // 34))
        ticks = axis_ticks(low, high, most, self.unit, whole=self.shown == "bars" and self.unit == "short")
        labels = axis_labels(ticks, self.unit)
        left = max(canvas.width_of(label, SMALL) for label in labels) + 8
        plot = inner.inset(left, 4, 6, _AXIS)
        axes = canvas.axes(plot)
        axes.set_xlim(self.start, self.end)
        axes.set_ylim(ticks[0], ticks[-1])
        self._values(canvas, plot, ticks, labels)
        self._times(canvas, plot, axes)
        self._curves(axes)
        self._marks(canvas, plot, axes, ticks)
        _legend(canvas, box, rows, colours(len(entries)))

    def _summed_up(self, one: Named) -> float:
        values = [value for _, value in one.points if isfinite(value)]
        if self.told == "sum":
            return sum(values)
        return one.last if one.points else nan

    def _range(self) -> tuple[float, float]:
        values = [value for one in self._stack() for _, value in one.points if isfinite(value)]
        values += [value for value in (self.low, self.high) if value is not None]
        if self.shown == "bars" or self.stacked:
            values.append(0.0)
        if not any(values):
            values += [mark.value for mark in self.marks]
        return (min(values), max(values)) if values else (0.0, 1.0)

    def _stack(self) -> list[Named]:
        """The series, each on top of those before it where they are stacked."""
        if not self.stacked:
            return list(self.series)
        below: dict[int, float] = {}
        found = []
        for one in self.series:
            points = []
            for at, value in one.points:
                below[at] = below.get(at, 0.0) + (value if isfinite(value) else 0.0)
                points.append((at, below[at]))
            found.append(Named(one.name, tuple(points)))
        return found

    def _values(self, canvas: Canvas, plot: Box, ticks: Sequence[float], labels: Sequence[str]) -> None:
        for tick, label in zip(ticks, labels, strict=True):
            y = plot.y + plot.height * (1 - (tick - ticks[0]) / (ticks[-1] - ticks[0]))
            canvas.rectangle(Box(plot.x, y - 0.5, plot.width, 1), canvas.paper.grid)
            canvas.text(plot.x - 6, y, label, SMALL, canvas.paper.muted, "right")

    def _times(self, canvas: Canvas, plot: Box, axes: Axes) -> None:
        for at, label in time_ticks(self.start, self.end, max(2, int(plot.width // 70))):
            x = plot.x + plot.width * (at - self.start) / (self.end - self.start)
            canvas.rectangle(Box(x - 0.5, plot.y + plot.height, 1, 4), canvas.paper.muted)
            half = canvas.width_of(label, SMALL) / 2
            x = min(max(x, plot.x + half), plot.x + plot.width - half + 6)
            canvas.text(x, plot.y + plot.height + 13, label, SMALL, canvas.paper.muted, "center")

    def _curves(self, axes: Axes) -> None:
        tops = self._stack()
        for place in reversed(range(len(tops))):
            one, colour = tops[place], PALETTE[place % len(PALETTE)]
            dashes = "--" if place >= len(PALETTE) else "-"
            times, values = [at for at, _ in one.points], [value for _, value in one.points]
            if self.shown == "bars":
                self._bars(axes, one.points, colour)
                continue
            if self.shown == "line":
                holed = list(self._held(one) if self.held else _with_holes(one.points, self.step))
                style = "steps-post" if self.held else "default"
                at, value = [at for at, _ in holed], [value for _, value in holed]
                axes.plot(at, value, dashes, color=colour, linewidth=1.6, drawstyle=style)
                if self.stacked:
                    axes.fill_between(times, values, color=colour, alpha=0.35, linewidth=0)
            alone = one.points if self.shown == "points" else tuple(_alone(one.points, self.step))
            if self.held:
                continue
            axes.plot([at for at, _ in alone], [v for _, v in alone], "o", color=colour, markersize=3.5, clip_on=False)

    def _bars(self, axes: Axes, points: Sequence[tuple[int, float]], colour: str) -> None:
        """All bars of a series as one shape (thousands are slow), each over the step that its point tells of."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        corners = [
            corner
            for at, value in points
            if value
            for corner in ((at - self.step, 0.0), (at - self.step, value), (at, value), (at, 0.0), (at, 0.0))
        ]
        if corners:
            bar = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
            shape = Path(corners, bar * (len(corners) // len(bar)))
            axes.add_artist(PathPatch(shape, facecolor=colour, linewidth=0))

    def _held(self, one: Named) -> Iterator[tuple[float, float]]:
        yield from one.points
        yield from ((self.end, value) for _, value in one.points[-1:])

    def _marks(self, canvas: Canvas, plot: Box, axes: Axes, ticks: Sequence[float]) -> None:
        for mark in self.marks:
            if ticks[0] <= mark.value <= ticks[-1]:
                axes.axhline(mark.value, color=GRADES[mark.grade], linewidth=1.2, linestyle=(0, (4, 3)))
                y = plot.y + plot.height * (1 - (mark.value - ticks[0]) / (ticks[-1] - ticks[0]))
                canvas.text(plot.x + plot.width - 2, y, mark.text, SMALL, GRADES[mark.grade], "right", backed=True)


def _with_holes(points: Sequence[tuple[int, float]], step: int) -> Iterator[tuple[float, float]]:
    yield from points[:1]
    for (before, _), (at, value) in pairwise(points):
        if at - before > 1.5 * step:
            yield before + step / 2, nan
        yield at, value


def _alone(points: Sequence[tuple[int, float]], step: int) -> Iterator[tuple[int, float]]:
    """Points with a hole on both sides, which a line would not show."""
    for place, (at, value) in enumerate(points):
        before = at - points[place - 1][0] if place else 2 * step
        after = points[place + 1][0] - at if place + 1 < len(points) else 2 * step
        if before > 1.5 * step and after > 1.5 * step:
            yield at, value


_Rows = list[list[tuple[int, str, float]]]


def _legend_rows(canvas: Canvas, entries: Sequence[str], width: float) -> _Rows:
    """Entries as (place, text, width) in as many rows as they need."""
    rows: _Rows = []
    used = width
    for place, entry in enumerate(entries):
        text = canvas.fit(entry, width - 24, SMALL)
        wide = canvas.width_of(text, SMALL) + 32
        if used + wide - 14 > width:
            rows.append([])
            used = 0.0
        rows[-1].append((place, text, wide))
        used += wide
    return rows


def _legend(canvas: Canvas, box: Box, rows: _Rows, shades: Sequence[str]) -> None:
    y = box.y + box.height - len(rows) * _ROW + _ROW / 2 + 2
    for row in rows:
        x = box.x
        for place, text, wide in row:
            canvas.rectangle(Box(x, y - 2, 12, 4), shades[place])
            canvas.text(x + 17, y, text, SMALL)
            x += wide
        y += _ROW
