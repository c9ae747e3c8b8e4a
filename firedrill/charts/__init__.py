"""Charts of log numbers: values in, SVG text, PNG bytes or HTML out; the same bytes for the same values.

`lines`, `bars`, `state_timeline`, `stat` and `table` hold what is shown, `canvas` draws it by matplotlib, which only an
operator's machine has: it is imported when something is drawn. Knows no store, no query and no dashboard.
"""

from __future__ import annotations

from firedrill.charts.bars import Bars
from firedrill.charts.canvas import Box, Canvas, Chart, ChartError, Placed, png, sheet, svg
from firedrill.charts.lines import Lines, Mark
from firedrill.charts.named import Named, named
from firedrill.charts.stat import Reading, Stat
from firedrill.charts.state_timeline import StateTimeline
from firedrill.charts.style import Grade, colours, css
from firedrill.charts.table import Table
from firedrill.charts.units import number

__all__ = [
    "Bars",
    "Box",
    "Canvas",
    "Chart",
    "ChartError",
    "Grade",
    "Lines",
    "Mark",
    "Named",
    "Placed",
    "Reading",
    "Stat",
    "StateTimeline",
    "Table",
    "colours",
    "css",
    "named",
    "number",
    "png",
    "sheet",
    "svg",
]
