"""The preview in a real browser: every panel is there to be read, and the page asks nobody for anything."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from firedrill.charts.style import PALETTE
from firedrill.dashboards.command import command
from firedrill.dashboards.model import load
from tests.browser import Seen, View, chromium, look
from tests.dashboards.days import bad_day, good_day
from tests.day import Day

REPOSITORY = Path(__file__).resolve().parents[3]
BOARDS = load(REPOSITORY / "dashboards/json")
TITLES = {f"{board.uid}/{panel.title}" for board in BOARDS for panel in board.panels}
CHARTS = sum(panel.kind in ("timeseries", "bargauge", "state-timeline") for board in BOARDS for panel in board.panels)
SCRIPT = Path(__file__).with_name("look.js").read_text()
LAPTOP, PHONE = View("laptop", 1366, 768), View("phone", 390, 844)
DARK, LARGE = View("dark", 1366, 768, dark=True), View("large", 2560, 1440)
LEGIBLE = 10.0
"""Height of a line of text in pixels: 9-pixel letters with what is below them."""


@dataclass(frozen=True, slots=True)
class Previewed:
    folder: Path
    said: str


def _previewed(day: Day, folder: Path) -> Previewed:
    written, out = day.write(folder), folder / "out"
    asked = ["--out", out, "--files", written, "--labels", "job=bot,host=desk-1", "--end", "2026-01-03"]
    done = CliRunner().invoke(command, ["preview", *map(str, asked), "--dashboards", f"{REPOSITORY}/dashboards/json"])
    assert done.exit_code == 0, done.output
    return Previewed(out, done.stderr)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Previewed]:
    return {
        name: _previewed(made(), tmp_path_factory.mktemp(name)) for name, made in (("good", good_day), ("bad", bad_day))
    }


@pytest.fixture(scope="module")
def see(tmp_path_factory: pytest.TempPathFactory, days: dict[str, Previewed]) -> Iterator[Callable[[str, View], Seen]]:
    known: dict[tuple[str, View], Seen] = {}
    with chromium(tmp_path_factory.mktemp("chromium")) as address:

        def seen(day: str, view: View) -> Seen:
            if (day, view) not in known:
                folder = days[day].folder
                known[day, view] = look(address, (folder / "index.html").as_uri(), view, SCRIPT)
                (folder / f"{view.name}.png").write_bytes(known[day, view].picture)
            return known[day, view]

        yield seen


LOOKS = [
    pytest.param(day, view, id=f"{day}-{view.name}")
    for day, views in (("good", (LAPTOP, PHONE)), ("bad", (LAPTOP, DARK, PHONE, LARGE)))
    for view in views
]


@pytest.mark.parametrize(("day", "view"), LOOKS)
def test_nothing_is_asked_for_and_nothing_is_complained_of(
    day: str, view: View, see: Callable[[str, View], Seen], days: dict[str, Previewed]
) -> None:
    seen = see(day, view)
    assert seen.complaints == []
    own = (days[day].folder / "index.html").as_uri()
    assert [url for url in seen.requests if url != own and not url.startswith("data:")] == []


@pytest.mark.parametrize(("day", "view"), LOOKS)
def test_every_panel_shows_its_title_and_its_chart(day: str, view: View, see: Callable[[str, View], Seen]) -> None:
    found = see(day, view).found
    assert set(found["titles"]) == TITLES
    assert len(found["titles"]) == len(TITLES)
    assert found["charts"] == CHARTS
    assert found["links"] == [True] * len(BOARDS)


@pytest.mark.parametrize(("day", "view"), LOOKS)
def test_nothing_overflows_overlaps_or_is_too_small(day: str, view: View, see: Callable[[str, View], Seen]) -> None:
    found = see(day, view).found
    assert found["wide"] <= 0
    assert found["escaped"] == []
    assert found["cut"] == []
    assert found["overlaps"] == []
    assert found["smallest"] >= LEGIBLE


@pytest.mark.parametrize(("day", "view"), LOOKS)
def test_the_picture_is_not_blank_and_heeds_the_readers_wish(
    day: str, view: View, see: Callable[[str, View], Seen]
) -> None:
    picture = Image.open(io.BytesIO(see(day, view).picture)).convert("RGB")
    assert picture.height > 3 * view.height, "the whole page is on it"
    colours = {pixel for _, pixel in picture.getcolors(1 << 24) or ()}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in PALETTE[:4]} <= colours
    brightness = sum(picture.resize((1, 1)).getpixel((0, 0)))  # type: ignore[arg-type]
    assert (brightness < 200) if view.dark else (brightness > 600)


@pytest.mark.parametrize("day", ["good", "bad"])
def test_each_dashboard_has_its_picture(day: str, days: dict[str, Previewed]) -> None:
    for board in BOARDS:
        picture = Image.open(days[day].folder / f"{board.uid}.png").convert("RGB")
        assert picture.width > 1800
        drawn = sum(times for times, pixel in picture.getcolors(1 << 24) or () if max(pixel) - min(pixel) > 60)
        assert drawn > 4000, f"{board.uid}: hardly a coloured pixel"


@pytest.mark.parametrize("day", ["good", "bad"])
def test_progress_and_summary_are_told(day: str, days: dict[str, Previewed]) -> None:
    lines = days[day].said.splitlines()
    assert lines[:2] == ["reading the logs", "mm-bot-overview: 13 panels"]
    assert lines[-1] == f"{len(TITLES)} of {len(TITLES)} panels have data"


BROKEN = """<!doctype html><body><nav><a href="#nowhere">x</a></nav><section id="s">
<article style="width:100px;height:80px;overflow:hidden"><h3>Bad</h3>
<div class="body" style="height:20px;overflow:auto">
<svg width="300" height="60"><text x="1" y="20" font-size="5">one text</text><text x="4" y="20">another</text></svg>
<div style="height:400px"></div></div></article><div style="width:5000px">wide</div></section>
<img src="http://127.0.0.1:1/x.png"><script>console.error("oh"); throw new Error("no")</script>"""


def test_the_eye_sees_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    page.write_text(BROKEN)
    with chromium(tmp_path / "profile") as address:
        seen = look(address, page.as_uri(), LAPTOP, SCRIPT)
    assert len(seen.complaints) >= 3, "the console, the exception and the picture that did not come"
    assert "http://127.0.0.1:1/x.png" in seen.requests
    assert seen.found["wide"] > 3000
    assert seen.found["escaped"]
    assert seen.found["cut"] == ["Bad"]
    assert seen.found["overlaps"] == ["Bad: one text | another"]
    assert seen.found["smallest"] < LEGIBLE
    assert seen.found["links"] == [False]
