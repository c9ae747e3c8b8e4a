"""The chart of a panel, from what was answered to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from firedrill.charts import Bars, Lines, Mark, Named, Reading, Stat, StateTimeline, Table, named, number
from firedrill.charts.lines import Shown
from firedrill.charts.style import GRADES, Grade, shade_of
from firedrill.charts.units import KNOWN
from firedrill.dashboards.ask import Answered
from firedrill.dashboards.macros import Times
from firedrill.dashboards.model import Panel
from firedrill.store.store import Labels

Drawing = Lines | Bars | Stat | StateTimeline | Table
MOST = 6
"""Numbers that stand side by side; more are counted."""
NONE = "none"
"""What dashboards/queries.py calls the zero of a question about which nothing happened."""
_GRADE: dict[str, Grade] = {GRADES["good"]: "good", GRADES["warn"]: "warn", GRADES["bad"]: "bad"}


def drawing(answered: Answered, times: Times) -> Drawing | str:
    """The chart, or the sentence that stands in its place."""
    panel = answered.panel
    if answered.problem:
        return answered.problem
    if panel.kind not in _KINDS:
        return f"panels of the kind {panel.kind!r} are not drawn here"
    if answered.empty:
        return "no data in this time"
    return _KINDS[panel.kind](answered, times)


def _unit(panel: Panel) -> str:
    return panel.unit if panel.unit in KNOWN or panel.unit.startswith("suffix:") else "short"


def _named(answered: Answered) -> list[Named]:
    """The series under their names, those that are all zero last; a zero called none only stands in for others."""
    legends = {target.ref: target.legend for target in answered.panel.targets}
    found = [one for ref, series in answered.series.items() for one in named(series, legends[ref])]
    found.sort(key=_is_zero)
    others = [one for one in found if one.name != NONE or not _is_zero(one)]
    return others or found


def _is_zero(one: Named) -> bool:
    return not any(value for _, value in one.points)


def _stat(answered: Answered, _: Times) -> Stat:
    panel, found = answered.panel, _named(answered)
    readings = [_reading(panel, one, len(found) > 1) for one in found]
    if len(readings) > MOST:
        readings = [*readings[: MOST - 1], Reading(f"+{len(readings) - MOST + 1}", "more")]
    return Stat(readings)


def _reading(panel: Panel, one: Named, several: bool) -> Reading:
    if panel.options.get("textMode") == "name":
        return Reading(one.name)
    name = one.name if several or panel.targets[0].legend else ""
    if one.last in panel.words:
        text, colour = panel.words[one.last]
    else:
        text, colour = number(one.last, _unit(panel)), shade_of(one.last, panel.steps)
    return Reading(text, name, _GRADE.get(colour, "plain"))


def _lines(answered: Answered, times: Times) -> Lines:
    panel, custom = answered.panel, answered.panel.custom
    marked = custom.get("thresholdsStyle", {}).get("mode", "off") != "off"
    marks = [
        Mark(value, number(value, _unit(panel)), _GRADE.get(colour, "plain"))
        for value, colour in panel.steps
        if marked and value is not None
    ]
    shown: dict[str, Shown] = {"bars": "bars", "points": "points"}
    return Lines(
        _named(answered),
        times.start,
        times.end,
        answered.step,
        _unit(panel),
        shown.get(custom.get("drawStyle", "line"), "line"),
        stacked=custom.get("stacking", {}).get("mode", "none") == "normal",
        held=bool(custom.get("spanNulls")),
        told="sum" if "sum" in panel.options.get("legend", {}).get("calcs", ()) else "last",
        low=custom.get("axisSoftMin"),
        marks=marks,
    )


def _bars(answered: Answered, _: Times) -> Bars:
    return Bars(_named(answered), _unit(answered.panel), steps=answered.panel.steps)


def _states(answered: Answered, times: Times) -> StateTimeline:
    words = answered.panel.words
    return StateTimeline(
        _named(answered),
        times.start,
        times.end,
        answered.step,
        {value: text for value, (text, _) in words.items()},
        {value: colour for value, (_, colour) in words.items()},
    )


def _table(answered: Answered, _: Times) -> Table:
    """A row for each set of labels, a column for each target, as Grafana's transformations merge and organize make."""
    panel = answered.panel
    titles = {target.ref: f"Value #{target.ref}" for target in panel.targets}
    organized: Mapping[str, Any] = next(
        (one["options"] for one in panel.transformations if one["id"] == "organize"), {}
    )
    renamed = organized.get("renameByName", {})
    order = organized.get("indexByName", {})
    values: dict[_Key, dict[str, float]] = {}
    for ref, found in answered.series.items():
        for one in found:
            values.setdefault(tuple(sorted(one.labels.items())), {})[titles[ref]] = one.points[-1][1]
    keys = sorted({name for row in values for name, _ in row}, key=lambda name: (order.get(name, 99), name))
    rows = _sorted(values, panel, {renamed.get(title, title): title for title in titles.values()})
    texts = [
        [*_labels(dict(row), keys), *(_cell(found, title, panel) for title in titles.values())] for row, found in rows
    ]
    head = [*keys, *(renamed.get(title, title) for title in titles.values())]
    return Table(head, texts, frozenset(range(len(keys), len(head))))


_Key = tuple[tuple[str, str], ...]


def _sorted(
    values: Mapping[_Key, dict[str, float]], panel: Panel, by_name: Mapping[str, str]
) -> list[tuple[_Key, dict[str, float]]]:
    asked = panel.options.get("sortBy") or ()
    rows = sorted(values.items())
    if asked and asked[0]["displayName"] in by_name:
        title, down = by_name[asked[0]["displayName"]], bool(asked[0].get("desc"))
        rows.sort(key=lambda row: row[1].get(title, float("inf")), reverse=down)
    return rows


def _labels(row: Labels, keys: Sequence[str]) -> list[str]:
    return [row.get(name, "") for name in keys]


def _cell(found: dict[str, float], title: str, panel: Panel) -> str:
    value = found.get(title)
    return number(value, _unit(panel)) if value is not None and isfinite(value) else ""


_KINDS: dict[str, Callable[[Answered, Times], Drawing]] = {
    "stat": _stat,
    "timeseries": _lines,
    "bargauge": _bars,
    "state-timeline": _states,
    "table": _table,
}
