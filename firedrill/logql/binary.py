"""Binary operators between vectors and numbers, with Loki's rules for NaN and for pairing series.

x / 0 is NaN, a comparison keeps the left value and drops what is false, NaN compares false.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.relation import LABELS, Relation, alike, column, map_without

COMPARISONS = {"==": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
SETS = ("and", "or", "unless")
_AMBIGUOUS = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"

Compile = Callable[[s.Metric], Relation]


def fold(query: s.Metric) -> s.Metric:
    """Arithmetic between numbers, done."""
    if not isinstance(query, s.Binary):
        return query
    left, right = fold(query.left), fold(query.right)
    if isinstance(left, s.Number) and isinstance(right, s.Number):
        return s.Number(_calculate(query.op, left.value, right.value), query.place)
    return query


def _calculate(op: str, left: float, right: float) -> float:
    if op in COMPARISONS:
        table = {"==": left == right, "!=": left != right, ">": left > right}
        table |= {">=": left >= right, "<": left < right, "<=": left <= right}
        return float(table[op])
    if op in ("/", "%") and right == 0:
        return math.nan
    if op == "^":
        return _power(left, right)
    return {"+": left + right, "-": left - right, "*": left * right}[op] if op in "+-*" else _divide(op, left, right)


def _divide(op: str, left: float, right: float) -> float:
    return left / right if op == "/" else math.fmod(left, right)


def _power(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def combine(query: s.Binary, compile_side: Compile) -> Relation:
    """The relation of `left op right`, at least one side being a vector."""
    left, right = fold(query.left), fold(query.right)
    if isinstance(right, s.Number):
        return _with_number(query, compile_side(left), "v", quote.number(right.value))
    if isinstance(left, s.Number):
        return _with_number(query, compile_side(right), quote.number(left.value), "v")
    both = compile_side(left), compile_side(right)
    return _set(query, *both) if query.op in SETS else _pairs(query, *both)


def _with_number(query: s.Binary, of: Relation, left: str, right: str) -> Relation:
    if query.op not in COMPARISONS:
        return Relation(f"SELECT k, {of.select()}{_arithmetic(query.op, left, right)} AS v FROM ({of.sql})", of.names)
    holds = _comparison(query.op, left, right)
    if query.as_bool:
        return Relation(f"SELECT k, {of.select()}({holds})::INTEGER::DOUBLE AS v FROM ({of.sql})", of.names)
    return Relation(f"SELECT k, {of.select()}v FROM ({of.sql}) WHERE {holds}", of.names)


def _comparison(op: str, left: str, right: str) -> str:
    """DuckDB holds NaN equal to itself and above everything; here it equals nothing."""
    either = f"(isnan({left}) OR isnan({right}))"
    if op == "!=":
        return f"({left} <> {right} OR {either})"
    return f"({left} {COMPARISONS[op]} {right} AND NOT {either})"


def _arithmetic(op: str, left: str, right: str) -> str:
    if op in ("/", "%"):
        return f"CASE WHEN {right} = 0 THEN 'NaN'::DOUBLE ELSE {left} {op} {right} END"
    return f"pow({left}, {right})" if op == "^" else f"({left} {op} {right})"


def _keyed(of: Relation, matching: s.Matching) -> tuple[str, list[str]]:
    """The relation with its pairing keys as columns key0, key1 ..., and their names."""
    if matching.on:
        keys = [of.take(name) for name in matching.names]
    elif of.names is None:
        keys = [map_without(matching.names)]
    else:
        keys = [column(name) for name in of.names if name not in matching.names]
    names = [f"key{n}" for n in range(len(keys))]
    picked = "".join(f"{key} AS {name}, " for key, name in zip(keys, names, strict=True))
    return f"SELECT k, {picked}{of.select()}v FROM ({of.sql})", names


def _joined(names: list[str]) -> str:
    return " AND ".join(["l.k = r.k", *(f"l.{name} = r.{name}" for name in names)])


def _set(query: s.Binary, left: Relation, right: Relation) -> Relation:
    left, right = alike(left, right)
    (first, names), (second, _) = _keyed(left, query.matching), _keyed(right, query.matching)
    picked = "k, " + left.select() + "v"
    if query.op == "or":
        rest = f"SELECT {picked} FROM ({second}) AS l WHERE NOT EXISTS (FROM ({first}) AS r WHERE {_joined(names)})"
        return Relation(f"SELECT {picked} FROM ({first}) UNION ALL {rest}", left.names)
    without = "NOT " if query.op == "unless" else ""
    exists = f"{without}EXISTS (FROM ({second}) AS r WHERE {_joined(names)})"
    return Relation(f"SELECT {picked} FROM ({first}) AS l WHERE {exists}", left.names)


def _pairs(query: s.Binary, left: Relation, right: Relation) -> Relation:
    """Arithmetic and comparisons of vectors. The one side is grouped by the keys, the other keeps its rows."""
    left, right = alike(left, right)
    matching = query.matching
    (first, names), (second, _) = _keyed(left, matching), _keyed(right, matching)
    many, one = (second, first) if matching.many == "right" else (first, second)
    keys = ", ".join(["k", *names])
    many_rows = f"SELECT *, count(*) OVER (PARTITION BY {keys}) AS n FROM ({many})"
    carried = "".join(f"any_value({item}) AS {item}, " for item in left.columns())
    one_rows = f"SELECT {keys}, {carried}any_value(v) AS v, count(*) AS n FROM ({one}) GROUP BY {keys}"
    wrong = "r.n > 1" if matching.many else "l.n > 1 OR r.n > 1"
    checked = f"CASE WHEN {wrong} THEN {quote.error(quote.text(_AMBIGUOUS))} ELSE l.v END"
    picked, kept = _many_labels(matching, left) if matching.many else _pair_labels(matching, left, names)
    sides = ("r.v", checked) if matching.many == "right" else (checked, "r.v")
    joined = f"({many_rows}) AS l JOIN ({one_rows}) AS r ON {_joined(names)}"
    rows = Relation(f"SELECT l.k AS k, {picked}{sides[0]} AS a, {sides[1]} AS b FROM {joined}", kept)
    value, condition = _pair_value(query)
    return Relation(f"SELECT k, {rows.select()}{value} AS v FROM ({rows.sql}){condition}", kept)


def _many_labels(matching: s.Matching, of: Relation) -> tuple[str, tuple[str, ...] | None]:
    """The labels of the many side (l), with the included ones taken from the one side (r)."""
    if of.names is None:
        listed = ", ".join(quote.text(name) for name in matching.include)
        own = f"list_filter(map_entries(l.{LABELS}), lambda e: e.key NOT IN ({listed}))" if listed else ""
        taken = f"list_filter(map_entries(r.{LABELS}), lambda e: e.key IN ({listed}))"
        made = f"map_from_entries(list_sort(list_concat({own}, {taken})))" if listed else f"l.{LABELS}"
        return f"{made} AS {LABELS}, ", None
    names = tuple(sorted({*of.names, *matching.include}))
    picked = ""
    for name in names:
        side = "r" if name in matching.include else "l"
        picked += f"{f'{side}.{column(name)}' if name in of.names else quote.text('')} AS {column(name)}, "
    return picked, names


def _pair_labels(matching: s.Matching, left: Relation, keys: list[str]) -> tuple[str, tuple[str, ...] | None]:
    """What one-to-one matching leaves: the labels paired on, or all but the ignored ones."""
    if matching.on:
        names: tuple[str, ...] = matching.names
    elif left.names is None:
        return f"l.key0 AS {LABELS}, ", None
    else:
        names = tuple(name for name in left.names if name not in matching.names)
    return "".join(f"l.{key} AS {column(name)}, " for key, name in zip(keys, names, strict=True)), names


def _pair_value(query: s.Binary) -> tuple[str, str]:
    if query.op not in COMPARISONS:
        return _arithmetic(query.op, "a", "b"), ""
    holds = _comparison(query.op, "a", "b")
    return (f"({holds})::INTEGER::DOUBLE", "") if query.as_bool else ("a", f" WHERE {holds}")
