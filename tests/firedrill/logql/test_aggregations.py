"""The aggregations and operators beyond sums and counts, by the table of what Loki 3.6 answers."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firedrill.logql.syntax import QueryError
from firedrill.store.store import Vector
from tests.firedrill.store.logs import Log, line, ns

BOT = '{job="bot"}'
UNWRAPPED = f"{BOT} | json v=`v` | unwrap v "


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Log]:
    return lambda *lines: Log(tmp_path, *lines)


OVER_TIME = [
    ("stddev_over_time({q}[1m])", 3.1622776601683795),
    ("stdvar_over_time({q}[1m])", 10.0),
    ("first_over_time({q}[1m])", 10.0),
    ("last_over_time({q}[1m])", 3.0),
    ("first_over_time({q}[1m]) by ()", 10.0),
]


@pytest.mark.parametrize(("query", "value"), OVER_TIME)
def test_values_over_time(log: Callable[..., Log], query: str, value: float) -> None:
    lines = log(*(line(-50 + at, v=v) for at, v in enumerate((10, 1, 4, 2, 3))))
    assert lines.at(query.replace("{q}", UNWRAPPED)) == {"": value}


def test_bytes_are_those_of_the_lines(log: Callable[..., Log]) -> None:
    texts = [line(-3, m="é"), line(-2, m="x")]
    size = sum(len(text.encode()) for text in texts)
    lines = log(*texts)
    assert lines.at(f"bytes_over_time({BOT}[1m])") == {"": size}
    assert lines.at(f"sum(bytes_rate({BOT}[1m]))") == {"": size / 60}
    assert lines.at(f"max(bytes_over_time({BOT} | json m=`m` | line_format `{{{{ .m }}}}` [1m]))") == {"": 2}


def test_a_counter_rises_over_its_resets(log: Callable[..., Log]) -> None:
    values = [5, 8, 2, 4]  # 3 up, a reset to 2, 2 up: 7
    lines = log(*(line(-40 + 10 * at, v=v) for at, v in enumerate(values)))
    sampled = 30e9 / 1000
    start = min(sampled * (5 / 7), 60.0)
    assert lines.at(f"rate_counter({UNWRAPPED}[1m])") == {"": 7 * ((sampled + start) / sampled) / 60}
    assert log(line(-1, v=3)).at(f"rate_counter({UNWRAPPED}[1m])") == {"": 0}


def test_absence_may_be_of_values(log: Callable[..., Log]) -> None:
    lines = log(line(-1, w=1))
    assert lines.at(f"absent_over_time({UNWRAPPED}[1m])") == {"": 1}
    assert lines.at(f"absent_over_time({BOT} | json v=`w` | unwrap v [1m])") == {}


CONVERTED = [
    ("duration(d)", {"d": "1m30s"}, 90.0),
    ("duration_seconds(d)", {"d": "250ms"}, 0.25),
    ("bytes(d)", {"d": "20MB"}, 20_000_000.0),
    ("bytes(d)", {"d": "1.5 KiB"}, 1536.0),
]


@pytest.mark.parametrize(("what", "fields", "value"), CONVERTED)
def test_unwrap_converts(log: Callable[..., Log], what: str, fields: dict[str, str], value: float) -> None:
    query = f"sum_over_time({BOT} | json d=`d` | unwrap {what} "
    assert log(line(-1, **fields)).at(f"{query}[1m])") == {"": value}
    broken = log(line(-1, d="x"), line(-2, **fields))
    with pytest.raises(QueryError, match="SampleExtractionErr"):
        broken.at(f"{query}[1m])")
    assert broken.at(f'{query} | __error__="" [1m])') == {"": value}


@pytest.fixture
def ranked(tmp_path: Path) -> Log:
    counts = {("a", "x"): 4, ("a", "y"): 2, ("b", "x"): 1, ("b", "z"): 5, ("b", "y"): 2}
    return Log(tmp_path, *(line(-1, action=a, m=m) for (a, m), n in counts.items() for _ in range(n)))


COUNT = f'sum by (action, m) (count_over_time({BOT} | json m="m" | __error__="" [1m]))'
BY_M = f'sum by (m) (count_over_time({BOT} | json m="m" | __error__="" [1m]))'
ALL = ("action=a,m=x", "action=a,m=y", "action=b,m=x", "action=b,m=y", "action=b,m=z")


def each(*values: float) -> dict[str, float]:
    return dict(zip(ALL, values, strict=True))


VECTORS = [
    (f"topk(1, {COUNT})", {"action=b,m=z": 5}),
    (f"topk(2, {COUNT})", {"action=b,m=z": 5, "action=a,m=x": 4}),
    (f"bottomk(1, {COUNT})", {"action=b,m=x": 1}),
    (f"bottomk(2, {COUNT})", {"action=b,m=x": 1, "action=a,m=y": 2}),  # of equals the first in label order
    (f"topk(1, {COUNT}) by (action)", {"action=a,m=x": 4, "action=b,m=z": 5}),
    (f"topk by (action) (1, {COUNT})", {"action=a,m=x": 4, "action=b,m=z": 5}),
    (f"topk(1, {COUNT}) without (m)", {"action=a,m=x": 4, "action=b,m=z": 5}),
    (f"topk(9, {COUNT}) by (nolabel)", each(4, 2, 1, 2, 5)),
    (f"approx_topk(1, {COUNT})", {"action=b,m=z": 5}),
    (f"topk(1, count_over_time({BOT} | json | m!=`` | keep m [1m]))", {"m=x": 5}),
    ("topk(1, vector(1))", {"": 1}),
    (f"stddev({BY_M})", {"": math.sqrt(2 / 9)}),
    (f"stdvar({BY_M})", {"": 2 / 9}),
    (f"stdvar by (action) ({COUNT})", {"action=a": 1, "action=b": 26 / 9}),
    (f'label_replace({BY_M}, "n", "<$1>", "m", "([xy])")', {"m=x,n=<x>": 5, "m=y,n=<y>": 4, "m=z": 5}),
    (f'label_replace({BY_M}, "m", "", "m", "x")', {"": 5, "m=y": 4, "m=z": 5}),
    (f'label_replace({BY_M}, "n", "all", "none", "")', {"m=x,n=all": 5, "m=y,n=all": 4, "m=z,n=all": 5}),
    (f'sum by (n) (label_replace({BY_M}, "n", "${{l}}", "m", "(?P<l>.)"))', {"n=x": 5, "n=y": 4, "n=z": 5}),
    (f"{COUNT} / on (m) group_left {BY_M}", each(0.8, 0.5, 0.2, 0.5, 1)),
    (f"{BY_M} - on (m) group_right () {COUNT}", each(1, 2, 4, 2, 0)),
    (f"{COUNT} > on (m) group_left {BY_M} - 1", {"action=b,m=z": 5}),
    (f"{COUNT} == bool ignoring (action) group_left {BY_M}", each(0, 0, 0, 0, 1)),
    (
        f'{BY_M} * on () group_left (n) label_replace(vector(2), "n", "two", "", "")',
        {"m=x,n=two": 10, "m=y,n=two": 8, "m=z,n=two": 10},
    ),
    (f"{BY_M} ^ 2 % 7", {"m=x": 4, "m=y": 2, "m=z": 4}),
    (f"{BY_M} > 4 and {BY_M} < 6", {"m=x": 5, "m=z": 5}),
    (f"{BY_M} / {BY_M}", {"m=x": 1, "m=y": 1, "m=z": 1}),
    (f"sum({BY_M}) + sum({BY_M}) + sum({COUNT})", {"": 42}),
]


@pytest.mark.parametrize(("query", "answer"), VECTORS)
def test_vectors(ranked: Log, query: str, answer: dict[str, float]) -> None:
    found = ranked.at(query)
    assert isinstance(found, dict)
    assert found == pytest.approx(answer, rel=1e-15)


def test_two_series_of_the_one_side_are_ambiguous(ranked: Log) -> None:
    with pytest.raises(QueryError, match="multiple matches for labels"):
        ranked.at(f"{BY_M} * on (m) group_left {COUNT}")


@pytest.mark.parametrize(("op", "wanted"), [("sort", [4, 5, 5]), ("sort_desc", [5, 5, 4])])
def test_sort_orders_the_answer(ranked: Log, op: str, wanted: list[float]) -> None:
    answer = ranked.store.instant(f"{op}({BY_M})", ns(0))
    assert isinstance(answer, Vector)
    assert [one.points[0][1] for one in answer.series] == wanted


def test_every_step_has_its_own_ranking(log: Callable[..., Log]) -> None:
    lines = log(line(1, action="a"), line(2, action="a"), line(3, action="b"), line(11, action="b"))
    assert lines.range(f"topk(1, count_over_time({BOT}[10s]))", 10, 20, 10) == {
        "action=a": {10: 2},
        "action=b": {20: 1},
    }


FLOATS = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3)), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(values=FLOATS)
def test_statistics_are_lokis_to_the_last_digit(values: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder), *(line(-50 + at, v=v) for at, v in enumerate(values)))
        mean = aux = 0.0
        for count, value in enumerate(values, 1):
            delta = value - mean
            mean += delta / count
            aux += delta * (value - mean)
        assert log.at(f"stdvar_over_time({UNWRAPPED}[1m])") == {"": aux / len(values)}
        assert log.at(f"stddev_over_time({UNWRAPPED}[1m])") == {"": math.sqrt(aux / len(values))}
        assert log.at(f"first_over_time({UNWRAPPED}[1m])") == {"": values[0]}
        top = log.at(f"topk(3, first_over_time({BOT} | json v=`v`, w=`v` | unwrap w [1m]) by (v))")
        assert isinstance(top, dict)
        texts = {f"{value!r}": value for value in values}
        assert sorted(top.values(), reverse=True) == sorted(texts.values(), reverse=True)[:3]
