"""Every panel's questions, asked of the files and of a real Loki about the same bad day: data, and the same data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboards import build
from firedrill.charts import Reading, Stat
from firedrill.dashboards.ask import Answered, Asker
from firedrill.dashboards.draw import drawing
from firedrill.dashboards.macros import Times
from firedrill.dashboards.model import Dashboard, Panel, load
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from tests.dashboards.conftest import LABELS
from tests.day import SECOND, START
from tests.real_loki import RealLoki

HOUR = 3600 * SECOND
WHOLE = Times(START * SECOND, START * SECOND + 24 * HOUR)
BUSY = Times(START * SECOND + 8 * HOUR, START * SECOND + 17 * HOUR)
"""The hours that hold nearly all of the day's faults."""
BOARDS = load(build.FOLDER)
PANELS = [(board, panel) for board in BOARDS for panel in board.panels]
NAMES = [f"{board.uid}/{panel.title}" for board, panel in PANELS]


@pytest.fixture(scope="module")
def whole(bad_store: Embedded) -> Asker:
    return Asker(bad_store, WHOLE)


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_a_panel_has_data_for_each_of_its_questions(board: Dashboard, panel: Panel, whole: Asker) -> None:
    answered = whole.answer(board, panel)
    assert answered.problem == ""
    assert [ref for ref, found in answered.series.items() if not found] == []
    assert not isinstance(drawing(answered, WHOLE), str)


def test_a_chosen_market_is_the_only_one_left(bad_store: Embedded) -> None:
    (orders,) = [board for board in BOARDS if board.uid == "mm-bot-orders"]
    (panel,) = [panel for panel in orders.panels if panel.title == "P95 latency by market"]
    found = Asker(bad_store, BUSY, {"market": "BTC"}).answer(orders, panel)
    assert [one.labels["market"] for one in found.series["A"]] == ["BTC"]
    assert Asker(bad_store, BUSY, {"host": "desk-2"}).answer(orders, panel).empty


def test_a_bot_that_fell_silent_shows_zero_in_red(bad_store: Embedded) -> None:
    """And not a hole: who looks at health must not have to know which hosts there should be."""
    (overview,) = [board for board in BOARDS if board.uid == "mm-bot-overview"]
    later = Times(WHOLE.start, WHOLE.end + 600 * SECOND)
    shown = drawing(Asker(bad_store, later).answer(overview, overview.panels[0]), later)
    assert shown == Stat([Reading("0", "desk-1", "bad")])


@pytest.fixture(scope="module")
def loki(real_loki: RealLoki, bad_file: Path) -> Loki:
    """The day's busy hours, with the labels a shipper gives them."""
    streams: dict[tuple[str, str], list[tuple[int, str]]] = {}
    last = START * SECOND
    for line in bad_file.read_text().splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if event:
            seconds, _, micros = line[6:].partition(",")[0].partition(".")
            last = int(seconds) * SECOND + int(micros) * 1000
        if last > BUSY.start - HOUR:
            streams.setdefault((event.get("level", ""), event.get("action", "")), []).append((last, line))
    labelled = [
        ({**LABELS, **({"level": level, "action": action} if action else {})}, lines)
        for (level, action), lines in streams.items()
    ]
    real_loki.push("dashboards", labelled)
    return Loki(real_loki.url, "dashboards")


def _shown(answered: Answered) -> dict[str, dict[tuple[tuple[str, str], ...], dict[int, float]]]:
    return {
        ref: {tuple(sorted(one.labels.items())): dict(one.points) for one in found}
        for ref, found in answered.series.items()
    }


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
def test_loki_answers_the_same(board: Dashboard, panel: Panel, loki: Loki, bad_store: Embedded) -> None:
    ours, theirs = (Asker(store, BUSY).answer(board, panel) for store in (bad_store, loki))
    assert theirs.problem == ""
    expected, found = _shown(theirs), _shown(ours)
    assert found.keys() == expected.keys()
    for ref, series in expected.items():
        assert found[ref].keys() == series.keys()
        for labels, points in series.items():
            assert found[ref][labels] == pytest.approx(points, rel=1e-12, nan_ok=True)
