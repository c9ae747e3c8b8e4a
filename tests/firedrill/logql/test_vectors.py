"""Vector aggregations and binary operators, by the table of what Loki 3.6 answers."""

from __future__ import annotations

import math

import pytest

from firedrill.logql.syntax import QueryError
from tests.firedrill.store.logs import Log, line

A = 'sum by (m) (count_over_time({action="a"} | json m="m" | __error__="" [1m]))'  # x: 4, y: 2
B = 'sum by (m) (count_over_time({action="b"} | json m="m" | __error__="" [1m]))'  # x: 1, z: 5
OPEN_A = 'count_over_time({action="a"} | json | ts="" or m="x" | __error__="" [1m])'


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    counts = {("a", "x"): 4, ("a", "y"): 2, ("b", "x"): 1, ("b", "z"): 5}
    lines = [line(-1, action=action, m=m) for (action, m), n in counts.items() for _ in range(n)]
    return Log(tmp_path_factory.mktemp("vectors"), *lines)


NAN = math.nan
TABLE = [
    ("1 + 2 * 3", 7.0),
    ("2 ^ 3 ^ 2", 512.0),
    ("7 % 4 - 1", 2.0),
    ("1 / 0", NAN),
    ("0 / 0", NAN),
    ("1 % 0", NAN),
    ("1 < bool 2", 1.0),
    ("1 >= bool 2", 0.0),
    ("vector(1)", {"": 1}),
    ("vector(3) / 0", {"": NAN}),
    ("vector(3) / 0 > 0", {}),
    ("vector(3) / 0 != 0", {"": NAN}),
    ("vector(3) / 0 == bool 0", {"": 0}),
    (A, {"m=x": 4, "m=y": 2}),
    (f"{A} > 2", {"m=x": 4}),
    (f"2 < {A}", {"m=x": 4}),
    (f"{A} > bool 2", {"m=x": 1, "m=y": 0}),
    (f"{A} * 2 - 1", {"m=x": 7, "m=y": 3}),
    (f"10 - {A}", {"m=x": 6, "m=y": 8}),
    (f"{A} ^ 2", {"m=x": 16, "m=y": 4}),
    (f"{A} % 3", {"m=x": 1, "m=y": 2}),
    (f"{A} / {B}", {"m=x": 4}),
    (f"{A} > {B}", {"m=x": 4}),
    (f"{B} > {A}", {}),
    (f"{B} > bool {A}", {"m=x": 0}),
    (f"{A} and {B}", {"m=x": 4}),
    (f"{A} unless {B}", {"m=y": 2}),
    (f"{A} or {B}", {"m=x": 4, "m=y": 2, "m=z": 5}),
    (f"{A} + on (m) {B}", {"m=x": 5}),
    (f"sum({A}) / on () sum({B})", {"": 1}),
    (f"{A} and on () vector(1)", {"m=x": 4, "m=y": 2}),
    (f"{A} unless on () vector(1)", {}),
    (f"sum({A}) - 6 != 0 or vector(0)", {"": 0}),
    (f"sum({A})", {"": 6}),
    (f"count({A})", {"": 2}),
    (f"min({A})", {"": 2}),
    (f"max({A})", {"": 4}),
    (f"avg({A})", {"": 3}),
    (f"sum by (nolabel) ({A})", {"": 6}),
    (f"sum without (m) ({A})", {"": 6}),
    (f"max without (nolabel) ({A})", {"m=x": 4, "m=y": 2}),
    ('sum(count_over_time({action="none"}[1m]))', {}),
    ('sum(count_over_time({action="none"}[1m])) or vector(0)', {"": 0}),
    ('sum by (action) (count_over_time({job="bot"}[1m]))', {"action=a": 6, "action=b": 6}),
    ('count_over_time({job="bot"}[1m])', {"action=a": 6, "action=b": 6}),
    ('sum without (action) (count_over_time({job="bot"}[1m]))', {"": 12}),
    ('max(count_over_time({job="bot"} | json m="m" | __error__="" [1m]))', {"": 5}),
]


@pytest.mark.parametrize(("query", "answer"), TABLE)
def test_answers(log: Log, query: str, answer: object) -> None:
    assert _equal(log.at(query), answer)


def _equal(found: object, wanted: object) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return set(found) == set(wanted) and all(_equal(found[key], wanted[key]) for key in found)
    assert isinstance(found, float | int)
    assert isinstance(wanted, float | int)
    return found == wanted or (math.isnan(found) and math.isnan(wanted))


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (f"sum by (m) ({OPEN_A})", {"m=x": 4}),
        (f"sum without (action_extracted, level_extracted, ts) ({OPEN_A})", {"action=a,m=x": 4}),
        (f"{OPEN_A} unless {OPEN_A}", {}),
        (f"sum({OPEN_A} and {OPEN_A})", {"": 4}),
        (f"sum by (m) ({OPEN_A} + {OPEN_A})", {"m=x": 8}),
        (f"sum by (m) ({OPEN_A} or {A})", {"m=x": 8, "m=y": 2}),
        (f"sum by (m) ({OPEN_A}) + {A}", {"m=x": 8}),
    ],
)
def test_vectors_whose_labels_depend_on_the_lines(log: Log, query: str, answer: object) -> None:
    assert log.at(query) == answer


@pytest.mark.parametrize("query", [f"{A} + on () {B}", f"vector(1) + on () {A}", f"{A} > ignoring (m) vector(1)"])
def test_ambiguous_pairs_are_refused(log: Log, query: str) -> None:
    with pytest.raises(QueryError, match="multiple matches for labels"):
        log.at(query)


def test_a_scalar_over_a_range_is_one_series(log: Log) -> None:
    assert log.range("1 + 1", 0, 20, 10) == {"": {0: 2, 10: 2, 20: 2}}
    assert log.range("vector(1)", 0, 20, 10) == {"": {0: 1, 10: 1, 20: 1}}
