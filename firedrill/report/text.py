"""The report as text: the seed's lines first, exactly, then tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from firedrill.report.figures import Figures, Market
from firedrill.report.period import Period
from firedrill.report.success import METRICS
from firedrill.report.tables import number, table

E_TICK = "E_TICK"
DAILY = (
    "market", "fills", "exits", "avg hold s", "cb triggers", "orders", "accepted", "rejected", "acceptance",
    "p50 ms", "p95 ms", "p99 ms",
)  # fmt: skip


def seed_lines(found: Figures, period: Period) -> Iterator[str]:
    """E_TICK_total_last_24h=0 and its sisters, as the seed's script printed them."""
    refused = {market.market: market.rejects[E_TICK] for market in found.markets if market.rejects[E_TICK]}
    attempts = {market.market: market.orders for market in found.markets if market.orders}
    yield f"E_TICK_total_last_{period.name}={sum(refused.values())}"
    yield from _by_pair(f"E_TICK_by_pair_last_{period.name}", refused)
    yield from _by_pair(f"attempts_by_pair_last_{period.name}", attempts)


def _by_pair(name: str, counts: Mapping[str, int]) -> Iterator[str]:
    if not counts:
        yield f"{name}: (none)"
    for market, count in counts.items():
        yield f"{name}: {market}={count}"


def as_text(found: Figures, period: Period) -> str:
    """The whole report."""
    parts = ["\n".join(seed_lines(found, period)), f"Daily analysis, {period}", daily(found)]
    if found.rejects:
        parts += ["Refused orders by code", table(("market", "code", "orders"), refused_rows(found), left=2)]
    parts += ["Success metrics", success(found), "What ran", table(*_headless(ran_rows(found)), left=2)]
    return "\n".join(_spaced(parts))


def _spaced(parts: list[str]) -> Iterator[str]:
    """A blank line above each heading, none below."""
    yield parts[0]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        yield from ("", heading, body)


def daily(found: Figures) -> str:
    if not found.markets:
        return "no market was traded"
    return table(DAILY, [daily_row(market) for market in found.markets])


def daily_row(market: Market) -> list[str]:
    acceptance = None if market.acceptance is None else 100 * market.acceptance
    counts = (market.orders, market.accepted, market.rejects.total())
    return [
        market.market,
        str(market.fills),
        str(market.exits),
        number(market.avg_hold_time),
        str(market.cb_triggers),
        *map(str, counts),
        number(acceptance, "%"),
        *(number(market.latency_ms.get(name)) for name in ("p50", "p95", "p99")),
    ]


def refused_rows(found: Figures) -> list[tuple[str, str, str]]:
    """Market, code, orders."""
    return [
        (market.market, code or "(none)", str(count))
        for market in found.markets
        for code, count in sorted(market.rejects.items())
    ]


def success(found: Figures) -> str:
    rows = []
    for metric in METRICS:
        value = metric.value(found)
        rows.append((metric.name, number(value, metric.unit), metric.verdict(value), metric.wanted, metric.red_flag))
    return table(("metric", "value", "verdict", "green", "red flag"), rows, left=5)


def ran_rows(found: Figures) -> list[tuple[str, str]]:
    """Releases, starts and the state of the log."""
    releases = [
        (f"release {release.version}", f"commit {release.commit}, {release.runs} run(s)") for release in found.releases
    ]
    lost = f"{found.lost} line(s) lost" if found.lost >= 0 else f"{-found.lost} line(s) doubled"
    lines = f"{found.lines} in all, {found.errors} of level error, {found.malformed} malformed, {lost}"
    return [*releases, ("starts", str(found.starts)), ("lines", lines)]


def _headless(rows: list[tuple[str, str]]) -> tuple[tuple[str, str], list[tuple[str, str]]]:
    """A table's first row stands where others have a header."""
    return rows[0], rows[1:]
