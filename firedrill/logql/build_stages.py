"""Turns the parser's tree into syntax: selectors, the stages behind them, and the small forms.

One method for each rule of `logql.lark`. Regular expressions are RE2's, so they are first compiled
where the query runs: Python's would refuse good ones and let bad ones pass.
"""

from __future__ import annotations

from typing import Any, NoReturn

from lark import Token, Transformer, v_args
from lark.tree import Meta

from firedrill.logql import syntax as s
from firedrill.logql.extract import address_range, named_groups, pattern_parts
from firedrill.logql.template import Node
from firedrill.logql.template import read as read_template
from firedrill.logql.template_sql import compile_template
from firedrill.logql.text import byte_count, duration, json_path, unquote


def place(at: Meta | Token) -> s.Place:
    return s.Place(getattr(at, "line", 1) or 1, getattr(at, "column", 1) or 1)


def no_logql(at: Meta | Token, what: str) -> NoReturn:
    raise place(at).error(f"not in Loki 3.6: {what}")


def _template(meta: Meta, text: str, what: str) -> Node:
    """A template that is known to compile; QueryError in Loki's words otherwise."""
    try:
        node = read_template(text)
        compile_template(node, lambda name: "''", "''")
    except ValueError as error:
        raise place(meta).error(f"{what}: {error}") from None
    return node


@v_args(inline=True)
class Words(Transformer[Token, Any]):
    """The small forms: strings, numbers, names, durations."""

    def string(self, token: Token) -> str:
        try:
            return unquote(token)
        except ValueError as error:
            raise place(token).error(str(error)) from None

    def signed(self, sign: Token | None, number: Token) -> float:
        value = float(number)
        return -value if sign == "-" else value

    def match_op(self, token: Token) -> str:
        return str(token)

    number_op = match_op

    def names(self, *names: Token) -> tuple[str, ...]:
        return tuple(map(str, names))

    def range(self, text: Token) -> int:
        if "." in text:
            raise place(text).error(f"a range is whole units: write 90s for 1.5m, not {text}")
        if (nanoseconds := duration(text)) <= 0:
            raise place(text).error("the range must be longer than zero")
        return nanoseconds

    def offset(self, sign: Token | None, text: Token) -> int:
        return -duration(text) if sign == "-" else duration(text)

    def grouping(self, word: Token, names: tuple[str, ...] | None) -> s.Grouping:
        return s.Grouping(names or (), without=word == "without")


@v_args(inline=True, meta=True)
class Stages(Words):
    """Stream selectors and the stages behind them."""

    def matcher(self, meta: Meta, name: Token, op: str, value: str) -> s.Matcher:
        return s.Matcher(str(name), op, value, place(meta))

    def selector(self, meta: Meta, *matchers: s.Matcher | None) -> tuple[s.Matcher, ...]:
        return tuple(matcher for matcher in matchers if matcher)

    def log_query(self, meta: Meta, selector: Any, *stages: s.Stage) -> s.LogQuery:
        if isinstance(selector, s.LogQuery):
            return selector
        return s.LogQuery(selector, stages, place(meta))

    def line_op(self, meta: Meta, op: Token) -> Token:
        return op

    def line_filter(self, meta: Meta, op: Token, *values: str) -> s.LineFilter:
        for value in values if op in ("|>", "!>") else ():
            self._line_pattern(meta, value)
        return s.LineFilter(str(op), values, place(meta))

    def ip_line(self, meta: Meta, op: Token, pattern: str) -> s.IpLine:
        if op not in ("|=", "!="):
            raise place(meta).error(f"ip: invalid operation {op}: use |= or !=")
        self._addresses(meta, pattern)
        return s.IpLine(str(op), pattern, place(meta))

    @staticmethod
    def _addresses(meta: Meta, pattern: str) -> None:
        try:
            address_range(pattern)
        except ValueError as error:
            raise place(meta).error(str(error)) from None

    @staticmethod
    def _line_pattern(meta: Meta, text: str) -> list[tuple[str, bool]]:
        try:
            parts = pattern_parts(text)
        except ValueError as error:
            raise place(meta).error(str(error)) from None
        for name in (name for name, capture in parts if capture and name != "_"):
            raise place(meta).error(f"named captures are not allowed in a line filter: write <_> for <{name}>")
        return parts

    @staticmethod
    def _pattern_parts(meta: Meta, text: str) -> list[tuple[str, bool]]:
        try:
            parts = pattern_parts(text)
        except ValueError as error:
            raise place(meta).error(str(error)) from None
        if not any(capture for _, capture in parts):
            raise place(meta).error(f"at least one capture such as <_> is needed in the pattern {text!r}")
        return parts

    def json(self, meta: Meta, *fields: tuple[str, str] | None) -> s.Json:
        return s.Json(tuple(field for field in fields if field), place(meta))

    def json_path(self, meta: Meta, name: Token, path: str) -> tuple[str, str]:
        try:
            json_path(path)
        except ValueError as error:
            raise place(meta).error(str(error)) from None
        return str(name), path

    def json_same(self, meta: Meta, name: Token) -> tuple[str, str]:
        return str(name), str(name)

    def logfmt(self, meta: Meta, *parts: Token | tuple[str, str] | None) -> s.Logfmt:
        flags = [str(part) for part in parts if isinstance(part, Token)]
        fields = tuple(part for part in parts if part and not isinstance(part, Token))
        return s.Logfmt(fields, "--strict" in flags, "--keep-empty" in flags, place(meta))

    def regexp(self, meta: Meta, pattern: str) -> s.Regexp:
        names = [name for name, _ in named_groups(pattern)]
        if not names:
            raise place(meta).error("at least one named capture must be supplied, such as (?P<name>...)")
        if len(set(names)) < len(names):
            raise place(meta).error("a capture's name stands twice in the regular expression")
        return s.Regexp(pattern, place(meta))

    def pattern(self, meta: Meta, text: str) -> s.Pattern:
        names = [name for name, capture in self._pattern_parts(meta, text) if capture and name != "_"]
        if not names:
            raise place(meta).error(f"at least one named capture is needed in the pattern {text!r}")
        if len(set(names)) < len(names):
            raise place(meta).error(f"a capture's name stands twice in the pattern {text!r}")
        return s.Pattern(text, place(meta))

    def unpack(self, meta: Meta) -> s.Unpack:
        return s.Unpack(place(meta))

    def decolorize(self, meta: Meta) -> s.Decolorize:
        return s.Decolorize(place(meta))

    def line_format(self, meta: Meta, text: str) -> s.LineFormat:
        return s.LineFormat(_template(meta, text, "invalid line template"), place(meta))

    def label_renamed(self, meta: Meta, name: Token, other: Token) -> s.LabelPart:
        return s.LabelPart(str(name), str(other))

    def label_made(self, meta: Meta, name: Token, text: str) -> s.LabelPart:
        return s.LabelPart(str(name), _template(meta, text, f"invalid template for label '{name}'"))

    def label_format(self, meta: Meta, *parts: s.LabelPart) -> s.LabelFormat:
        names = [part.name for part in parts]
        for name in names:
            if name == "__error__":
                raise place(meta).error("__error__ cannot be formatted")
            if names.count(name) > 1:
                raise place(meta).error(f"multiple label name '{name}' not allowed in a single format operation")
        return s.LabelFormat(parts, place(meta))

    def pick(self, meta: Meta, name: Token, op: str | None, value: str | None) -> s.Pick:
        return s.Pick(str(name), op or "", value or "")

    def keep(self, meta: Meta, *picks: s.Pick) -> s.Keep:
        return s.Keep(picks, place(meta))

    def drop(self, meta: Meta, *picks: s.Pick) -> s.Drop:
        return s.Drop(picks, place(meta))

    def unwrap(self, meta: Meta, name: Token) -> s.Unwrap:
        return s.Unwrap(str(name), "", place(meta))

    def unwrap_convert(self, meta: Meta, conversion: Token, name: Token) -> s.Unwrap:
        unit = {"duration": "duration", "duration_seconds": "duration", "bytes": "bytes"}.get(conversion)
        if unit is None:
            raise place(conversion).error(f"no conversion {conversion}: there are duration, duration_seconds, bytes")
        return s.Unwrap(str(name), unit, place(meta))

    def other_stage(self, meta: Meta, stage: Token) -> NoReturn:
        no_logql(stage, f"the stage {stage}")

    def text_test(self, meta: Meta, name: Token, op: str, value: str) -> s.TextTest:
        return s.TextTest(str(name), op, value, place(meta))

    def number_test(self, meta: Meta, name: Token, op: str, value: float) -> s.NumberTest:
        return s.NumberTest(str(name), "==" if op == "=" else op, value, "", place(meta))

    def ip_test(self, meta: Meta, name: Token, op: str, pattern: str) -> s.IpTest:
        if op not in ("=", "!="):
            raise place(meta).error(f"ip: invalid operation {op}: use = or !=")
        self._addresses(meta, pattern)
        return s.IpTest(str(name), op, pattern, place(meta))

    def unit_test(self, meta: Meta, name: Token, op: str, sign: Token | None, value: Token) -> s.NumberTest:
        of_time = value.type == "DURATION"
        amount = duration(value) / s.SECOND if of_time else float(byte_count(value))
        amount = -amount if sign == "-" else amount
        return s.NumberTest(
            str(name), "==" if op == "=" else op, amount, "duration" if of_time else "bytes", place(meta)
        )

    def or_filter(self, meta: Meta, left: s.LabelTest, right: s.LabelTest) -> s.BothTests:
        return s.BothTests("or", left, right)

    def and_filter(self, meta: Meta, left: s.LabelTest, right: s.LabelTest) -> s.BothTests:
        return s.BothTests("and", left, right)
