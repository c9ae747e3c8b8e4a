"""The same lines answer every question alike, whether they lie in a log, packed, in Parquet or in the window."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from firedrill.logql.syntax import QueryError
from firedrill.store.compaction import compact
from firedrill.store.embedded import Embedded
from firedrill.store.files import find
from firedrill.store.store import Span
from tests.firedrill.store.logs import GIVEN, NOW, line, ns


def timed(at: int, rest: str) -> str:
    """A line at NOW + `at`, the rest written as it stands."""
    return f'{{"ts":{NOW + at},{rest}'


ODD = (
    line(-50, action="order_ack", market="BTC", latency_ms=12.5, n=1),
    line(-50, action="order_ack", market="ETH", latency_ms=7, n=2),
    line(-49, action="order_ack", market="ETH", latency_ms="8.0", n=-0.0),
    line(-48, action="order_ack", market="BTC", latency_ms="slow", ok=True, none=None, empty=""),
    line(-47, market="Ünïcødé ☂", action="FILL", price=0.1 + 0.2, size=1e22),
    line(-46, level="warn", action="fill", Price=1, price=2),
    line(-45, a={"b": {"c": 1, "d.e": [1, 2]}, "price": 1e3}, a_b_c="own"),
    line(-44, a=[1, {"x": 2}], price=[3], market=None),
    line(-43, action={"nested": 1}, level=["x"], level_extracted="taken", job="mine", host=7),
    line(-42, **{"odd key": 1, "1st": 2, "x-y": 3, "_line": 4, "_ts": 5, "doc": 6, "line": 7, "seq": 8, "key": 9}),
    line(-41, action="order_ack", id=2, type="t", atom="u", fullkey="v", latency_ms=3),
    timed(-40, '"price":1e3,"size":-0.0,"market":"BTC","latency_ms":1.50,"n":12345678901234567890}'),
    timed(-39, '"price":1.0,"price":2.0,"market":"ETH","action":"FILL"}'),
    timed(-38, '"market":"a\\u00e9\\n\\"b\\"","action":"order_ack","latency_ms":1E-2}'),
    f'{{"ts":"{NOW - 60}","action":"late"}}',
    "  " + timed(-37, ' "action" : "spaced" , "price" : 5.50 }  '),
    '{"action":"untimed","market":"BTC","price":1}',
    timed(-36, '"action":"torn","mar'),
    '{"ts":1e300,"action":"far"}',
    "no JSON at all x=1 market=SOL",
    '["a","list"]',
    '"a text"',
    "{}",
    "\ttabbed",
)
SELECT = '{job="bot"}'
QUESTIONS = (
    "sum(count_over_time(%s [1h]))",
    "sum by (action, level) (count_over_time(%s [1h]))",
    'sum by (market) (count_over_time(%s | json market="market" [1h]))',
    'sum by (market) (count_over_time(%s | json market="market" | __error__="" [1h]))',
    'sum by (p, x) (count_over_time(%s | json p="price", x="a" | __error__="" [1h]))',
    'sum by (p, q) (count_over_time(%s | json p="a.b.c", q="a[1]" | __error__="" [1h]))',
    'sum by (v, w) (count_over_time(%s | json v="[\\"odd key\\"]", w="_line" [1h]))',
    "sum by (price, size, a_b_c) (count_over_time(%s | json | __error__=``[1h]))",
    "sum by (level_extracted, host_extracted, _1st, x_y) (count_over_time(%s | json [1h]))",
    'count_over_time(%s | json | __error__="" [1h])',
    'sum_over_time(%s | json | __error__="" | unwrap price | __error__="" [1h])',
    'avg_over_time(%s | json l="latency_ms", m="market" | unwrap l | __error__="" [1h]) by (m)',
    'quantile_over_time(0.9, %s | json | unwrap latency_ms | __error__="" [1h]) by (market)',
    'sum by (market) (count_over_time(%s | json | latency_ms > 7 | __error__="" [1h]))',
    'count_over_time(%s | json l="latency_ms" | l >= 7 [1h])',
    'sum(count_over_time(%s |= "BTC" | json | market!="BTC" [1h]))',
    "first_over_time(%s | json | unwrap price | __error__=`` [1h]) by (action)",
    'sum by (v) (count_over_time(%s | json | label_format v="{{.price}}/{{.size}}" | __error__="" [1h]))',
    'sum by (price) (count_over_time(%s | line_format "{{.market}}" | json | __error__=`` [1h]))',
    "sum by (__error__) (count_over_time(%s | json | __error__!=`` [1h]))",
    'absent_over_time(%s | json | code="E_TICK" [1h])',
    "bytes_over_time(%s [1h])",
    "sum by (m) (rate(%s | json m=`market` [20s]))",
    "sum by (action) (count_over_time(%s | json | drop level | keep action, price | __error__=`` [1h]))",
)
LOG_QUESTIONS = (
    "%s",
    "%s | json",
    '%s | json m="market", a="a" | m!=""',
    "%s | json | price > 1 | __error__=``",
    '%s | json | line_format "{{.market}} {{.price}}"',
    "%s | unpack",
    '%s !~ "BTC|ETH" | logfmt',
)


class Sources:
    """One list of lines in every form a store can read."""

    def __init__(self, folder: Path, lines: tuple[str, ...]) -> None:
        text = "".join(f"{text}\n" for text in lines).encode()
        self.stores: dict[str, Embedded] = {}
        packed = {"": text, ".gz": gzip.compress(text), ".zst": zstandard.ZstdCompressor().compress(text)}
        for ending, content in packed.items():
            path = folder / f"log{ending}" / f"events.jsonl{ending}"
            path.parent.mkdir()
            path.write_bytes(content)
            os.utime(path, (NOW, NOW))
            self.stores[f"log{ending}"] = Embedded((str(path),), GIVEN)
        compact(find([f"{folder}/log/*"]).files[0], folder)
        self.stores["parquet"] = Embedded((f"{folder}/*.parquet",), GIVEN)
        self.stores["archive"] = Embedded((f"{folder}/log.gz/*",), GIVEN, archive=folder)
        self.stores["window"] = Embedded((f"{folder}/log/*",), GIVEN, follow=True, clock=lambda: ns(0))
        self.stores["parquet window"] = Embedded((f"{folder}/*.parquet",), GIVEN, follow=True, clock=lambda: ns(0))

    def answers(self, question: str) -> dict[str, Any]:
        return {name: said(store, question) for name, store in self.stores.items()}


def said(store: Embedded, question: str) -> Any:
    """The answer, or what is wrong with the question."""
    since, until = ns(-1000), ns(1)
    try:
        if "[" in question.replace("[\\", "").replace("a[1]", ""):
            at_once = store.instant(question.replace("1h", "15m"), ns(0)).data()
            stepped = store.range(question.replace("1h", "10s"), ns(-60), ns(0), 10_000_000_000).data()
            return json.dumps([at_once, stepped], sort_keys=True)
        return json.dumps(store.logs(question, Span(since, until, 1000)).data(), sort_keys=True)
    except QueryError as error:
        return error.reason.partition("'")[0]


def filled(template: str, stage: str) -> str:
    return template.replace("%s", SELECT + stage)


def check(lines: tuple[str, ...], questions: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder), lines)
        for question in questions:
            answers = sources.answers(question)
            wrong = {name: answer for name, answer in answers.items() if answer != answers["log"]}
            assert wrong == {}, f"{question}: the log says {answers['log']}"


GROUPS = {
    "all odd lines": ODD,
    "flat lines": ODD[:5],
    "one line with a time": (ODD[-1], *ODD[:1]),
    "no line with a time": ODD[-6:],
}


@pytest.mark.parametrize("name", GROUPS)
def test_every_source_gives_the_same_answer(name: str) -> None:
    check(GROUPS[name], tuple(filled(question, "") for question in (*QUESTIONS, *LOG_QUESTIONS)))


VALUES = st.one_of(
    st.integers(-5, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
    st.sampled_from(["BTC", "1.50", "", None, True, [1], {"b": 1}, {"b": {"c": "x"}}]),
)
LINES = st.builds(
    lambda at, fields: line(at, **fields),
    st.integers(-900, 0),
    st.dictionaries(
        st.sampled_from(["action", "market", "price", "latency_ms", "a", "a_b", "Price", "x y", "job"]), VALUES
    ),
)
STAGES = st.sampled_from(
    ["", ' |= "1"', ' | json | price!=""', ' | json p="price", a="a" | a=~".*1.*"', ' | level="info"', " | logfmt"]
)


@settings(max_examples=10, deadline=None)
@given(
    lines=st.lists(st.one_of(LINES, st.sampled_from(ODD)), min_size=1, max_size=12),
    questions=st.lists(
        st.builds(filled, st.sampled_from((*QUESTIONS, *LOG_QUESTIONS)), STAGES), min_size=1, max_size=3
    ),
)
def test_generated_lines_and_questions(lines: list[str], questions: list[str]) -> None:
    check(tuple(lines), tuple(questions))
