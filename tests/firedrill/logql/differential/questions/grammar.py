"""Metric queries from a seeded grammar over the bot's own events, deeper than anybody writes by hand."""

# ruff: noqa: E501 (a query is one line)

from __future__ import annotations

import random
from collections.abc import Iterator

COUNT = 150
_SOURCES = {
    '{action="quote_place"}': (("market", "side", "state", "strategy"), ("price", "size", "seq", "cancels_30")),
    '{action="order_ack"}': (("market", "side", "tif", "ro"), ("latency_ms", "seq")),
    '{action="FILL", job="bot"}': (("market", "side", "state"), ("price", "size", "fee", "position")),
    '{action="heartbeat"}': (("level", "release"), ("md_age_ms", "loop_lag_ms", "open_orders", "uptime_s")),
    '{action=~"grid|grid2"}': (("g", "h", "action"), ("x", "y")),
    '{job="bot", action=~"quote_.*", level!="error"}': (("market", "action", "side"), ("n", "seq")),
}
"""Selectors with fields that are texts and fields that are numbers."""

_RANGES = ("30s", "1m", "97s", "2m30s", "5m", "10m", "1200s")
_UNWRAPPED = ("sum", "avg", "min", "max", "first", "last", "stddev", "stdvar")
_VECTOR = ("sum", "min", "max", "count", "avg")


class _Writer:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def query(self) -> str:
        kind = self.chance.random()
        if kind < 0.45:
            return self.vector()[0]
        if kind < 0.6:
            return f"{self.vector()[0]} {self.chance.choice(('+', '-', '*', '/', '%'))} {self.number()}"
        if kind < 0.75:
            return f"{self.vector()[0]} {self.chance.choice(('>', '<', '>=', '<=', '==', '!='))}{self.bool()} {self.number()}"
        return self.pair()

    def number(self) -> str:
        return self.chance.choice(("0", "1", "2", "3.5", "10", "0.25", "100", "1e3", "7"))

    def bool(self) -> str:
        return self.chance.choice(("", " bool"))

    def pair(self) -> str:
        """Two vectors over one source, grouped alike or paired on a label they share."""
        source = self.chance.choice(sorted(_SOURCES))
        left, names = self.vector(source)
        right, _ = self.vector(source, names)
        op = self.chance.choice(("+", "-", "*", "/", ">", "<=", "and", "or", "unless"))
        return f"{left} {op} {right}"

    def vector(self, source: str = "", names: tuple[str, ...] | None = None) -> tuple[str, tuple[str, ...]]:
        source = source or self.chance.choice(sorted(_SOURCES))
        texts, _ = _SOURCES[source]
        names = names if names is not None else tuple(self.chance.sample(texts, self.chance.randint(0, 2)))
        grouping = f"by ({', '.join(names)})"
        if self.chance.random() < 0.3:
            return self.statistic(source, grouping), names
        op = self.chance.choice(_VECTOR)
        inner = self.samples(source, names)
        made = f"{op} {grouping} ({inner})" if self.chance.random() < 0.7 else f"{op}({inner}) {grouping}"
        return made, names

    def samples(self, source: str, names: tuple[str, ...]) -> str:
        kept = f"sum by ({', '.join(sorted({*names, *_SOURCES[source][0][:2]}))}) "
        window = f"[{self.chance.choice(_RANGES)}]{self.offset()}"
        kind = self.chance.random()
        if kind < 0.5:
            return f"{kept}({self.chance.choice(('count_over_time', 'rate', 'bytes_over_time'))}({self.lines(source)} {window}))"
        field = self.chance.choice(_SOURCES[source][1])
        op = self.chance.choice(("sum_over_time", "rate", "max_over_time", "min_over_time"))
        unwrapped = f'{self.lines(source)} | unwrap {field} | __error__="" {window}'
        return f"{kept}({op}({unwrapped}))"

    def statistic(self, source: str, grouping: str) -> str:
        field = self.chance.choice(_SOURCES[source][1])
        unwrapped = (
            f'{self.lines(source)} | unwrap {field} | __error__="" [{self.chance.choice(_RANGES)}]{self.offset()}'
        )
        if self.chance.random() < 0.4:
            return f"quantile_over_time({self.chance.choice(('0.5', '0.9', '0.95', '0.99', '0.333'))}, {unwrapped}) {grouping}"
        op = self.chance.choice([name for name in _UNWRAPPED if name != "sum"])
        return f"{op}_over_time({unwrapped}) {grouping}"

    def offset(self) -> str:
        return self.chance.choice(("", "", "", " offset 1m", " offset 45s"))

    def lines(self, source: str) -> str:
        texts, numbers = _SOURCES[source]
        filtered = self.chance.choice(("", "", ' |= "BTC"', ' != "ETH"', ' |~ "bid|buy"'))
        test = self.chance.choice(
            ("", "", f" | {self.chance.choice(numbers)} > {self.number()}", f' | {texts[0]} != ""')
        )
        return f'{source}{filtered} | json{test} | __error__=""'


def generated() -> Iterator[str]:
    """The same queries every time."""
    writer = _Writer(3)
    for _ in range(COUNT):
        yield writer.query()
