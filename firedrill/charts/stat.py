"""One number, or a few with names, large enough to be read across a room; graded, where a grade is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from firedrill.charts.canvas import Box, Canvas
from firedrill.charts.style import GRADES, SMALL, Grade

_LONG = 9  # characters that fit at full size


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as text, with its name ("" where the title says it) and its grade."""

    text: str
    name: str = ""
    grade: Grade = "plain"


@dataclass(frozen=True, slots=True)
class Stat:
    """Up to a handful of readings, side by side."""

    readings: Sequence[Reading]

    def html(self) -> str:
        """A <div> of readings for a page that has `style.css()`; its look is the page's own."""
        return f'<div class="stat">{"".join(map(_html, self.readings))}</div>'

    def draw(self, canvas: Canvas, box: Box) -> None:
        each = box.width / max(1, len(self.readings))
        for place, one in enumerate(self.readings):
            size = min(30.0, box.height * (0.4 if one.name else 0.55))
            while size > SMALL and canvas.width_of(one.text, size, bold=True) > each - 8:
                size -= 1
            x, middle = box.x + each * (place + 0.5), box.y + box.height / 2
            shift = size * 0.35 if one.name else 0.0
            canvas.text(x, middle - shift, canvas.fit(one.text, each, size), size, GRADES[one.grade], "center", True)
            if one.name:
                name = canvas.fit(one.name, each - 6, SMALL)
                canvas.text(x, middle + size * 0.65, name, SMALL, canvas.paper.muted, "center")


def _html(one: Reading) -> str:
    name = f"<small>{escape(one.name)}</small>" if one.name else ""
    grade = f"{one.grade} long" if len(one.text) > _LONG else one.grade
    return f'<div class="{grade}"><b>{escape(one.text)}</b>{name}</div>'
