"""Rows and columns, as an HTML table or drawn; numbers stand to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from firedrill.charts.canvas import Box, Canvas
from firedrill.charts.style import SMALL

_ROW = 19.0


@dataclass(frozen=True, slots=True)
class Table:
    """`head` names the columns, `rows` are texts as shown; `numeric` are the columns that stand to the right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()

    def html(self) -> str:
        """A <table>; all text is escaped."""
        head = "".join(f"<th{self._side(place)}>{escape(text)}</th>" for place, text in enumerate(self.head))
        rows = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _cells(self, row: Sequence[str]) -> str:
        return "".join(f"<td{self._side(place)}>{escape(text)}</td>" for place, text in enumerate(row))

    def _side(self, column: int) -> str:
        return ' class="num"' if column in self.numeric else ""

    def draw(self, canvas: Canvas, box: Box) -> None:
        room = max(1, int(box.height // _ROW) - 1)
        rows = list(self.rows) if len(self.rows) <= room else list(self.rows[: room - 1])
        widths = self._widths(canvas, rows, box.width)
        self._row(canvas, box, box.y + _ROW / 2, self.head, widths, canvas.paper.muted)
        canvas.rectangle(Box(box.x, box.y + _ROW, box.width, 1), canvas.paper.grid)
        for place, row in enumerate(rows, 1):
            self._row(canvas, box, box.y + _ROW * (place + 0.5), row, widths, canvas.paper.ink)
        if len(rows) < len(self.rows):
            text = f"and {len(self.rows) - len(rows)} more"
            canvas.text(box.x, box.y + _ROW * (len(rows) + 1.5), text, SMALL, canvas.paper.muted)

    def _widths(self, canvas: Canvas, rows: Sequence[Sequence[str]], room: float) -> list[float]:
        """Each column as wide as its widest text; all shrunk alike where that is too much, stretched where less."""
        wanted = [
            max(canvas.width_of(text, SMALL) for text in column) + 14 for column in zip(self.head, *rows, strict=True)
        ]
        return [width * room / sum(wanted) for width in wanted]

    def _row(
        self, canvas: Canvas, box: Box, y: float, texts: Sequence[str], widths: Sequence[float], colour: str
    ) -> None:
        x = box.x
        for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
            shown = canvas.fit(text, width - 8, SMALL)
            if place in self.numeric:
                canvas.text(x + width - 8, y, shown, SMALL, colour, "right")
            else:
                canvas.text(x, y, shown, SMALL, colour)
            x += width
