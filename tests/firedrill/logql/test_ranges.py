"""Windows, steps and range aggregations, by the table of what Loki 3.6 answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from firedrill.logql.sql import Grid
from firedrill.logql.syntax import SECOND, QueryError
from tests.firedrill.store.logs import NOW, Log, line

BOT = '{job="bot"}'


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Log]:
    return lambda *lines: Log(tmp_path, *lines)


@pytest.mark.parametrize(("at", "count"), [(-10.0, 0), (0.0, 1), (59.999, 1), (60.0, 0)])
def test_a_window_is_open_at_its_start_and_closed_at_its_end(log: Callable[..., Log], at: float, count: int) -> None:
    found = log(line(0)).at(f"sum(count_over_time({BOT}[1m]))", at)
    assert found == ({"": count} if count else {})


def test_a_log_query_is_closed_at_its_start_and_open_at_its_end(log: Callable[..., Log]) -> None:
    lines = [line(at, n=at) for at in (0, 1, 2)]
    assert log(*lines).lines(BOT, 0, 2) == lines[:2]


def test_offset_moves_the_window_back(log: Callable[..., Log]) -> None:
    both = log(line(-90), line(-30))
    assert both.at(f"sum(count_over_time({BOT}[1m] offset 1m))") == {"": 1}
    assert both.at(f"sum(count_over_time({BOT}[2m] offset 20s))") == {"": 2}


ALIGNED = [
    (-95, -5, 30, [-120, -90, -60, -30, 0]),
    (-90.5, 0, 60, [-120, -60, 0]),
    (-93.5, -2, 7, None),
]


@pytest.mark.parametrize(("start", "end", "step", "times"), ALIGNED)
def test_range_queries_snap_outwards_to_multiples_of_the_step(
    start: float, end: float, step: int, times: list[int] | None
) -> None:
    grid = Grid.aligned(*(NOW * SECOND + int(at * SECOND) for at in (start, end)), step * SECOND)
    found = [(at - NOW * SECOND) // SECOND for at in range(grid.start, grid.end + 1, grid.step)]
    assert len(found) == grid.count
    assert all((NOW + at) % step == 0 for at in found)
    assert found[0] <= start < found[0] + step
    assert found[-1] - step < end <= found[-1]
    assert times is None or found == times


def test_every_step_of_a_range_query_is_its_own_window(log: Callable[..., Log]) -> None:
    found = log(*(line(at) for at in (0, 5, 10, 11, 30))).range(f"sum(count_over_time({BOT}[10s]))", 0, 40, 10)
    assert found == {"": {0: 1, 10: 2, 20: 1, 30: 1}}


def test_a_range_query_equals_instant_queries_at_its_steps(log: Callable[..., Log]) -> None:
    lines = log(*(line(at * 1.7, action="ab"[at % 2], v=at) for at in range(60)))
    for query in (
        f"sum by (action) (rate({BOT}[17s]))",
        f"sum_over_time({BOT} | json v=`v` | unwrap v [23s] offset 4s)",
        f"avg_over_time({BOT} | json v=`v` | unwrap v [9s]) by (action) > 20",
        'absent_over_time({job="bot", action="a"}[2s])',
        f"sum(count_over_time({BOT}[5s])) or vector(0)",
    ):
        for series, points in lines.range(query, 0, 120, 5).items():
            for at in range(0, 121, 5):
                now = lines.at(query, at)
                assert isinstance(now, dict)
                assert now.get(series) == points.get(at), (query, at)


VALUES = (1, 2, 3, 4, 10)
AGGREGATIONS = [
    ("sum_over_time({q}[1m])", 20.0),
    ("avg_over_time({q}[1m])", 4.0),
    ("min_over_time({q}[1m])", 1.0),
    ("max_over_time({q}[1m])", 10.0),
    ("last_over_time({q}[1m])", 3.0),
    ("rate({q}[1m])", 20 / 60),
    ("quantile_over_time(0.5, {q}[1m])", 3.0),
    ("quantile_over_time(0.95, {q}[1m])", 8.799999999999999),
    ("quantile_over_time(0, {q}[1m])", 1.0),
    ("quantile_over_time(1, {q}[1m])", 10.0),
    ("quantile_over_time(1.2, {q}[1m])", math.inf),
]


@pytest.mark.parametrize(("query", "value"), AGGREGATIONS)
def test_aggregations_of_unwrapped_values(log: Callable[..., Log], query: str, value: float) -> None:
    lines = log(*(line(-50 + at, v=v) for at, v in enumerate((10, 1, 4, 2, 3))))
    assert sorted(VALUES) == sorted((10, 1, 4, 2, 3))
    assert lines.at(query.replace("{q}", f"{BOT} | json v=`v` | unwrap v ")) == {"": value}


def test_rate_of_lines_is_per_second(log: Callable[..., Log]) -> None:
    assert log(*(line(-at) for at in range(30))).at(f"sum(rate({BOT}[1m]))") == {"": 0.5}


def test_sums_and_means_add_in_time_order(log: Callable[..., Log]) -> None:
    values = [1e16, 1.0, -1e16, 1.0, 0.1]
    lines = log(*(line(-50 + at, v=v) for at, v in enumerate(values)))
    mean = 0.0
    for n, value in enumerate(values, 1):
        mean += value / n - mean / n
    assert lines.at(f"sum_over_time({BOT} | json v=`v` | unwrap v [1m])") == {"": sum(values)}
    assert lines.at(f"avg_over_time({BOT} | json v=`v` | unwrap v [1m])") == {"": mean}


@pytest.mark.parametrize("op", ["avg", "min", "max", "last", "quantile"])
def test_statistics_keep_parsed_labels_but_the_unwrapped_one(log: Callable[..., Log], op: str) -> None:
    lines = log(line(-2, action="x", m="a", v=1), line(-1, action="x", m="b", v=1))
    number = "0.5, " if op == "quantile" else ""
    inner = f"{op}_over_time({number}{BOT} | json m=`m`, v=`v` | unwrap v [1m])"
    assert lines.at(inner) == {"action=x,m=a": 1, "action=x,m=b": 1}
    assert lines.at(f"{inner} by (m)") == {"m=a": 1, "m=b": 1}
    assert lines.at(f"{inner} by ()") == {"": 1}
    assert lines.at(f"{inner} without (m)") == {"action=x": 1}


def test_sums_and_counts_keep_parsed_labels_but_the_unwrapped_one(log: Callable[..., Log]) -> None:
    lines = log(line(-2, action="x", m="a", v=1), line(-1, action="x", m="a", v=2), line(-1, action="x", m="b", v=5))
    query = f"{BOT} | json m=`m`, v=`v`"
    assert lines.at(f"sum_over_time({query} | unwrap v [1m])") == {"action=x,m=a": 3, "action=x,m=b": 5}
    assert lines.at(f"count_over_time({query}[1m])") == {
        "action=x,m=a,v=1": 1,
        "action=x,m=a,v=2": 1,
        "action=x,m=b,v=5": 1,
    }


def test_absent_is_one_sample_with_the_labels_of_the_equality_matchers(log: Callable[..., Log]) -> None:
    lines = log(line(0, action="a"))
    query = 'absent_over_time({action="b", job=~"b.*", level!="x"}[1m])'
    assert lines.at(query) == {"action=b": 1}
    assert lines.at('absent_over_time({action="a"}[1m])') == {}
    assert lines.at('absent_over_time({action="a"} |= "nothing" [1m])') == {"action=a": 1}
    assert lines.range('absent_over_time({action="a"}[10s])', -10, 20, 10) == {"action=a": {-10: 1, 10: 1, 20: 1}}


def test_instant_queries_take_no_log_query(log: Callable[..., Log]) -> None:
    with pytest.raises(QueryError, match="log queries are not supported as an instant query type"):
        log().at(BOT)
