"""A dashboard around its panels: its place on the grid, its variables, and the way to the other dashboards.

Grafana lists values of stream labels only (grafana/grafana#59297), so `host` is a list, and `market` and `venue`, which
are fields, take a regular expression. Only the events of a start and of the feed say their venue: a dashboard has the
variable only where its panels use it, and its label says what it filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.panels import SOURCE, Panel
from dashboards.sdk import dashboard, model

TAG = "mm-bot"
COLUMNS = 24
VARIABLES = ("host", "market", "venue")


@dataclass(frozen=True, slots=True)
class Board:
    """What a module of a dashboard says: rows of panels, each row as high as its highest panel."""

    uid: str
    title: str
    text: str
    rows: Sequence[Sequence[Panel]]

    def build(self) -> model.Dashboard:
        """The model of the SDK, with ids, places and the variables that its queries use.

        Numbers look at the whole day at every refresh, so it comes every 5 minutes only: alarms are what is quick.
        """
        board = dashboard.Dashboard(self.title).uid(self.uid).description(self.text).tags([TAG]).readonly()
        board.time("now-24h", "now").timezone("utc").refresh("5m").tooltip(model.DashboardCursorSync.CROSSHAIR)
        board.link(_others())
        panels = self._placed()
        asked = " ".join(str(target.expr) for panel in panels for target in panel.targets or ())  # type: ignore[attr-defined]
        for name in VARIABLES:
            if f"${name}" in asked:
                board.with_variable(_VARIABLES[name]())
        if any(panel.links for panel in panels):
            board.with_variable(_runbooks())
        built = board.build()
        built.panels = list(panels)
        for link in (*(built.links or ()), *(link for panel in panels for link in panel.links or ())):
            link.placement = None  # the SDK's only value hides the link in a menu
        return built

    def _placed(self) -> list[model.Panel]:
        placed: list[model.Panel] = []
        y = 0
        for row in self.rows:
            x = height = 0
            for panel in row:
                one = panel.build()
                assert one.grid_pos is not None
                one.id_val = len(placed) + 1
                one.grid_pos.x, one.grid_pos.y = x, y
                x += one.grid_pos.w
                height = max(height, one.grid_pos.h)
                placed.append(one)
            if x > COLUMNS:
                raise ValueError(f"{self.uid}: the row of {row[0].build().title!r} is {x} columns wide, not {COLUMNS}")
            y += height
        return placed


def _others() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("mm-bot").type(model.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).include_vars(True).keep_time(True)


def _host() -> dashboard.QueryVariable:
    everything = model.VariableOption(selected=True, text=["All"], value=["$__all"])
    asked: dict[str, object] = {"label": "host", "stream": '{job="bot"}', "type": 1, "refId": "hosts"}
    variable = dashboard.QueryVariable("host").label("host").query(asked).datasource(SOURCE).multi(True)
    variable.description("Hosts whose lines are shown.").include_all(True).all_value(".*").current(everything)
    return variable.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(model.VariableSort.ALPHABETICAL_ASC)


def _market() -> dashboard.TextBoxVariable:
    text = "Regular expression on the market, BTC|ETH or NHL-.*; panels about no market are not filtered."
    return _pattern("market", "market", text)


def _venue() -> dashboard.TextBoxVariable:
    text = "Regular expression on the venue. Only starts and the feed's events name it: a bot trades on one venue."
    return _pattern("venue", "venue (starts and feed)", text)


def _pattern(name: str, label: str, text: str) -> dashboard.TextBoxVariable:
    every = ".*"
    variable = dashboard.TextBoxVariable(name).label(label).description(text).default_value(every)
    return variable.current(model.VariableOption(selected=True, text=every, value=every))


class _Hidden(dashboard.ConstantVariable):
    """A constant that is neither shown nor carried along in addresses; the SDK's builder can say neither."""

    def build(self) -> model.VariableModel:
        built = super().build()
        built.hide, built.skip_url_sync = model.VariableHide.HIDE_VARIABLE, True
        return built


def _runbooks() -> dashboard.ConstantVariable:
    return _Hidden("runbooks").value("")


_VARIABLES = {"host": _host, "market": _market, "venue": _venue}
