"""From Grafana's JSON over a store's answer to a chart, a panel at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firedrill.charts import Bars, Lines, Reading, Stat, StateTimeline, Table
from firedrill.dashboards.ask import Asker
from firedrill.dashboards.draw import Drawing, drawing
from firedrill.dashboards.macros import Times, UnknownVariable, filled
from firedrill.dashboards.model import DashboardError, load
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.store.store import Series, StoreError
from tests.firedrill.dashboards.boards import END, START, Told, board, panel, told, written

HOUR, DAY = Times(START, END), Times(0, 86_400 * SECOND)
GOOD, BAD = "#009e73", "#d55e00"
STEPS = {"thresholds": {"steps": [{"value": None, "color": GOOD}, {"value": 5, "color": BAD}]}}


def drawn(folder: Path, store: Told, one: dict[str, Any], **variables: str) -> Drawing | str:
    (found,) = load(written(folder, board(one)))
    return drawing(Asker(store, HOUR, variables).answer(found, found.panels[0]), HOUR)


@pytest.mark.parametrize(
    ("query", "instant", "text"),
    [
        ("x [$__range]", True, "x [86400s]"),
        ("x [$__auto]", True, "x [86400s]"),
        ("x [$__auto]", False, "x [300s]"),
        ("x [${__interval}] $__interval_ms $__range_s", False, "x [300s] 300000 86400"),
        ('{host=~"$host"} [[host]] ${host:regex}', False, '{host=~"h.+"} h.+ h.+'),
        ("no variable", False, "no variable"),
    ],
)
def test_macros_and_variables_are_filled_in(query: str, instant: bool, text: str) -> None:
    assert filled(query, {"host": "h.+"}, DAY, 300 * SECOND, instant) == text


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(UnknownVariable, match=r"\$marked is neither"):
        filled("$marked", {"market": "x"}, DAY, SECOND, True)


@pytest.mark.parametrize(
    ("seconds", "points", "least", "step"),
    [(86_400, 300, 0, 300), (3600, 300, 60, 60), (3600, 300, 0, 10), (604_800, 300, 0, 1800), (10, 300, 0, 1)],
)
def test_the_distance_of_points_is_grafanas(seconds: int, points: int, least: int, step: int) -> None:
    assert Times(0, seconds * SECOND).step(points, least * SECOND) == step * SECOND


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ({"name": "v", "type": "query", "includeAll": True, "allValue": ".+"}, ".+"),
        ({"name": "v", "type": "query", "includeAll": True}, ".*"),
        ({"name": "v", "type": "textbox", "query": "BTC"}, "BTC"),
        ({"name": "v", "type": "custom", "current": {"value": "x"}}, "x"),
    ],
)
def test_a_variable_has_the_value_that_grafana_starts_with(tmp_path: Path, variable: Any, value: str) -> None:
    (found,) = load(written(tmp_path, board(panel(), variables=[variable])))
    assert found.variables == {"v": value}


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"uid": "u", "title": "t", "panels": [{"id": 1}]}'])
def test_a_file_that_is_no_dashboard_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text)
    with pytest.raises(DashboardError, match=r"odd\.json is no dashboard"):
        load(tmp_path)


def test_a_folder_without_dashboards_is_told(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match="give --dashboards DIR"):
        load(tmp_path)


def test_numbers_have_units_names_and_grades(tmp_path: Path) -> None:
    found = drawn(tmp_path, Told(told(BTC=3.0, ETH=8.0)), panel(unit="ms", defaults=STEPS))
    assert found == Stat([Reading("3 ms", "market=BTC", "good"), Reading("8 ms", "market=ETH", "bad")])


def test_words_stand_for_values(tmp_path: Path) -> None:
    words = {"mappings": [{"type": "value", "options": {"3": {"text": "OFF", "color": BAD}}}]}
    assert drawn(tmp_path, Told(told(BTC=3.0)), panel(defaults=words)) == Stat([Reading("OFF", "", "bad")])


def test_a_name_can_be_what_is_told(tmp_path: Path) -> None:
    named = panel(options={"textMode": "name"})
    named["targets"][0]["legendFormat"] = "{{market}}"
    assert drawn(tmp_path, Told(told(BTC=3.0)), named) == Stat([Reading("BTC")])


def test_too_many_numbers_are_counted(tmp_path: Path) -> None:
    found = drawn(tmp_path, Told(told(**{f"m{place}": 1.0 for place in range(9)})), panel())
    assert isinstance(found, Stat)
    assert len(found.readings) == 6
    assert found.readings[-1] == Reading("+4", "more")


def test_lines_leave_out_the_time_before_and_put_zeros_last(tmp_path: Path) -> None:
    custom = {"custom": {"drawStyle": "bars", "stacking": {"mode": "normal"}, "thresholdsStyle": {"mode": "dashed"}}}
    found = drawn(tmp_path, Told(told(BTC=0.0, ETH=2.0)), panel("timeseries", defaults={**STEPS, **custom}))
    assert isinstance(found, Lines)
    assert [one.name for one in found.series] == ["market=ETH", "market=BTC"]
    assert [at for at, _ in found.series[0].points] == [(START + END) // 2, END]
    assert (found.shown, found.stacked, found.held) == ("bars", True, False)
    assert [(mark.value, mark.grade) for mark in found.marks] == [(5, "bad")]


def test_a_zero_that_stands_in_for_others_leaves_when_they_come(tmp_path: Path) -> None:
    store = Told((Series({}, ((END, 0.0),)),))
    one = panel("bargauge")
    one["targets"][0]["legendFormat"] = "none{{market}}"
    found = drawn(tmp_path, store, one)
    assert isinstance(found, Bars)
    assert [bar.name for bar in found.series] == ["none"]
    store.series = (*store.series, *told(BTC=2.0))
    found = drawn(tmp_path, store, one)
    assert isinstance(found, Bars)
    assert [bar.name for bar in found.series] == ["noneBTC"]


def test_bars_and_states_are_drawn_from_the_same_answer(tmp_path: Path) -> None:
    assert isinstance(drawn(tmp_path, Told(told(BTC=3.0)), panel("bargauge")), Bars)
    words = {"mappings": [{"type": "value", "options": {"3": {"text": "long", "color": GOOD}}}]}
    found = drawn(tmp_path, Told(told(BTC=3.0)), panel("state-timeline", defaults=words))
    assert isinstance(found, StateTimeline)
    assert (found.words, found.shades) == ({3.0: "long"}, {3.0: GOOD})


def test_a_table_joins_its_questions_by_labels_renames_and_sorts(tmp_path: Path) -> None:
    options = {"renameByName": {"Value #A": "rank"}, "indexByName": {"market": 0}}
    table = panel(
        "table", "q1", transformations=[{"id": "organize", "options": options}],
        options={"sortBy": [{"displayName": "rank", "desc": True}]},
    )  # fmt: skip
    assert drawn(tmp_path, Told(told(BTC=1.0, ETH=2.0)), table) == Table(
        ["market", "rank"], [["ETH", "2"], ["BTC", "1"]], frozenset({1})
    )


def test_a_kind_that_cannot_be_drawn_says_so(tmp_path: Path) -> None:
    assert drawn(tmp_path, Told(told(BTC=1.0)), panel("piechart")) == "panels of the kind 'piechart' are not drawn here"


@pytest.mark.parametrize("error", [QueryError("bad query"), StoreError("it is down")])
def test_what_goes_wrong_stands_in_the_panel(tmp_path: Path, error: Exception) -> None:
    assert str(error) in str(drawn(tmp_path, Told(error=error), panel()))


def test_no_data_is_told(tmp_path: Path) -> None:
    assert drawn(tmp_path, Told(), panel()) == "no data in this time"


def test_a_question_is_asked_once_and_the_operators_variables_win(tmp_path: Path) -> None:
    store = Told(told(BTC=1.0))
    one = panel("stat", '{market=~"$market"}', '{market=~"$market"}')
    (found,) = load(written(tmp_path, board(one, variables=[{"name": "market", "type": "textbox", "query": ".*"}])))
    asker = Asker(store, HOUR, {"market": "BTC"})
    asker.answer(found, found.panels[0])
    asker.answer(found, found.panels[0])
    assert store.asked == ['{market=~"BTC"}']
