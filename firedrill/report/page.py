"""The report as one HTML page that needs nothing else: numbers, verdicts, tables and plots are in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources

from firedrill.charts import Chart, Table, css, svg
from firedrill.report.figures import Figures
from firedrill.report.period import Period
from firedrill.report.plots import heading
from firedrill.report.success import METRICS, Verdict, share
from firedrill.report.tables import number
from firedrill.report.text import DAILY, E_TICK, daily_row, ran_rows, refused_rows, seed_lines

WIDE, NARROW = (520.0, 230.0), (330.0, 260.0)
"""A plot in pixels for half of a screen and for a phone: it stands in the page twice, as shrunk text is not legible."""
GRADES: dict[Verdict, str] = {"green": "good", "amber": "warn", "red": "bad", "no data": ""}


def as_html(found: Figures, period: Period, charts: Mapping[str, Chart | None]) -> str:
    """The whole page."""
    style = resources.files("firedrill.report").joinpath("page.css").read_text(encoding="utf-8")
    releases = ", ".join(one.release for one in found.releases)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>mm-bot, last {escape(period.name)}</title><link rel="icon" href="data:,">'
        f"<style>{css()}{style}</style></head><body><main>"
        f"<h1>mm-bot, last {escape(period.name)}</h1><p>{escape(str(period))} · {escape(releases)}</p>"
        f'<div class="tiles">{"".join(_tiles(found))}</div>'
        f"{_section('Success metrics', _success(found))}"
        f"{_section('Daily analysis', _daily(found))}"
        f'<div class="plots">{"".join(_figure(name, chart, period) for name, chart in charts.items())}</div>'
        f"{_refused(found)}{_section('What ran', _ran(found))}"
        f"{_section('For scripts', f'<pre>{escape(chr(10).join(seed_lines(found, period)))}</pre>')}"
        "</main></body></html>\n"
    )


def _tiles(found: Figures) -> Iterator[str]:
    ticks, trips, orders = found.rejects[E_TICK], found.total("cb_triggers"), found.total("orders")
    accepted = share(found.total("accepted"), found.total("accepted") + found.rejects.total())
    yield _tile("E_TICK", str(ticks), "bad" if ticks else "good")
    yield _tile("orders sent", f"{orders:,}")
    yield _tile("accepted", number(accepted, "%"))
    yield _tile("fills", f"{found.total('fills'):,}")
    yield _tile("breaker trips", str(trips), GRADES[METRICS[2].verdict(trips)])
    yield _tile("lines lost", str(found.lost), "bad" if found.lost else "good")


def _tile(name: str, value: str, grade: str = "plain") -> str:
    return f'<div class="{grade}"><b>{escape(value)}</b><small>{escape(name)}</small></div>'


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _success(found: Figures) -> str:
    rows = []
    for metric in METRICS:
        value = metric.value(found)
        verdict = metric.verdict(value)
        rows.append(
            f'<tr><td>{escape(metric.name)}</td><td class="num">{escape(number(value, metric.unit))}</td>'
            f'<td class="first {GRADES[verdict]}">{verdict}</td>'
            f"<td>{escape(metric.wanted)}</td><td>{escape(metric.red_flag)}</td></tr>"
        )
    head = '<th>metric</th><th class="num">value</th><th class="first">verdict</th><th>green</th><th>red flag</th>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _daily(found: Figures) -> str:
    if not found.markets:
        return "<p>no market was traded</p>"
    numeric = frozenset(range(1, len(DAILY)))
    return Table(DAILY, [daily_row(market) for market in found.markets], numeric).html()


def _figure(name: str, chart: Chart | None, period: Period) -> str:
    drawn = "<p>none in this period</p>"
    if chart:
        sizes = {"wide": WIDE, "narrow": NARROW}
        drawn = "".join(
            f'<div class="{shape}">{svg(chart, *size, f"report-{name}-{shape}")}</div>' for shape, size in sizes.items()
        )
    return f"<figure><h2>{escape(heading(name, period))}</h2>{drawn}</figure>"


def _refused(found: Figures) -> str:
    if not found.rejects:
        return ""
    return _section(
        "Refused orders by code", Table(("market", "code", "orders"), refused_rows(found), frozenset({2})).html()
    )


def _ran(found: Figures) -> str:
    rows = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in ran_rows(found))
    return f"<table><tbody>{''.join(rows)}</tbody></table>"
