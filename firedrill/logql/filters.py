"""Matchers, line filters and label filters as SQL conditions.

An absent label counts as an empty one. A comparison of numbers that fails keeps the line and marks
it with an error, as in Loki; what the mark is made of is said here too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firedrill.logql import quote
from firedrill.logql import syntax as s
from firedrill.logql.extract import has_address, pattern_matches, pattern_parts

ERROR = "__error__"
_WORDS = re.compile(r"\w+(?:\|\w+)*", re.ASCII)
_LITERAL = re.compile(r"(\.\*)?((?:[^\\.+*?()|\[\]{}^$]|\\[^A-Za-z0-9])+)(\.\*)?", re.DOTALL)


DETAILS = "__error_details__"
_DETAILS = {
    "JSONParserErr": "the line is no JSON object",
    "LogfmtParserErr": "the line is no logfmt",
    "LabelFilterErr": "the label is no number, duration or amount of bytes as the comparison needs",
    "SampleExtractionErr": "the label to unwrap is no number, duration or amount of bytes",
    "TemplateFormatErr": "the template stopped with an error",
}


class Label(Protocol):
    def __call__(self, name: str, as_number: bool = False) -> str: ...


@dataclass(frozen=True, slots=True)
class Error:
    """The label __error__ as an expression `sql`; `none`: that it is empty, said as cheaply as can be."""

    sql: str
    none: str

    def __str__(self) -> str:
        return self.sql


def changed(sql: str) -> Error:
    """An error of which nothing more is known than its expression."""
    return Error(sql, f"{sql} = ''")


def first_error(error: Error | None, condition: str, code: str, unless: str = "") -> Error:
    """__error__ once `condition` may add `code`; an earlier error stays. `unless`: the condition's opposite."""
    none = unless or f"({condition}) IS NOT TRUE"
    if error is None:
        return Error(f"CASE WHEN {condition} THEN '{code}' ELSE '' END", none)
    sql = f"CASE WHEN {error} <> '' THEN {error} WHEN {condition} THEN '{code}' ELSE '' END"
    return Error(sql, f"{error.none} AND {none}")


def error_details(error: Error | None) -> str:
    """__error_details__ to an expression of __error__."""
    if error is None:
        return "''"
    told = " ".join(f"WHEN {quote.text(code)} THEN {quote.text(words)}" for code, words in _DETAILS.items())
    return f"CASE {error} {told} ELSE '' END"


def text_condition(label: str, op: str, value: str) -> str:
    """`label op value` where an absent label counts as an empty one. Patterns match the whole value."""
    wanted = quote.text(value)
    if op in ("=~", "!~"):
        if _WORDS.fullmatch(value):  # a list of words is looked up, which takes a fraction of the time
            listed = ", ".join(quote.text(word) for word in value.split("|"))
            return f"{label} IN ({listed})" if op == "=~" else f"coalesce({label}, '') NOT IN ({listed})"
        return f"{'NOT ' if op == '!~' else ''}regexp_full_match(coalesce({label}, ''), {wanted}, 's')"
    if value == "":
        return f"coalesce({label}, '') {'=' if op == '=' else '<>'} ''"
    return f"{label} = {wanted}" if op == "=" else f"{label} IS DISTINCT FROM {wanted}"


def _label_text(label: str, op: str, value: str) -> str:
    """A label filter. Loki cuts a pattern that is one literal and .* short: it then looks for the literal anywhere."""
    if op not in ("=~", "!~"):
        return text_condition(label, op, value)
    if value in ("", ".*"):
        return "TRUE" if op == "=~" else "FALSE"
    found = _LITERAL.fullmatch(value)
    if not found or not (found.group(1) or found.group(3)):
        return text_condition(label, op, value)
    literal = quote.text(re.sub(r"\\(.)", r"\1", found.group(2)))
    return f"{'NOT ' if op == '!~' else ''}contains(coalesce({label}, ''), {literal})"


def line_condition(stage: s.LineFilter, line: str = "line") -> str:
    """|= and != look for text, |~ and !~ for a pattern anywhere in the line, |> and !> for its form."""
    match stage.op:
        case "|>" | "!>":
            tests = [pattern_matches(line, pattern_parts(value)) for value in stage.values]
        case "|~" | "!~":
            tests = [f"regexp_matches({line}, {quote.text(value)})" for value in stage.values]
        case _:
            tests = [f"contains({line}, {quote.text(value)})" for value in stage.values]
    found = " OR ".join(tests)
    return f"({found})" if stage.op.startswith("|") else f"NOT ({found})"


def address_condition(stage: s.IpLine, line: str) -> str:
    found = has_address(line, stage.pattern)
    return found if stage.op == "|=" else f"NOT {found}"


def matcher_condition(matcher: s.Matcher, stream: Sequence[str]) -> str:
    """A matcher of the stream selector; a name that is no stream label is absent."""
    label = quote.name(matcher.name) if matcher.name in stream else "NULL::VARCHAR"
    return text_condition(label, matcher.op, matcher.value)


def label_condition(test: s.LabelTest, label: Label, error: Error | None) -> tuple[str, Error | None]:
    """Condition of a label filter, and the expression of __error__ after it."""
    match test:
        case s.TextTest():
            if test.name == ERROR and (test.op, test.value) == ("=", "") and error:
                return error.none, error
            of = str(error or "''") if test.name == ERROR else label(test.name)
            return _label_text(of, test.op, test.value), error
        case s.IpTest():
            return _address_test(test, label, error), error
        case s.NumberTest():
            return _number_test(test, label, error)
        case s.BothTests("and"):
            left, error = label_condition(test.left, label, error)
            right, error = label_condition(test.right, label, error)
            return f"({left} AND {right})", error
    left, left_error = label_condition(test.left, label, error)
    right, error = label_condition(test.right, label, left_error)
    if error != left_error:
        error = changed(f"CASE WHEN {left} THEN {left_error or quote.text('')} ELSE {error} END")
    return f"({left} OR {right})", error


def _address_test(test: s.IpTest, label: Label, error: Error | None) -> str:
    of = label(test.name)
    found = has_address(of, test.pattern)
    holds = f"({of} IS NOT NULL AND {found if test.op == '=' else f'NOT {found}'})"
    return f"({error} <> '' OR {holds})" if error else holds


def number(label: str, unit: str) -> str:
    """The number a label's text stands for, NULL for none. `unit`: duration (to seconds), bytes or empty."""
    return f"logql_{unit}({label})" if unit else f"TRY_CAST({label} AS DOUBLE)"


def _number_test(test: s.NumberTest, label: Label, error: Error | None) -> tuple[str, Error | None]:
    of = label(test.name, as_number=True)
    value = number(of, test.unit)
    op = {"==": "=", "!=": "<>"}.get(test.op, test.op)
    holds = f"coalesce({value} {op} {quote.number(test.value)} AND NOT isnan({value}), FALSE)"
    broken = f"({of} IS NOT NULL AND {value} IS NULL)"
    passes = f"({holds} OR {broken})" if not error else f"({error} <> '' OR {holds} OR {broken})"
    return passes, first_error(error, broken, "LabelFilterErr")
