"""A sheet measured in pixels from its top left corner, drawn by matplotlib's object API and never by pyplot.

SVG comes out with text as text, and with the colours of `Paper` as CSS variables, so one picture suits a light and a
dark page. No date, no random id: the same chart gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from firedrill.charts.style import FONTS, LIGHT, ROLES, SMALL, TEXT, Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 72  # so that matplotlib's points are the sheet's pixels


class ChartError(Exception):
    """Nothing can be drawn: the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the sheet in pixels; (x, y) is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    def inset(self, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> Box:
        return Box(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


class Chart(Protocol):
    """Anything that can draw itself into a box."""

    def draw(self, canvas: Canvas, box: Box) -> None: ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A chart (or a sentence that says why there is none) under its title, in its box."""

    title: str
    chart: Chart | str
    box: Box


class Canvas:
    """A sheet of `width` x `height` pixels. ChartError where matplotlib is not installed."""

    def __init__(self, width: float, height: float, paper: Paper = LIGHT) -> None:
        self.width, self.height, self.paper = width, height, paper
        self.figure = _sheet(width, height)

    def axes(self, box: Box) -> Axes:
        """Bare axes that fill the box: no frame, no marks."""
        place = (box.x / self.width, 1 - (box.y + box.height) / self.height)
        axes = self.figure.add_axes((*place, box.width / self.width, box.height / self.height))
        axes.set_axis_off()
        return axes

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT,
        colour: str = "",
        align: Literal["left", "center", "right"] = "left",
        bold: bool = False,
        backed: bool = False,
    ) -> None:
        """One line of text whose middle is at height `y`; `backed` by the paper's colour where curves may pass."""
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            text.replace("$", r"\$"),
            fontsize=size,
            color=colour or self.paper.ink,
            ha=align,
            va="center_baseline",
            fontweight="bold" if bold else "normal",
            family=list(FONTS[:1]),
            bbox={"facecolor": self.paper.paper, "edgecolor": "none", "pad": 1.5} if backed else None,
        )

    def rectangle(self, box: Box, colour: str) -> None:
        """A filled rectangle, behind whatever axes hold and on top of earlier ones."""
        from matplotlib.patches import Rectangle

        corner = (box.x / self.width, 1 - (box.y + box.height) / self.height)
        size = (box.width / self.width, box.height / self.height)
        shape = Rectangle(
            corner, *size, facecolor=colour, edgecolor="none", transform=self.figure.transFigure, zorder=-1
        )
        self.figure.add_artist(shape)

    def width_of(self, text: str, size: float = TEXT, bold: bool = False) -> float:
        """Pixels that a line of text takes."""
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import text_to_path

        font = FontProperties(family=FONTS[0], size=size, weight="bold" if bold else "normal")
        return float(text_to_path.get_text_width_height_descent(text, font, False)[0])

    def fit(self, text: str, width: float, size: float = TEXT, bold: bool = False) -> str:
        """The text, its end cut off with an ellipsis where it is wider than `width`."""
        if self.width_of(text, size, bold) <= width:
            return text
        while text and self.width_of(f"{text}…", size, bold) > width:
            text = text[:-1]
        return f"{text}…"

    def png(self, scale: float) -> bytes:
        out = io.BytesIO()
        self.figure.savefig(
            out, format="png", dpi=_DPI * scale, facecolor=self.paper.paper, metadata={"Software": None}
        )
        return out.getvalue()

    def svg(self, salt: str) -> str:
        import matplotlib

        out = io.StringIO()
        with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none", "path.simplify": False}):
            self.figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        return _bare(out.getvalue(), self.paper)


def _sheet(width: float, height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ChartError(
            f"drawing needs {error.name}, which an operator's machine has and a bot host has not:"
            " run this where `make venv` was run, or pip install 'mmstack[operator]'"
        ) from None
    return Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)


def _bare(text: str, paper: Paper) -> str:
    """The <svg> element alone: no idle ids, tenths of pixels, colours as variables, fonts with fallbacks."""
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r'<g id="[^"]*"/>\s*', "", text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = re.sub(r"<[^>]+>", lambda tag: re.sub(r"(?<![#\w.])(\d+\.\d)\d+", r"\1", tag.group()), text)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg [^>]*?) width="[^"]*"| height="[0-9.]+pt"', lambda match: match.group(1) or "", text, count=2)
    for role in ROLES:
        text = text.replace(getattr(paper, role), f"var(--chart-{role},{getattr(paper, role)})")
    text = text.replace(f"'{FONTS[0]}'", ", ".join(f"'{font}'" for font in FONTS[:2]) + f", {FONTS[2]}")
    return re.sub(r"\n\s*", "\n", text)


def svg(chart: Chart, width: float, height: float, salt: str = "chart") -> str:
    """An <svg> element of that shape, as wide as what it stands in. Two on one page need different salts."""
    canvas = Canvas(width, height)
    chart.draw(canvas, Box(0, 0, width, height))
    return canvas.svg(salt)


def png(chart: Chart, width: float, height: float, scale: float = 2) -> bytes:
    """A PNG of `scale` times as many pixels."""
    canvas = Canvas(width, height)
    chart.draw(canvas, Box(0, 0, width, height))
    return canvas.png(scale)


def sheet(title: str, under: str, placed: Sequence[Placed], width: float, height: float, scale: float = 1.5) -> bytes:
    """A PNG of many charts below one headline; their boxes are counted from below that headline."""
    head = 64.0
    canvas = Canvas(width, height + head)
    canvas.text(16, 24, title, 18, bold=True)
    canvas.text(16, 48, canvas.fit(under, width - 32, SMALL), SMALL, canvas.paper.muted)
    for one in placed:
        box = one.box.inset()
        _frame(canvas, Box(box.x, box.y + head, box.width, box.height), one)
    return canvas.png(scale)


def _frame(canvas: Canvas, box: Box, one: Placed) -> None:
    canvas.rectangle(box, canvas.paper.grid)
    canvas.rectangle(box.inset(1, 1, 1, 1), canvas.paper.paper)
    canvas.text(box.x + 10, box.y + 15, canvas.fit(one.title, box.width - 20, TEXT, True), TEXT, bold=True)
    inner = box.inset(10, 30, 10, 8)
    if isinstance(one.chart, str):
        middle = (inner.x + inner.width / 2, inner.y + inner.height / 2)
        canvas.text(*middle, canvas.fit(one.chart, inner.width, SMALL), SMALL, canvas.paper.muted, "center")
    else:
        one.chart.draw(canvas, inner)
