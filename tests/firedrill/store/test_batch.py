"""Several questions over one reading of the logs give what each gives by itself."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from firedrill.logql.parse import parse_metric
from firedrill.logql.sql import Grid
from firedrill.store.batch import Batch, suffices
from firedrill.store.compaction import compact
from firedrill.store.embedded import Embedded
from firedrill.store.files import find
from firedrill.store.store import Vector
from tests.day import SECOND, Day
from tests.firedrill.report.logs import EVENTFUL

DAY = Day(seconds=1800, fault=EVENTFUL, at=600)
END = (DAY.start + DAY.seconds) * SECOND
ODD = [
    b"Traceback (most recent call last):",
    b'{"action":"FILL","price":1e0}',
    b'{"x":"\x00"}',
    b"\xff\xfe",
    b'[1, "market"]',
]
"""Lines that are no events: no time, no object, no clean text."""
QUESTIONS = [
    "sum by (level, action, market, code, __error__)"
    ' (count_over_time({job="bot"} | json market="market", code="code" [30m]))',
    'quantile_over_time(0.95, {job="bot", action="order_ack"} | json market="market", latency_ms="latency_ms"'
    ' | __error__="" | unwrap latency_ms | __error__="" [10m]) by (market)',
    "sum by (action)"
    ' (sum_over_time({job="bot"} | json age_s="age_s" | __error__="" | unwrap age_s | __error__="" [30m]))',
    'sum by (release, run) (count_over_time({job="bot"} | json release="release", run="run" | __error__="" [30m]))',
    'max_over_time({job="bot"} | json n="n", run="run" | __error__="" | unwrap n | __error__="" [30m]) by (run)'
    ' - min_over_time({job="bot"} | json n="n", run="run" | __error__="" | unwrap n | __error__="" [30m]) by (run)',
    "sum by (price)"
    ' (count_over_time({job="bot", action="FILL"} | json price="price" | __error__="" | price < 1 [30m]))',
    *(
        f'{how}_over_time({given}{{job="bot", action=~"FILL|quote_place"}} | json market="market", price="price"'
        ' | __error__="" | unwrap price | __error__="" [20m]) by (market)'
        for how, given in (("max", ""), ("min", ""), ("avg", ""), ("quantile", "0.1, "), ("quantile", "0.9, "))
    ),
    'absent_over_time({job="bot", action="cb_hard"} [1m])',
    'first_over_time({job="bot"} | json size="size", market="market" | __error__="" | unwrap size | __error__="" [30m])'
    " by (market)",
]


@pytest.fixture(params=["text", "odd", "gzip", "beside Parquet"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Embedded:
    lines = list(DAY.lines())
    if request.param == "odd":
        lines[100:100] = ODD
    half = len(lines) // 2
    for number, part in enumerate((lines[:half], lines[half:])):
        text = b"".join(line + b"\n" for line in part)
        (tmp_path / f"events-{number}.jsonl").write_bytes(text)
    if request.param == "gzip":
        (tmp_path / "events-0.jsonl.gz").write_bytes(gzip.compress((tmp_path / "events-0.jsonl").read_bytes()))
        (tmp_path / "events-0.jsonl").unlink()
    archive = tmp_path / "archive"
    archive.mkdir()
    if request.param == "beside Parquet":
        (first,) = find([f"{tmp_path}/events-0.jsonl"]).files
        compact(first, archive)
    return Embedded((f"{tmp_path}/events-*.jsonl*",), {"job": "bot", "host": "desk-1"}, archive=archive)


def test_together_they_get_what_each_gets_alone(store: Embedded) -> None:
    alone = [store.instant(query, END) for query in QUESTIONS]
    found = store.together([(query, Grid.at(END)) for query in QUESTIONS])
    assert found == [answer.series for answer in alone if isinstance(answer, Vector)]
    assert all(series for series in found)


def test_over_ranges_too(store: Embedded) -> None:
    start, step = DAY.start * SECOND, 300 * SECOND
    found = store.together([(query, Grid.aligned(start, END, step)) for query in QUESTIONS])
    assert found == [store.range(query, start, END, step).series for query in QUESTIONS]


def test_parquet_files_are_columns_already(tmp_path: Path) -> None:
    path = DAY.write(tmp_path)
    (log,) = find([str(path)]).files
    compact(log, tmp_path)
    path.unlink()
    store = Embedded((f"{tmp_path}/*.parquet",), {"job": "bot"})
    found = store.together([(query, Grid.at(END)) for query in QUESTIONS])
    assert found == [store.instant(query, END).series for query in QUESTIONS]  # type: ignore[union-attr]


def test_a_damaged_parquet_file_gives_way_to_its_log(tmp_path: Path) -> None:
    path = DAY.write(tmp_path)
    (log,) = find([str(path)]).files
    compact(log, tmp_path)
    made = tmp_path / f"{log.stem}.parquet"
    whole = made.read_bytes()
    made.write_bytes(whole[:2000] + bytes(len(whole) // 2) + whole[2000 + len(whole) // 2 :])
    store = Embedded((f"{tmp_path}/events-*",), {"job": "bot"})
    assert store.together([(query, Grid.at(END)) for query in QUESTIONS]) is None
    clean = Embedded((str(path),), {"job": "bot"})
    for query in QUESTIONS:
        assert store.instant(query, END) == clean.instant(query, END)


def test_questions_about_the_same_samples_are_one_statement() -> None:
    latency = QUESTIONS[1]
    asked = [
        latency,
        latency.replace("0.95", "0.5"),
        latency.replace("[10m]", "[5m]"),
        QUESTIONS[0],
        latency,
        QUESTIONS[0],
    ]
    batch = Batch([parse_metric(query) for query in asked], [Grid.at(END)] * 6, ("job", "level", "action"))
    assert [one.places for one in batch.statements()] == [[0, 1, 4], [2], [3], [5]]


@pytest.mark.parametrize(
    "query",
    [
        'sum(count_over_time({job="bot"} |= "FILL" [1m]))',
        'sum by (market) (count_over_time({job="bot"} | json [1m]))',
        'sum by (x) (count_over_time({job="bot"} | json x="a.b" [1m]))',
        'sum(bytes_over_time({job="bot"} [1m]))',
        'sum by (x) (count_over_time({job="bot"} | json y="y" | label_format x="{{.y}}" [1m]))',
        'sort(sum by (action) (count_over_time({job="bot"} [1m])))',
        "vector(1)",
    ],
)
def test_a_question_about_the_text_is_none_of_these(query: str) -> None:
    assert not suffices(parse_metric(query))
