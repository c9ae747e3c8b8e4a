"""How panels look and what each must say: title, description, unit, the queries behind it, and its runbooks.

`Asked` is one query with its legend. Panels are built by grafana-foundation-sdk, which validates nothing: the tests do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.events import fields
from dashboards.sdk import bargauge, common, dashboard, kinds, loki, model, stat, statetimeline, table, timeseries

SOURCE = kinds.DataSourceRef(type_val="loki", uid="loki")
"""The data source by the uid that templates/grafana gives it."""
RUNBOOKS = "${runbooks}"
"""A hidden variable: where people read this repository, with a slash behind; the deploy sets it."""
POINTS = 300
"""Points of a chart at most: five minutes apart in a day."""

_UNITS = {
    "ms": "ms",
    "s": "s",
    "%": "percent",
    "MiB": "mbytes",
    "USD": "currencyUSD",
    "1/10000": "suffix: bps",
    "cents of the quote currency": "suffix: c",
    "standard deviations over the candidates": "suffix: SD",
}
COLOURS = {
    "good": "#009e73",
    "warn": "#e69f00",
    "bad": "#d55e00",
    "plain": "#0072b2",
    "long": "#0072b2",
    "short": "#cc79a7",
    "flat": "#8c8c8c",
}
"""The colours of `firedrill.charts`, so that Grafana and the preview look alike."""

Grade = Literal["good", "warn", "bad", "plain"]
Steps = Sequence[tuple[float | None, Grade]]
Panel = stat.Panel | timeseries.Panel | bargauge.Panel | table.Panel | statetimeline.Panel


def unit_of(action: str, name: str) -> str:
    """Grafana's name of the unit that `bot.events` gives a field; prices, sizes and counts are plain numbers.

    Raises KeyError for an event or field that is not there.
    """
    return _UNITS.get(fields(action)[name], "short")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query; `{{label}}` in the legend is filled in. `instant`: one value over the whole time, not one a point."""

    query: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What every panel says of itself; `runbooks` are paths in the repository, `width` and `height` grid units."""

    title: str
    text: str
    unit: str = "short"
    width: int = 12
    height: int = 8
    runbooks: Sequence[str] = ()
    steps: Steps = ()
    marked: bool = field(default=False, kw_only=True)

    @property
    def description(self) -> str:
        if not self.runbooks:
            return self.text
        return f"{self.text}\n\nRunbook: {', '.join(self.runbooks)}"


def number(about: About, *asked: Asked, words: Mapping[float, tuple[str, Grade]] | None = None) -> stat.Panel:
    """One value for each series over the whole time, large; `words` are told in place of values."""
    panel = stat.Panel().color_mode(kinds.BigValueColorMode.VALUE).graph_mode(kinds.BigValueGraphMode.NONE)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    panel.mappings(_mappings({value: (text, COLOURS[grade]) for value, (text, grade) in (words or {}).items()}))
    _common(panel, about, [Asked(one.query, one.legend, instant=True) for one in asked])
    return panel


def names(about: About, *asked: Asked) -> stat.Panel:
    """Like `number`, but the names of the series are what is told."""
    return number(about, *asked).text_mode(kinds.BigValueTextMode.NAME)


def lines(about: About, *asked: Asked, low: float | None = 0.0, sparse: bool = False) -> timeseries.Panel:
    """Values over time. `sparse`: they come rarely, so each holds until the next."""
    panel = timeseries.Panel().line_width(2).fill_opacity(0).show_points(kinds.VisibilityMode.AUTO)
    if low is not None:
        panel.axis_soft_min(low)
    if sparse:
        panel.span_nulls(True).line_interpolation(kinds.LineInterpolation.STEP_AFTER)
    return _over_time(panel, about, asked, "lastNotNull")


def columns(about: About, *asked: Asked) -> timeseries.Panel:
    """Counts over time, those of one point on top of each other."""
    panel = timeseries.Panel().draw_style(kinds.GraphDrawStyle.BARS).fill_opacity(100).line_width(0)
    panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A")).axis_soft_min(0)
    return _over_time(panel, about, asked, "sum")


def ranking(about: About, *asked: Asked) -> bargauge.Panel:
    """One bar for each series over the whole time."""
    panel = bargauge.Panel().orientation(kinds.VizOrientation.HORIZONTAL).min(0)
    panel.display_mode(kinds.BarGaugeDisplayMode.BASIC).show_unfilled(False)
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    _common(panel, about, [Asked(one.query, one.legend, instant=True) for one in asked])
    return panel


def states(about: About, *asked: Asked, words: Mapping[float, tuple[str, str]]) -> statetimeline.Panel:
    """A row for each series, coloured by its state; `words` gives each value its word and a name of `COLOURS`."""
    panel = statetimeline.Panel().show_value(kinds.VisibilityMode.AUTO).row_height(0.8).merge_values(True)
    panel.mappings(_mappings({value: (text, COLOURS[colour]) for value, (text, colour) in words.items()}))
    panel.interval("1m").max_data_points(POINTS)
    _common(panel, about, asked)
    return panel


def grid(about: About, columns: Mapping[str, str], key: Sequence[str], sort: str = "") -> table.Panel:
    """A row for each set of `key` labels, a column for each query of `columns`, by the column's title."""
    panel = table.Panel()
    asked = [Asked(query, instant=True) for query in columns.values()]
    titles = {f"Value #{chr(65 + place)}": title for place, title in enumerate(columns)}
    order = [*key, *titles]
    panel.transformations(
        [
            model.DataTransformerConfig(id_val="merge", options={}),
            model.DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "indexByName": {name: place for place, name in enumerate(order)},
                    "renameByName": titles,
                },
            ),
        ]
    )
    if sort:
        panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(False)])
    _common(panel, about, asked)
    return panel


def _over_time(panel: timeseries.Panel, about: About, asked: Sequence[Asked], told: str) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True).display_mode(kinds.LegendDisplayMode.LIST)
    panel.legend(legend.placement(kinds.LegendPlacement.BOTTOM).calcs([told]))
    panel.tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI))
    panel.interval("1m").max_data_points(POINTS)
    if about.marked:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED))
    _common(panel, about, asked)
    return panel


def _common(panel: Panel, about: About, asked: Sequence[Asked]) -> None:
    panel.title(about.title).description(about.description).unit(about.unit).datasource(SOURCE)
    panel.span(about.width).height(about.height)
    steps = [model.Threshold(value, COLOURS[grade]) for value, grade in about.steps or ((None, "plain"),)]
    panel.thresholds(dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps))
    if not isinstance(panel, timeseries.Panel):
        panel.color_scheme(dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
    panel.links([_runbook(path) for path in about.runbooks])
    for place, one in enumerate(asked):
        panel.with_target(_target(chr(65 + place), one))


def _target(ref: str, asked: Asked) -> loki.Dataquery:
    query = loki.Dataquery().ref_id(ref).expr(asked.query).datasource(SOURCE)
    if asked.legend:
        query.legend_format(asked.legend)
    return query.query_type("instant" if asked.instant else "range")


def _runbook(path: str) -> dashboard.DashboardLink:
    alert = path.rpartition("/")[2].removesuffix(".md")
    link = dashboard.DashboardLink(f"Runbook {alert}").type(model.DashboardLinkType.LINK)
    return link.url(f"{RUNBOOKS}{path}").target_blank(True)


def _mappings(words: Mapping[float, tuple[str, str]]) -> list[model.ValueMapping]:
    options = {
        f"{value:g}": model.ValueMappingResult(text, colour, index=place)
        for place, (value, (text, colour)) in enumerate(words.items())
    }
    return [model.ValueMap(options)] if options else []
