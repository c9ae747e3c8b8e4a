"""The report's numbers, put together from the answers to `questions`; knows neither stores nor how numbers look.

Floating point is rounded to what the bot's own clock resolves (`DIGITS`), so that the order in which a backend adds
up cannot show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from firedrill.report.ask import Answers
from firedrill.report.questions import QUANTILES
from firedrill.store.store import Series

DIGITS = 3
COUNTED = {
    "quote_place": "orders",
    "order_ack": "accepted",
    "FILL": "fills",
    "sweet_spot_exit": "sweet_spot_exits",
}
"""Actions that are a number of `Market` by themselves."""


@dataclass(slots=True)
class Market:
    """One market's day. `held_s`: seconds held, summed over its exits. `latency_ms`: by quantile, where orders were
    acknowledged."""

    market: str
    orders: int = 0
    accepted: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    fills: int = 0
    entries: int = 0
    entries_in_zone: int = 0
    exits: int = 0
    sweet_spot_exits: int = 0
    held_s: float = 0.0
    cb_triggers: int = 0
    latency_ms: dict[str, float] = field(default_factory=dict)

    @property
    def traded(self) -> bool:
        """Whether it was more than a candidate."""
        return bool(self.orders or self.fills or self.exits or self.rejects or self.cb_triggers)

    @property
    def acceptance(self) -> float | None:
        """Accepted part of the orders that were answered."""
        answered = self.accepted + self.rejects.total()
        return round(self.accepted / answered, DIGITS + 1) if answered else None

    @property
    def avg_hold_time(self) -> float | None:
        """Seconds, over exits and not over trims, as the seed's daily analysis has it."""
        return round(self.held_s / self.exits, DIGITS) if self.exits else None


@dataclass(frozen=True, slots=True)
class Release:
    """What ran: `<version>+<commit>`, and in how many runs of the process."""

    release: str
    runs: int

    @property
    def version(self) -> str:
        return self.release.partition("+")[0]

    @property
    def commit(self) -> str:
        return self.release.partition("+")[2]


@dataclass(slots=True)
class Figures:
    """All of it. `holds`, `hold_s`: exits and trims together, as the seed's success metrics average them.

    `lost`: lines missing between the first and the last of each run; below 0, there twice.
    """

    markets: list[Market]
    releases: list[Release]
    lines: int = 0
    malformed: int = 0
    errors: int = 0
    starts: int = 0
    lost: int = 0
    holds: int = 0
    hold_s: float = 0.0
    fills_in_seed_zone: int = 0

    def total(self, name: str) -> int:
        """A count of `Market` over all markets."""
        return sum(getattr(market, name) for market in self.markets)

    @property
    def avg_hold_time_min(self) -> float | None:
        return round(self.hold_s / self.holds / 60, DIGITS) if self.holds else None

    @property
    def rejects(self) -> Counter[str]:
        return sum((market.rejects for market in self.markets), Counter())


def figures(answers: Answers) -> Figures:
    """Everything the answers say."""
    found = Figures([], _releases(answers["last"]))
    markets: dict[str, Market] = {}
    for labels, count in _counts(answers["counts"]):
        _count_line(found, labels, count)
        if name := labels.get("market"):
            _count_event(markets.setdefault(name, Market(name)), labels, count)
    for labels, seconds in _values(answers["held"]):
        found.hold_s += seconds
        if "exit" in labels["action"]:
            markets[labels["market"]].held_s += seconds
    for name in QUANTILES:
        for labels, value in _values(answers[name]):
            markets[labels["market"]].latency_ms[name] = round(value, DIGITS)
    found.markets = [market for _, market in sorted(markets.items()) if market.traded]
    found.fills_in_seed_zone = sum(count for _, count in _counts(answers["seed_zone"]))
    found.lost = _spanned(answers) - (found.lines - found.malformed)
    return found


def _count_line(found: Figures, labels: Mapping[str, str], count: int) -> None:
    action = labels.get("action", "")
    found.lines += count
    if not action or "__error__" in labels:
        found.malformed += count
    elif labels.get("level") == "error":
        found.errors += count
    if action == "startup":
        found.starts += count
    if "exit" in action or "trim" in action:
        found.holds += count


def _count_event(market: Market, labels: Mapping[str, str], count: int) -> None:
    action = labels.get("action", "")
    if action in COUNTED:
        name = COUNTED[action]
        setattr(market, name, getattr(market, name) + count)
    elif action == "order_reject":
        market.rejects[labels.get("code", "")] += count
    if "exit" in action:
        market.exits += count
    elif "cb_" in action:
        market.cb_triggers += count
    elif action == "FILL" and "gate_err" in labels:
        market.entries += count
        market.entries_in_zone += count if float(labels["gate_err"]) <= 0 else 0


def _releases(last: Iterable[Series]) -> list[Release]:
    runs = Counter(series.labels.get("release", "") for series in last)
    return [Release(release, count) for release, count in sorted(runs.items())]


def _spanned(answers: Answers) -> int:
    """How many lines there are, if no number between the first and the last of a run is missing."""
    first = {tuple(sorted(labels.items())): number for labels, number in _counts(answers["first"])}
    return sum(number - first[tuple(sorted(labels.items()))] + 1 for labels, number in _counts(answers["last"]))


def _values(series: Iterable[Series]) -> Iterable[tuple[dict[str, str], float]]:
    return ((one.labels, one.points[0][1]) for one in series)


def _counts(series: Iterable[Series]) -> Iterable[tuple[dict[str, str], int]]:
    return ((labels, int(value)) for labels, value in _values(series))
