"""Turns the parser's tree into the syntax tree: one method for each rule of `logql.lark`.

It checks what a single rule can know, such as a JSON path or a constant that divides by zero;
what needs the whole query is checked in `parse.py`. Regular expressions are RE2's, so they are
first compiled where the query runs: Python's would refuse good ones and let bad ones pass.
"""

from __future__ import annotations

from typing import Any, NoReturn

from lark import Token, Transformer, v_args
from lark.tree import Meta

from firedrill.logql import syntax as s
from firedrill.logql.text import duration, json_path, unquote


def _place(at: Meta | Token) -> s.Place:
    return s.Place(getattr(at, "line", 1) or 1, getattr(at, "column", 1) or 1)


def _not_implemented(at: Meta | Token, what: str) -> NoReturn:
    raise _place(at).error(f"not implemented: {what}")


@v_args(inline=True)
class _Words(Transformer[Token, Any]):
    """The small forms: strings, numbers, names, durations."""

    def string(self, token: Token) -> str:
        try:
            return unquote(token)
        except ValueError as error:
            raise _place(token).error(str(error)) from None

    def signed(self, sign: Token | None, number: Token) -> float:
        value = float(int(number, 16)) if number.lower().startswith("0x") else float(number)
        return -value if sign == "-" else value

    def match_op(self, token: Token) -> str:
        return str(token)

    number_op = match_op

    def names(self, *names: Token) -> tuple[str, ...]:
        return tuple(map(str, names))

    def range(self, text: Token) -> int:
        if (nanoseconds := duration(text)) <= 0:
            raise _place(text).error("the range must be longer than zero")
        return nanoseconds

    def offset(self, text: Token) -> int:
        return duration(text)

    def grouping(self, word: Token, names: tuple[str, ...] | None) -> s.Grouping:
        return s.Grouping(names or (), without=word == "without")


@v_args(inline=True, meta=True)
class _Stages(_Words):
    """Stream selectors and the stages behind them."""

    def matcher(self, meta: Meta, name: Token, op: str, value: str) -> s.Matcher:
        return s.Matcher(str(name), op, value, _place(meta))

    def selector(self, meta: Meta, *matchers: s.Matcher | None) -> tuple[s.Matcher, ...]:
        return tuple(matcher for matcher in matchers if matcher)

    def log_query(self, meta: Meta, selector: Any, *stages: s.Stage) -> s.LogQuery:
        if isinstance(selector, s.LogQuery):
            return selector
        return s.LogQuery(selector, stages, _place(meta))

    def line_op(self, meta: Meta, op: Token) -> Token:
        return op

    def line_filter(self, meta: Meta, op: Token, *values: str) -> s.LineFilter:
        if op in ("|>", "!>"):
            _not_implemented(op, f"the pattern filter {op}")
        return s.LineFilter(str(op), values, _place(meta))

    def json(self, meta: Meta, *fields: tuple[str, str] | None) -> s.Json:
        return s.Json(tuple(field for field in fields if field), _place(meta))

    def json_path(self, meta: Meta, name: Token, path: str) -> tuple[str, str]:
        try:
            json_path(path)
        except ValueError as error:
            raise _place(meta).error(str(error)) from None
        return str(name), path

    def json_same(self, meta: Meta, name: Token) -> tuple[str, str]:
        return str(name), str(name)

    def unwrap(self, meta: Meta, name: Token) -> s.Unwrap:
        return s.Unwrap(str(name), _place(meta))

    def unwrap_convert(self, meta: Meta, conversion: Token, name: Token) -> NoReturn:
        _not_implemented(conversion, f"unwrap {conversion}({name})")

    def other_stage(self, meta: Meta, stage: Token) -> NoReturn:
        _not_implemented(stage, f"the stage {stage}")

    def text_test(self, meta: Meta, name: Token, op: str, value: str) -> s.TextTest:
        return s.TextTest(str(name), op, value, _place(meta))

    def number_test(self, meta: Meta, name: Token, op: str, value: float) -> s.NumberTest:
        return s.NumberTest(str(name), "==" if op == "=" else op, value, _place(meta))

    def unit_test(self, meta: Meta, name: Token, op: str, value: Token) -> NoReturn:
        _not_implemented(value, f"comparing a label with {value}, a number with a unit")

    def or_filter(self, meta: Meta, left: s.LabelTest, right: s.LabelTest) -> s.BothTests:
        return s.BothTests("or", left, right)

    def and_filter(self, meta: Meta, left: s.LabelTest, right: s.LabelTest) -> s.BothTests:
        return s.BothTests("and", left, right)


def _aggregate(op: Token, of: s.Metric, grouping: s.Grouping | None) -> s.VectorAgg:
    if s.is_scalar(of):
        raise _place(op).error(f"{op} aggregates series, and this is a scalar: use vector(...)")
    return s.VectorAgg(str(op), of, grouping, _place(op))


@v_args(inline=True, meta=True)
class Builder(_Stages):
    """Metric expressions on top."""

    def start(self, meta: Meta, query: s.Query) -> s.Query:
        return query

    def window(self, meta: Meta, *parts: Any) -> tuple[s.LogQuery, int, int]:
        if len(parts) == 1:
            return parts[0]  # type: ignore[no-any-return]  # the same window in brackets
        selector, *stages, span, offset = parts
        return s.LogQuery(selector, tuple(stages), _place(meta)), span, offset or 0

    def window_early(self, meta: Meta, *parts: Any) -> tuple[s.LogQuery, int, int]:
        selector, span, offset, *stages = parts
        return s.LogQuery(selector, tuple(stages), _place(meta)), span, offset or 0

    def range_agg(
        self, meta: Meta, op: Token, parameter: float | None, window: Any, group: s.Grouping | None
    ) -> s.RangeAgg:
        if op in ("first_over_time", "stddev_over_time", "stdvar_over_time"):
            _not_implemented(op, str(op))
        query, span, offset = window
        return s.RangeAgg(str(op), query, span, offset, parameter, group, _place(op))

    def vector_agg(self, meta: Meta, op: Token, of: s.Metric, grouping: s.Grouping | None) -> s.VectorAgg:
        return _aggregate(op, of, grouping)

    def vector_agg_front(self, meta: Meta, op: Token, grouping: s.Grouping, of: s.Metric) -> s.VectorAgg:
        return _aggregate(op, of, grouping)

    def vector(self, meta: Meta, value: float) -> s.Vector:
        return s.Vector(value, _place(meta))

    def scalar(self, meta: Meta, value: float) -> s.Number:
        return s.Number(value, _place(meta))

    def other_call(self, meta: Meta, op: Token) -> NoReturn:
        _not_implemented(op, str(op))

    def matching(self, meta: Meta, word: Token, names: Any, side: Token | None, _more: Any) -> s.Matching:
        if side:
            _not_implemented(side, str(side))
        return s.Matching(names or (), on=word == "on")

    def modifier(self, meta: Meta, as_bool: Token | None, matching: s.Matching | None) -> tuple[bool, s.Matching]:
        return bool(as_bool), matching or s.Matching()

    def binary(self, meta: Meta, left: s.Metric, op: Token, modifier: Any, right: s.Metric) -> s.Binary:
        if op.type == "UNLESS":
            return _set(meta, "unless", left, modifier, right)
        as_bool, matching = modifier
        scalars = s.is_scalar(left) and s.is_scalar(right)
        if as_bool and op.type not in ("COMPARE", "NE"):
            raise _place(op).error("bool is for comparisons only")
        if op.type in ("COMPARE", "NE") and scalars and not as_bool:
            raise _place(op).error("two scalars are compared with bool: write 1 < bool 2")
        return s.Binary(str(op), left, right, as_bool, matching, _place(op))

    def either(self, meta: Meta, left: s.Metric, modifier: Any, right: s.Metric) -> s.Binary:
        return _set(meta, "or", left, modifier, right)

    def both(self, meta: Meta, left: s.Metric, modifier: Any, right: s.Metric) -> s.Binary:
        return _set(meta, "and", left, modifier, right)


def _set(meta: Meta, op: str, left: s.Metric, modifier: tuple[bool, s.Matching], right: s.Metric) -> s.Binary:
    as_bool, matching = modifier
    if as_bool:
        raise _place(meta).error("bool is for comparisons only")
    if s.is_scalar(left) or s.is_scalar(right):
        raise _place(meta).error(f"{op} joins vectors, and one side is a scalar: use vector(...)")
    return s.Binary(op, left, right, matching=matching, place=_place(meta))
