"""Dashboards drawn to a folder: index.html with all of them, and a PNG for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from firedrill.charts import Box, Placed, sheet
from firedrill.dashboards.ask import Asker
from firedrill.dashboards.draw import drawing
from firedrill.dashboards.model import Dashboard
from firedrill.dashboards.page import COLUMN, GAP, ROW, Drawn, page
from firedrill.logql.syntax import SECOND

_MARGIN = 16.0


@dataclass(slots=True)
class Outcome:
    """How many panels were drawn, and the names of those that have no data or failed."""

    panels: int = 0
    empty: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """Whether no panel shows anything."""
        return len(self.empty) + len(self.failed) == self.panels

    def lines(self) -> list[str]:
        """What a reader must know, most urgent last."""
        shown = self.panels - len(self.empty) - len(self.failed)
        found = [f"{shown} of {self.panels} panels have data"]
        found += [f"no data: {', '.join(self.empty)}"] if self.empty else []
        return found + [f"FAILED: {text}" for text in self.failed]


def preview(
    boards: Sequence[Dashboard], asker: Asker, folder: Path, where: str, progress: Callable[[str], None]
) -> Outcome:
    """Writes the files; `where` says where the answers came from, `progress` hears of each dashboard."""
    outcome, drawn = Outcome(), []
    progress("reading the logs")
    asker.read_once(boards)
    for board in boards:
        progress(f"{board.uid}: {len(board.panels)} panels")
        drawn.append((board, list(_drawn(board, asker, outcome))))
    under = f"{_clock(asker.times.start)} to {_clock(asker.times.end)} UTC · {where}"
    folder.mkdir(parents=True, exist_ok=True)
    progress("drawing")
    (folder / "index.html").write_text(page(drawn, under, outcome.lines()), encoding="utf-8")
    for board, panels in drawn:
        (folder / f"{board.uid}.png").write_bytes(_picture(board, panels, under))
    return outcome


def _drawn(board: Dashboard, asker: Asker, outcome: Outcome) -> Iterator[Drawn]:
    for panel in board.panels:
        answered = asker.answer(board, panel)
        chart = drawing(answered, asker.times)
        name = f"{board.uid} / {panel.title}"
        outcome.panels += 1
        failed = isinstance(chart, str) and not (answered.empty and not answered.problem)
        if failed:
            outcome.failed.append(f"{name}: {chart}")
        elif answered.empty:
            outcome.empty.append(name)
        yield Drawn(panel, chart, failed)


def _picture(board: Dashboard, drawn: Sequence[Drawn], under: str) -> bytes:
    placed = []
    for one in drawn:
        x, y = _MARGIN + one.panel.x * COLUMN, one.panel.y * ROW
        box = Box(x, y, one.panel.width * COLUMN - GAP, one.panel.height * ROW - GAP)
        placed.append(Placed(one.panel.title, one.drawing, box))
    width = 24 * COLUMN + 2 * _MARGIN - GAP
    height = max(one.box.y + one.box.height for one in placed) + _MARGIN
    return sheet(board.title, under, placed, width, height)


def _clock(nanoseconds: int) -> str:
    return f"{datetime.fromtimestamp(nanoseconds / SECOND, UTC):%Y-%m-%d %H:%M}"
