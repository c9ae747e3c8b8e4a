"""The report's plots: what they ask over time, and the charts of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from firedrill.charts import Chart, Lines, Mark, named
from firedrill.logql.syntax import SECOND
from firedrill.logql.text import print_duration
from firedrill.report.ask import Answers
from firedrill.report.period import Period
from firedrill.report.questions import HELD
from firedrill.report.success import METRICS

_STEPS = tuple(n * 60 * SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440))
_MOST_STEPS = 96


@dataclass(frozen=True, slots=True)
class Plot:
    """`query` with [$step] for the time between two samples; `legend` names a series by its labels.

    Bars are counts for each step, one on top of the other.
    """

    title: str
    query: str
    legend: str
    unit: str = "short"
    shown: Literal["line", "bars", "points"] = "bars"
    marks: tuple[Mark, ...] = ()


def _count(action: str, by: str = "market") -> str:
    lines = f'{{job="bot", action="{action}"}} | json {by}="{by}" | __error__=""'
    return f"sum by ({by}) (count_over_time({lines} [$step]))"


_EXITS = "|".join(action for action in HELD if "exit" in action)
_SHORT, _LONG = METRICS[0].green
PLOTS = {
    "orders": Plot("Orders sent", _count("quote_place"), "{{market}}"),
    "fills": Plot("Fills", _count("FILL"), "{{market}}"),
    "latency": Plot(
        "Time to an acknowledgement, 95th percentile",
        'quantile_over_time(0.95, {job="bot", action="order_ack"} | json market="market", latency_ms="latency_ms"'
        ' | __error__="" | unwrap latency_ms | __error__="" [$step]) by (market)',
        "{{market}}",
        "ms",
        "line",
    ),
    "rejects": Plot("Refused orders", _count("order_reject", "code"), "{{code}}"),
    "held": Plot(
        "How long positions were held at their exit",
        f'avg_over_time({{job="bot", action=~"{_EXITS}"}} | json market="market", age_s="age_s" | __error__=""'
        ' | unwrap age_s | __error__="" [$step]) by (market) / 60',
        "{{market}}",
        "suffix:min",
        "points",
        (Mark(_SHORT, f"{_SHORT} min", "good"), Mark(_LONG, f"{_LONG} min", "good")),
    ),
    "errors": Plot(
        "Lines of level warn and error",
        'sum by (level) (count_over_time({job="bot", level=~"warn|error"} [$step]))',
        "{{level}}",
    ),
}
"""In the order of the page."""


def step_of(period: Period) -> int:
    """Nanoseconds between two samples, round, so that the period has at most 96 of them."""
    return next((step for step in _STEPS if period.length / step <= _MOST_STEPS), period.length // _MOST_STEPS)


def plot_questions(period: Period) -> dict[str, str]:
    """The queries by the name of their plot."""
    step = print_duration(step_of(period))
    return {name: plot.query.replace("$step", step) for name, plot in PLOTS.items()}


def heading(name: str, period: Period) -> str:
    """A plot's title; a count is of some time."""
    plot = PLOTS[name]
    return f"{plot.title}, each {print_duration(step_of(period))}" if plot.shown == "bars" else plot.title


def charts(answers: Answers, period: Period) -> Mapping[str, Chart | None]:
    """The chart of each plot; None where nothing happened."""
    return {name: _chart(plot, answers, name, period) for name, plot in PLOTS.items()}


def _chart(plot: Plot, answers: Answers, name: str, period: Period) -> Chart | None:
    series = named(answers[name], plot.legend)
    if not series:
        return None
    step = step_of(period)
    return Lines(
        series,
        period.start,
        period.end,
        step,
        unit=plot.unit,
        shown=plot.shown,
        stacked=plot.shown == "bars",
        low=0.0,
        marks=plot.marks,
    )
