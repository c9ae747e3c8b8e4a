"""One reading of the logs for all panels answers what each panel would have been answered by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.dashboards.ask import Asker
from firedrill.dashboards.macros import Times
from firedrill.dashboards.model import load
from firedrill.logql.syntax import SECOND
from firedrill.store.embedded import Embedded
from tests.dashboards.days import HOUR, bad_day
from tests.day import START

BOARDS = load(Path(__file__).resolve().parents[3] / "dashboards/json")
TIMES = Times(START * SECOND, (START + HOUR) * SECOND)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    written = bad_day(HOUR).write(tmp_path_factory.mktemp("day"))
    return Embedded((str(written),), {"job": "bot", "host": "desk-1"})


def test_panels_are_answered_alike_together_and_one_by_one(store: Embedded) -> None:
    together, alone = Asker(store, TIMES), Asker(store, TIMES)
    together.read_once(BOARDS)
    assert len(together._known) > 60, "most questions fit into one reading"
    for board in BOARDS:
        for panel in board.panels:
            assert together.answer(board, panel) == alone.answer(board, panel), panel.title
    assert together._known == alone._known


def test_one_wrong_variable_spoils_only_its_own_panels(store: Embedded) -> None:
    asker = Asker(store, TIMES, {"market": "("})
    asker.read_once(BOARDS)
    answers = [asker.answer(board, panel) for board in BOARDS for panel in board.panels]
    assert any(one.problem for one in answers)
    assert any(not one.empty for one in answers)
