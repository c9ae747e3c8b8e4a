"""What Grafana and logcli ask before a query is run: how much there is, in which labels, with which fields.

Answered out of the lines themselves, by the same queries a person would write; there is no index to ask.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from firedrill.logql.parse import parse
from firedrill.logql.syntax import LogQuery, QueryError
from firedrill.store.store import Labels, Matrix, Series, Span, Store, Vector, label_names, label_values

Path = tuple[str, ...]

_KINDS = (
    ("boolean", re.compile(r"true|false")),
    ("int", re.compile(r"[+-]?\d{1,19}")),
    ("float", re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")),
    ("duration", re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")),
    ("bytes", re.compile(r"\d+(\.\d+)? ?([kKMGT]i?)?B")),
)


def selector(text: str) -> str:
    """A query that is a stream selector and nothing more; QueryError otherwise."""
    tree = parse(text)
    if not isinstance(tree, LogQuery) or tree.stages:
        raise QueryError("only label matchers are supported")
    return text


def stats(store: Store, query: str, start: int, end: int) -> dict[str, int]:
    """Streams, lines and bytes in [start, end). `chunks` is 0: lines are kept in files, not in chunks."""
    chosen, at = selector(query), end - 1
    counted = {
        name: _total(store.instant(f"sum({function}_over_time({chosen} [{end - start}ns]))", at))
        for name, function in (("bytes", "bytes"), ("entries", "count"))
    }
    return {"streams": len(store.label_sets([chosen], start, end)), "chunks": 0, **counted}


def _total(answer: object) -> int:
    assert isinstance(answer, Vector)
    return int(sum(one.points[0][1] for one in answer.series))


def volume(store: Store, query: str, start: int, end: int, asked: Mapping[str, str]) -> Vector:
    """Bytes of [start, end) by targetLabels, else by the labels the selector names; most first."""
    by = _labels(store, query, start, end, asked)
    answer = store.instant(_bytes(query, by, end - start), end - 1)
    assert isinstance(answer, Vector)
    rows = [Series(one.labels, ((end, one.points[0][1]),)) for one in answer.series]
    return Vector(tuple(_most(rows, asked)))


def volume_range(store: Store, query: str, start: int, end: int, step: int, asked: Mapping[str, str]) -> Matrix:
    """The same for every step."""
    by = _labels(store, query, start, end, asked)
    answer = store.range(_bytes(query, by, step), start, end, step)
    return Matrix(tuple(_most(list(answer.series), asked)))


def _bytes(query: str, by: Sequence[str], window: int) -> str:
    return f"sum by ({', '.join(by)}) (bytes_over_time({selector(query)} [{window}ns]))"


def _labels(store: Store, query: str, start: int, end: int, asked: Mapping[str, str]) -> list[str]:
    if asked.get("aggregateBy", "series") != "series":
        raise ValueError("aggregateBy: this store knows series only; leave it out, or ask a Loki")
    if names := [name for name in asked.get("targetLabels", "").split(",") if name]:
        return names
    tree = parse(selector(query))
    assert isinstance(tree, LogQuery)
    return sorted({matcher.name for matcher in tree.matchers})


def _most(rows: list[Series], asked: Mapping[str, str]) -> list[Series]:
    limit = int(asked.get("limit", "100"))
    return sorted(rows, key=lambda one: -max(value for _, value in one.points))[:limit]


def detected_labels(sets: Sequence[Labels]) -> dict[str, Any]:
    rows = [{"label": name, "cardinality": len(label_values(sets, name))} for name in label_names(sets)]
    return {"detectedLabels": rows}


def detected_fields(store: Store, query: str, span: Span) -> dict[str, Any]:
    """The fields of a sample of JSON lines: name as `| json` gives it, kind, number of values, path."""
    fields = _fields(store, query, span)
    rows = [
        {"label": "_".join(path), "type": _kind(values), "cardinality": len(values), "parsers": ["json"]}
        | {"jsonPath": list(path)}
        for path, values in sorted(fields.items())
    ]
    return {"fields": rows, "limit": span.limit}


def detected_values(store: Store, query: str, name: str, span: Span) -> dict[str, Any]:
    found = {text for path, values in _fields(store, query, span).items() if "_".join(path) == name for text in values}
    return {"values": sorted(found), "limit": span.limit}


def _fields(store: Store, query: str, span: Span) -> dict[Path, set[str]]:
    fields: dict[Path, set[str]] = {}
    for stream in store.logs(query, span).streams:
        for _, line in stream.lines:
            for path, text in _flat(_object(line)):
                fields.setdefault(path, set()).add(text)
    return fields


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _flat(found: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, str]]:
    for key, value in found.items():
        path = (*above, re.sub(r"\W", "_", key, flags=re.ASCII))
        if isinstance(value, dict):
            yield from _flat(value, path)
        elif isinstance(value, str):
            yield path, value
        elif value is not None and not isinstance(value, list):
            yield path, json.dumps(value)


def _kind(values: set[str]) -> str:
    for kind, form in _KINDS:
        if all(form.fullmatch(text) for text in values):
            return kind
    return "string"
