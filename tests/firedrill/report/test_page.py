"""The report's page: it stands alone, says what the text says, and is the same from files and from Loki."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firedrill.report.ask import ask, ask_over
from firedrill.report.command import command, drawn
from firedrill.report.figures import figures
from firedrill.report.period import Period
from firedrill.report.plots import PLOTS, heading, plot_questions, step_of
from firedrill.report.questions import questions
from firedrill.store.embedded import Embedded
from firedrill.store.loki import Loki
from tests.day import SECOND, Day
from tests.firedrill.report.logs import EVENTFUL, GAME, push
from tests.real_loki import RealLoki

DAY = Day(seconds=7200, fault=EVENTFUL, at=4000)
PERIOD = Period("2h", DAY.seconds * SECOND, (DAY.start + DAY.seconds) * SECOND)


class Words(HTMLParser):
    """The text of a page, and what its tags refer to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.refers: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.refers += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.said += [data.strip()] if data.strip() else []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    DAY.write(folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    result = report(folder, folder / "report.html")
    assert result.exit_code == 0, result.output
    return (folder / "report.html").read_text()


def report(folder: Path, target: Path) -> Result:
    given = ["--files", f"{folder}/*.jsonl", "--since", "2h", "--at", str(DAY.start + DAY.seconds)]
    return CliRunner().invoke(command, [*given, "--html", str(target)])


def test_the_page_needs_nothing_else(page: str) -> None:
    words = Words(page)
    assert words.open == []
    assert [address for address in words.refers if not address.startswith(("#", "data:"))] == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#|data:)", page) == []


def test_the_page_says_what_the_text_says(page: str) -> None:
    said = Words(page).said
    assert "mm-bot, last 2h" in said
    assert f"{PERIOD} · 1.4.0+abc1234" in said
    for name in ("avg_hold_time_min", "exits_in_sweet_spot", "cb_activations", "fills_in_zone", GAME, "E_TICK"):
        assert name in said
    assert any("E_TICK_total_last_2h=4\nE_TICK_by_pair_last_2h: BTC=1" in text for text in said)
    assert [heading(name, PERIOD) for name in PLOTS if heading(name, PERIOD) not in said] == []
    assert page.count("<svg") == 2 * len(PLOTS), "for a screen and for a phone"


def test_verdicts_are_coloured(page: str) -> None:
    assert '<td class="first warn">amber</td>' in page, "three trips of the breaker"


def test_a_name_in_the_log_is_text_and_no_markup(tmp_path: Path) -> None:
    lines = (line.replace(b'"BTC"', b'"<b>BTC&"') for line in DAY.lines())
    (tmp_path / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    assert report(tmp_path, tmp_path / "report.html").exit_code == 0
    text = (tmp_path / "report.html").read_text()
    assert "<b>BTC" not in text
    assert "&lt;b&gt;BTC&amp;" in text


def test_a_page_that_cannot_be_written_exits_2(folder: Path) -> None:
    result = report(folder, folder / "nowhere" / "report.html")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


def test_an_unhappy_page_leaves_the_old_one(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("yesterday")
    late = ["--files", f"{folder}/*.jsonl", "--at", "2026-03-01T00:00:00Z", "--html", str(target)]
    assert CliRunner().invoke(command, late).exit_code == 1
    assert target.read_text() == "yesterday"


@pytest.mark.parametrize("length", ["5m", "1h", "24h", "48h", "7d", "30d"])
def test_a_plot_has_between_one_and_96_steps(length: str) -> None:
    period = Period.read(length, "now", 0)
    assert 1 <= period.length / step_of(period) <= 96


def test_files_and_loki_give_the_same_page(folder: Path, tmp_path: Path, real_loki: RealLoki) -> None:
    tenant = f"page-{tmp_path.name}"
    push(real_loki, tenant, DAY.lines())
    files, loki = Embedded((f"{folder}/*.jsonl",), {"job": "bot"}), Loki(real_loki.url, tenant)
    step = step_of(PERIOD)
    ours, theirs = (
        ask_over(store, plot_questions(PERIOD), PERIOD.start + step, PERIOD.end, step) for store in (files, loki)
    )
    assert ours == theirs
    found = figures(ask(files, questions(PERIOD.over), PERIOD.end))
    assert drawn(files, found, PERIOD) == drawn(loki, found, PERIOD)
