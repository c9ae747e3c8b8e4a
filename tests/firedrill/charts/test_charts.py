"""What a chart shows, read back from its SVG, its HTML and the pixels of its PNG."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from firedrill.charts import (
    Bars,
    Box,
    Canvas,
    Chart,
    Lines,
    Mark,
    Named,
    Placed,
    Reading,
    Stat,
    StateTimeline,
    Table,
    named,
    png,
    sheet,
    svg,
)
from firedrill.charts.style import GRADES, PALETTE
from firedrill.store.store import Series

MINUTE = 60_000_000_000
START = 1_767_312_000_000_000_000
END = START + 60 * MINUTE


def curve(name: str, values: Sequence[float | None]) -> Named:
    points = tuple((START + place * MINUTE, value) for place, value in enumerate(values) if value is not None)
    return Named(name, points)


def lines(*series: Named, **more: object) -> Lines:
    return Lines(series, START, END, MINUTE, **more)  # type: ignore[arg-type]


def texts(picture: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(picture).iter() if node.tag.endswith("}text")]


def share(data: bytes, colour: str) -> float:
    """Which part of the picture has that colour."""
    pixels = Image.open(io.BytesIO(data)).convert("RGB")
    wanted = tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
    found = {pixel: count for count, pixel in pixels.getcolors(1 << 24) or ()}
    return found.get(wanted, 0) / (pixels.width * pixels.height)


FULL = lines(curve("BTC", [float(v % 7) for v in range(60)]), curve("ETH", [3.0] * 60), unit="ms")
STATES = StateTimeline([curve("BTC", [0.0] * 30 + [1.0] * 30)], START, END, MINUTE, {0: "FLAT", 1: "LONG"}, {1: "bad"})
ALL: list[Chart] = [
    FULL,
    Bars([curve("E_TICK", [3.0]), curve("E_LOST", [12.0])]),
    STATES,
    Stat([Reading("99.5 %", "accepted", "good")]),
    Table(["market", "score"], [["BTC", "1.23"]], frozenset({1})),
]


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_the_same_chart_gives_the_same_bytes_and_names_nothing_outside(chart: Chart) -> None:
    picture = svg(chart, 480, 240, "one")
    assert picture == svg(chart, 480, 240, "one")
    assert png(chart, 480, 240) == png(chart, 480, 240)
    assert set(re.findall(r'https?://[^"\s]+', picture)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "date" not in picture.lower()


def test_ids_of_charts_on_one_page_do_not_meet() -> None:
    first, second = (set(re.findall(r'id="([^"]+)"', svg(FULL, 480, 240, salt))) for salt in ("one", "two"))
    assert first
    assert not first & second


def test_lines_tell_names_last_values_units_and_times() -> None:
    found = texts(svg(FULL, 480, 240))
    assert {"BTC  3 ms", "ETH  3 ms", "0 ms", "6 ms", "Jan 2", "00:30"} <= set(found)


def test_each_series_has_its_colour() -> None:
    data = png(FULL, 480, 240)
    assert share(data, PALETTE[0]) > 0.001
    assert share(data, PALETTE[1]) > 0.001
    assert share(data, PALETTE[2]) == 0


def test_a_hole_in_the_values_is_a_hole_in_the_line() -> None:
    """One unbroken line paints about twice what two quarters of it paint."""
    whole, holed = ([5.0] * 60, [5.0] * 15 + [None] * 30 + [5.0] * 15)
    drawn = [share(png(lines(curve("", values)), 480, 240), PALETTE[0]) for values in (whole, holed)]
    assert 0.4 < drawn[1] / drawn[0] < 0.6


def test_a_value_with_holes_around_it_is_a_dot() -> None:
    alone = lines(curve("", [None] * 30 + [5.0]))
    assert share(png(alone, 480, 240), PALETTE[0]) > share(png(lines(curve("", [])), 480, 240), PALETTE[0])


def test_stacked_series_stand_on_each_other() -> None:
    found = texts(svg(lines(curve("a", [4.0] * 60), curve("b", [4.0] * 60), stacked=True), 480, 240))
    assert "8" in found


def test_a_mark_is_drawn_where_the_axis_reaches_and_only_there() -> None:
    near, far = (lines(curve("", [5.0] * 60), marks=[Mark(at, "limit")], low=0.0) for at in (4.0, 400.0))
    assert "limit" in texts(svg(near, 480, 240))
    assert "limit" not in texts(svg(far, 480, 240))


def test_where_all_is_zero_the_axis_reaches_the_mark() -> None:
    assert "limit" in texts(svg(lines(curve("", [0.0] * 60), marks=[Mark(0.005, "limit")]), 480, 240))


def test_a_rare_value_holds_until_the_next_and_the_last_to_the_end() -> None:
    """One value at the start is a line over the whole width when held, and a dot when not."""
    held, dot = (share(png(lines(curve("", [5.0]), held=held), 480, 240), PALETTE[0]) for held in (True, False))
    assert held > 10 * dot > 0


def test_bars_cover_the_step_they_tell_of_and_their_legend_the_sum() -> None:
    told = [1.0 if place % 2 else 0.0 for place in range(61)]
    half = share(png(lines(curve("", told), shown="bars"), 480, 240), PALETTE[0])
    whole = share(png(lines(curve("", [1.0] * 61), shown="bars"), 480, 240), PALETTE[0])
    assert 0.45 < half / whole < 0.55
    assert "BTC  30" in texts(svg(lines(curve("BTC", told), shown="bars", told="sum"), 480, 240))


def test_numbers_in_texts_keep_their_decimals() -> None:
    assert {"0.25", "0.75"} <= set(texts(svg(lines(curve("", [0.0, 1.0] * 30)), 480, 240)))


def test_a_legend_too_long_for_one_row_takes_more_and_cuts_what_fits_none() -> None:
    names = [f"market-with-a-long-name-{place}" for place in range(6)]
    many = lines(*(curve(name, [1.0] * 60) for name in names))
    assert [text for name in names for text in texts(svg(many, 480, 300)) if text.startswith(name)]
    assert any(text.endswith("…") for text in texts(svg(many, 150, 300)))


def test_no_text_of_a_chart_leaves_it_or_lies_on_another() -> None:
    names = [f"NHL-LEAFS-WIN-B45 number {place}" for place in range(9)]
    canvas = Canvas(380, 260)
    lines(*(curve(name, [1e5, 2e5] * 30) for name in names), unit="ms").draw(canvas, Box(0, 0, 380, 260))
    renderer = FigureCanvasAgg(canvas.figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in canvas.figure.texts]
    assert all(box.x0 >= -1 and box.x1 <= 381 and box.y0 >= -1 and box.y1 <= 261 for box in boxes)
    overlaps = [(a, b) for place, a in enumerate(boxes) for b in boxes[place + 1 :] if a.overlaps(b)]
    assert overlaps == []


def test_bars_are_sorted_tell_their_values_and_count_what_has_no_room() -> None:
    bars = Bars([curve(f"code-{place}", [float(place)]) for place in range(1, 31)])
    found = texts(svg(bars, 400, 200))
    assert found.index("code-30") < found.index("code-29")
    assert "30" in found
    (more,) = [text for text in found if text.startswith("and ")]
    assert len([text for text in found if text.startswith("code-")]) + int(more.split()[1]) == 30


def test_a_negative_bar_goes_the_other_way() -> None:
    assert {"-5", "5"} <= set(texts(svg(Bars([curve("a", [5.0]), curve("b", [-5.0])]), 400, 100)))


def test_states_have_words_and_shades() -> None:
    found = texts(svg(STATES, 640, 160))
    assert found.count("FLAT") == 2
    assert found.count("LONG") == 2
    assert share(png(STATES, 640, 160), GRADES["bad"]) > 0.1


def test_a_state_that_no_sample_tells_of_is_not_drawn() -> None:
    half = StateTimeline([curve("BTC", [1.0] * 15)], START, END, MINUTE, {}, {1: "bad"})
    whole = StateTimeline([curve("BTC", [1.0] * 61)], START, END, MINUTE, {}, {1: "bad"})
    ratio = share(png(half, 640, 160), GRADES["bad"]) / share(png(whole, 640, 160), GRADES["bad"])
    assert 0.2 < ratio < 0.3


def test_html_is_escaped() -> None:
    assert "&lt;b&gt;" in Table(["<b>"], [["x"]]).html()
    assert '<td class="num">&quot;</td>' in Table(["a"], [['"']], frozenset({0})).html()
    assert Stat([Reading("<3", "a&b", "bad")]).html() == (
        '<div class="stat"><div class="bad"><b>&lt;3</b><small>a&amp;b</small></div></div>'
    )


def test_a_legend_is_filled_in_from_labels() -> None:
    series = [Series({"market": "BTC", "q": "p95"}, ((START, 1.0),)), Series({}, ((START, 2.0),))]
    assert [one.name for one in named(series, "{{market}} {{ q }}")] == ["BTC p95", "—"]
    assert [one.name for one in named(series)] == ["market=BTC, q=p95", "all"]


def test_a_sheet_shows_every_chart_and_says_what_is_missing() -> None:
    placed = [
        Placed("Latency", FULL, Box(10, 0, 400, 200)),
        Placed("States", STATES, Box(10, 210, 400, 140)),
        Placed("Empty", "no data", Box(420, 0, 200, 200)),
    ]
    data = sheet("Orders", "24 h", placed, 640, 360, scale=1)
    assert Image.open(io.BytesIO(data)).size == (640, 424)
    assert share(data, PALETTE[0]) > 0.001
    assert share(data, GRADES["bad"]) > 0.01


def test_without_matplotlib_one_sentence_says_what_to_do() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from firedrill import charts\n"
        "try: charts.svg(charts.Stat(()), 9, 9)\n"
        "except charts.ChartError as error: sys.stdout.write(str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("drawing needs matplotlib")
    assert "make venv" in done.stdout


def test_what_is_imported_draws_nothing_yet() -> None:
    program = "import sys, firedrill.charts; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
