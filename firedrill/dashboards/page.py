"""All dashboards on one HTML page that needs nothing else: styles, charts and numbers are in it.

Each chart stands in it twice, drawn for a wide panel and for a phone, because text that is scaled down cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from firedrill.charts import Bars, Lines, Stat, StateTimeline, Table, css, svg
from firedrill.dashboards.draw import Drawing
from firedrill.dashboards.model import Dashboard, Panel

COLUMN, ROW, GAP = 57.0, 38.0, 8.0
"""A unit of the grid in pixels, the gap between panels in it."""
_PADDING, _HEAD = 12.0, 56.0
_PHONE = 336.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel and what stands in it: a chart, or a sentence (`failed`: because something is wrong)."""

    panel: Panel
    drawing: Drawing | str
    failed: bool = False


def page(boards: Sequence[tuple[Dashboard, Sequence[Drawn]]], under: str, summary: Sequence[str]) -> str:
    """The page. `under` says what is shown and when, `summary` what is missing."""
    style = resources.files("firedrill.dashboards").joinpath("page.css").read_text(encoding="utf-8")
    links = "".join(f'<a href="#{escape(board.uid)}">{escape(_short(board))}</a>' for board, _ in boards)
    told = "".join(f"<li>{escape(line)}</li>" for line in summary)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>mm-bot dashboards</title><link rel="icon" href="data:,"><style>{css()}{style}</style></head><body>'
        f"<nav><b>mm-bot</b>{links}</nav><main><p>{escape(under)}</p><ul>{told}</ul>"
        f"{''.join(_board(board, drawn) for board, drawn in boards)}</main></body></html>\n"
    )


def _short(board: Dashboard) -> str:
    return board.title.rpartition(": ")[2].capitalize()


def _board(board: Dashboard, drawn: Sequence[Drawn]) -> str:
    panels = "".join(_panel(board, one) for one in drawn)
    return (
        f'<section id="{escape(board.uid)}"><h2>{escape(_short(board))}</h2><p>{escape(board.text)}</p>'
        f'<div class="grid">{panels}</div></section>'
    )


def _panel(board: Dashboard, one: Drawn) -> str:
    panel = one.panel
    place = f"grid-column:{panel.x + 1}/span {panel.width};grid-row:{panel.y + 1}/span {panel.height}"
    text, _, runbook = panel.text.partition("\n\n")
    whole = f"{text} {runbook}".strip()
    return (
        f'<article class="kind-{escape(panel.kind)}" style="{place}"><h3>{escape(panel.title)}</h3>'
        f'<p title="{escape(whole)}">{escape(text)}</p><div class="body">{_body(board, one)}</div></article>'
    )


def _body(board: Dashboard, one: Drawn) -> str:
    if isinstance(one.drawing, str):
        return f'<p class="{"failed" if one.failed else "empty"}">{escape(one.drawing)}</p>'
    if isinstance(one.drawing, Stat | Table):
        return one.drawing.html()
    salt = f"{board.uid}-{one.panel.id}"
    width = one.panel.width * COLUMN - GAP - 2 * _PADDING
    height = one.panel.height * ROW - GAP - _HEAD - _PADDING
    wide = svg(one.drawing, width, height, f"{salt}-wide")
    narrow = svg(one.drawing, _PHONE, _phone_height(one.drawing), f"{salt}-narrow")
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'


def _phone_height(drawing: Drawing) -> float:
    if isinstance(drawing, Bars):
        return max(40.0, 22.0 * len(drawing.series))
    if isinstance(drawing, Lines):
        return 190.0 + 18.0 * len(drawing.series)
    if isinstance(drawing, StateTimeline):
        return 50.0 + 40.0 * len(drawing.series)
    return 200.0
