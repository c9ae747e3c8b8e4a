"""`firedrill dashboards preview` as an operator types it: what it writes, says, and exits with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firedrill.dashboards.command import command
from tests.firedrill.dashboards.boards import board, panel, written
from tests.firedrill.store.logs import NOW, Log, line
from tests.firedrill.store.servers import store_at

COUNT = 'count_over_time({job="bot", action="a"} [$__auto])'
NOTHING = 'count_over_time({job="bot", action="b"} [$__auto])'


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path, *(line(at, action="a", market="BTC") for at in range(0, 600, 10)))


def previewed(log: Log, folder: Path, *more: str) -> Result:
    asked = ["--out", folder / "out", "--files", log.path, "--end", NOW + 600, "--since", "10m", "--dashboards", folder]
    return CliRunner().invoke(command, ["preview", *map(str, asked), *more])


def _boards(folder: Path, *queries: str) -> Path:
    panels = [panel("timeseries", query) | {"id": n, "title": f"P{n}"} for n, query in enumerate(queries)]
    return written(folder, board(*panels))


def test_a_page_and_a_picture_are_written(log: Log, tmp_path: Path) -> None:
    done = previewed(log, _boards(tmp_path, COUNT))
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path}/out/index.html\n"
    assert done.stderr.splitlines() == ["reading the logs", "b: 1 panels", "drawing", "1 of 1 panels have data"]
    page = (tmp_path / "out/index.html").read_text()
    assert "<h3>P0</h3>" in page
    assert "2026-01-01 00:00 to 2026-01-01 00:10 UTC" in page
    assert (tmp_path / "out/b.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_log_gives_the_same_bytes(log: Log, tmp_path: Path) -> None:
    pairs = []
    for _ in range(2):
        previewed(log, _boards(tmp_path, COUNT))
        pairs.append(((tmp_path / "out/index.html").read_bytes(), (tmp_path / "out/b.png").read_bytes()))
    assert pairs[0] == pairs[1]


def test_a_panel_without_data_says_so_and_is_no_failure(log: Log, tmp_path: Path) -> None:
    done = previewed(log, _boards(tmp_path, COUNT, NOTHING))
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-2:] == ["1 of 2 panels have data", "no data: b / P1"]
    page = (tmp_path / "out/index.html").read_text()
    assert '<p class="empty">no data in this time</p>' in page


def test_a_panel_that_fails_says_why_there_and_in_the_exit_code(log: Log, tmp_path: Path) -> None:
    done = previewed(log, _boards(tmp_path, COUNT, "sum(", 'count_over_time({job="bot"} [$nothing])'))
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("FAILED: b / P2: $nothing is neither")
    assert "1 of 3 panels have data" in done.stderr
    assert (tmp_path / "out/index.html").read_text().count('<p class="failed">') == 2


def test_nothing_at_all_is_a_failure(log: Log, tmp_path: Path) -> None:
    assert previewed(log, _boards(tmp_path, NOTHING)).exit_code == 1


def test_text_of_a_dashboard_is_no_html(log: Log, tmp_path: Path) -> None:
    one = panel("timeseries", COUNT) | {"title": "<script>", "description": '"><b>'}
    previewed(log, written(tmp_path, board(one)))
    page = (tmp_path / "out/index.html").read_text()
    assert "<script>" not in page
    assert '"><b>' not in page


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--since", "soon"), 2, "soon"),
        (("--var", "market"), 2, "write name=value"),
        (("--loki", "http://127.0.0.1:1"), 2, "exclude each other"),
        (("--files", "/nowhere/*"), 0, ""),
        (("--dashboards", "/nowhere"), 1, "give --dashboards DIR"),
    ],
)
def test_a_wrong_option_is_told(log: Log, tmp_path: Path, more: tuple[str, ...], code: int, message: str) -> None:
    done = previewed(log, _boards(tmp_path, COUNT), *more)
    assert done.exit_code == code, done.output
    assert message in done.output


def test_a_store_over_http_answers_as_the_files_do(log: Log, tmp_path: Path) -> None:
    folder = _boards(tmp_path, COUNT, NOTHING)
    with store_at(tmp_path) as (url, _):
        asked = ["--out", tmp_path / "http", "--loki", url, "--end", NOW + 600, "--since", "10m"]
        done = CliRunner().invoke(command, ["preview", *map(str, asked), "--dashboards", str(folder)])
    assert done.exit_code == 0, done.output
    previewed(log, folder, "--labels", "job=bot,host=h")
    theirs, ours = ((tmp_path / name / "index.html").read_text() for name in ("http", "out"))
    assert theirs.replace(url, str(log.path)) == ours


def test_where_nothing_can_be_drawn_nothing_is_asked(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = previewed(log, _boards(tmp_path, "sum("))
    assert done.exit_code == 1
    assert "drawing needs matplotlib" in done.stderr
    assert "panels" not in done.stderr


def test_help_teaches_by_example() -> None:
    text = CliRunner().invoke(command, ["preview", "--help"]).output
    assert "firedrill dashboards preview --out shots --loki" in text
    assert "Exits 0 when" in text
