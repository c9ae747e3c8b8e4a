"""Turns the parser's tree into the syntax tree: metric expressions, one method for each rule of `logql.lark`.

It checks what a single rule can know, such as two scalars compared; what needs the whole query is
checked in `parse.py`.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from lark import Token, v_args
from lark.tree import Meta

from firedrill.logql import syntax as s
from firedrill.logql.build_stages import Stages, no_logql, place

_LABEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _aggregate(op: Token, of: s.Metric, grouping: s.Grouping | None, parameter: int = 0) -> s.VectorAgg:
    if s.is_scalar(of):
        raise place(op).error(f"{op} aggregates series, and this is a scalar: use vector(...)")
    return s.VectorAgg(str(op), of, grouping, parameter, place(op))


@v_args(inline=True, meta=True)
class Builder(Stages):
    """Metric expressions on top."""

    def start(self, meta: Meta, query: s.Query) -> s.Query:
        return query

    def window(self, meta: Meta, *parts: Any) -> tuple[s.LogQuery, int, int]:
        if len(parts) == 1:
            return parts[0]  # type: ignore[no-any-return]  # the same window in brackets
        selector, *stages, span, offset = parts
        if isinstance(selector, s.LogQuery):
            return selector, span, offset or 0
        return s.LogQuery(selector, tuple(stages), place(meta)), span, offset or 0

    def window_early(self, meta: Meta, *parts: Any) -> tuple[s.LogQuery, int, int]:
        selector, span, offset, *stages = parts
        return s.LogQuery(selector, tuple(stages), place(meta)), span, offset or 0

    def range_agg(
        self, meta: Meta, op: Token, parameter: Token | None, window: Any, group: s.Grouping | None
    ) -> s.RangeAgg:
        query, span, offset = window
        number = None if parameter is None else float(parameter)
        return s.RangeAgg(str(op), query, span, offset, number, group, place(op))

    def vector_agg(self, meta: Meta, op: Token, of: s.Metric, grouping: s.Grouping | None) -> s.VectorAgg:
        return _aggregate(op, of, grouping)

    def vector_agg_front(self, meta: Meta, op: Token, grouping: s.Grouping, of: s.Metric) -> s.VectorAgg:
        return _aggregate(op, of, grouping)

    def top(self, meta: Meta, op: Token, count: float, of: s.Metric, grouping: s.Grouping | None) -> s.VectorAgg:
        if count < 1 or count != int(count):
            raise place(op).error(f"invalid parameter (must be greater than 0) {op}")
        if op == "approx_topk" and grouping:
            raise place(op).error("grouping not allowed for approx_topk aggregation")
        return _aggregate(op, of, grouping, int(count))

    def top_front(self, meta: Meta, op: Token, grouping: s.Grouping, count: float, of: s.Metric) -> s.VectorAgg:
        return self.top(meta, op, count, of, grouping)

    def sorted(self, meta: Meta, op: Token, of: s.Metric) -> s.VectorAgg:
        return _aggregate(op, of, None)

    def label_replace(
        self, meta: Meta, op: Token, of: s.Metric, name: str, new: str, source: str, pattern: str
    ) -> s.LabelReplace:
        if s.is_scalar(of):
            raise place(op).error("label_replace works on series, and this is a scalar: use vector(...)")
        if not _LABEL_NAME.fullmatch(name):
            raise place(op).error(f"invalid label name in label_replace: {name!r}")
        return s.LabelReplace(of, name, new, source, pattern, place(op))

    def vector(self, meta: Meta, value: float) -> s.Vector:
        return s.Vector(value, place(meta))

    def scalar(self, meta: Meta, value: float) -> s.Number:
        return s.Number(value, place(meta))

    def other_call(self, meta: Meta, op: Token) -> NoReturn:
        no_logql(op, str(op))

    def matching(self, meta: Meta, word: Token, names: Any, side: Token | None, include: Any) -> s.Matching:
        many = str(side).removeprefix("group_") if side else ""
        return s.Matching(names or (), word == "on", many, include or ())

    def modifier(self, meta: Meta, as_bool: Token | None, matching: s.Matching | None) -> tuple[bool, s.Matching]:
        return bool(as_bool), matching or s.Matching()

    def binary(self, meta: Meta, left: s.Metric, op: Token, modifier: Any, right: s.Metric) -> s.Binary:
        if op.type == "UNLESS":
            return _set(meta, "unless", left, modifier, right)
        as_bool, matching = modifier
        return s.Binary(str(op), left, right, as_bool, matching, place(op))

    def either(self, meta: Meta, left: s.Metric, modifier: Any, right: s.Metric) -> s.Binary:
        return _set(meta, "or", left, modifier, right)

    def both(self, meta: Meta, left: s.Metric, modifier: Any, right: s.Metric) -> s.Binary:
        return _set(meta, "and", left, modifier, right)


def _set(meta: Meta, op: str, left: s.Metric, modifier: tuple[bool, s.Matching], right: s.Metric) -> s.Binary:
    """`bool` and group_left mean nothing here, and are passed over as Loki does."""
    _, matching = modifier
    if s.is_scalar(left) or s.is_scalar(right):
        raise place(meta).error(f"{op} joins vectors, and one side is a scalar: use vector(...)")
    return s.Binary(op, left, right, matching=matching, place=place(meta))
