"""The report's page in a real browser: it can be read on a screen and on a phone, and asks nobody for anything."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from firedrill.charts.style import PALETTE
from firedrill.report.command import command
from firedrill.report.plots import PLOTS
from tests.browser import View, chromium, look
from tests.day import GOOD, Day
from tests.firedrill.report.logs import EVENTFUL

SCRIPT = Path(__file__).with_name("look.js").read_text()
VIEWS = (View("laptop", 1366, 768), View("dark", 1366, 768, dark=True), View("phone", 390, 844))
VERDICTS = {"good": "green", "eventful": "amber"}
LEGIBLE = 10.0
"""Height of a line of text in pixels."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name, fault in (("good", GOOD), ("eventful", EVENTFUL)):
        folder = tmp_path_factory.mktemp(name)
        day = Day(seconds=6 * 3600, fault=fault, at=12_000)
        found[name] = folder / "report.html"
        given = ["--files", day.write(folder), "--at", day.start + day.seconds, "--since", "6h", "--html", found[name]]
        assert CliRunner().invoke(command, [*map(str, given)]).exit_code == 0
    return found


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("name", VERDICTS)
def test_the_page_can_be_read(name: str, view: View, browser: str, pages: dict[str, Path]) -> None:
    address = pages[name].as_uri()
    seen = look(browser, address, view, SCRIPT)
    (pages[name].parent / f"{view.name}.png").write_bytes(seen.picture)
    assert seen.complaints == []
    assert [url for url in seen.requests if url != address and not url.startswith("data:")] == []
    found = seen.found
    assert found["wide"] <= 0
    assert found["escaped"] == []
    assert found["overlaps"] == []
    assert found["smallest"] >= LEGIBLE
    assert found["charts"] == len(PLOTS)
    assert {"mm-bot, last 6h", "Success metrics", "Daily analysis", "What ran"} <= set(found["headings"])
    assert found["verdicts"]["cb_activations"][0] == VERDICTS[name]
    _is_drawn(seen.picture, view)


def _is_drawn(picture: bytes, view: View) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    assert image.height > 1.5 * view.height, "the whole page is on it"
    colours = {pixel for _, pixel in image.getcolors(1 << 24) or ()}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in PALETTE[:4]} <= colours
    brightness = sum(image.resize((1, 1)).getpixel((0, 0)))  # type: ignore[arg-type]
    assert (brightness < 250) if view.dark else (brightness > 600)
