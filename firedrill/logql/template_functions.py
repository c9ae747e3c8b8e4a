"""The functions a template may call, as SQL over values that have Go's kinds.

Where Go's functions convert (addf reads a text as a number, or 0) so do these. NULL is an error of
the template, such as a division by zero. A function that is in none of the tables is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from firedrill.logql import quote
from firedrill.logql.extract import replacement
from firedrill.logql.template import TemplateError

Kind = Literal["text", "float", "int", "bool", "truth"]
"""Go's kinds, and `truth`: a value of one of several kinds of which only the truth is known."""
_VERB = re.compile(r"%(?:%|([-+0# ]*[0-9]*(?:\.[0-9]+)?)([A-Za-z]))")


@dataclass(frozen=True, slots=True)
class Value:
    sql: str
    kind: Kind


def as_text(value: Value) -> str:
    match value.kind:
        case "float":
            return f"logql_float({value.sql})"
        case "int":
            return f"({value.sql})::VARCHAR"
        case "bool":
            return f"({value.sql})::VARCHAR"
        case "truth":
            raise TemplateError("not implemented: printing what and, or give of several kinds")
    return value.sql


def _float(value: Value) -> str:
    match value.kind:
        case "text":
            return f"logql_number({value.sql})"
        case "float":
            return value.sql
    return f"({value.sql})::INTEGER::DOUBLE" if value.kind == "bool" else f"({value.sql})::DOUBLE"


def _int(value: Value) -> str:
    match value.kind:
        case "text":
            return f"logql_int({value.sql})"
        case "float":
            return f"TRY_CAST(trunc({value.sql}) AS BIGINT)"
    return f"({value.sql})::BIGINT"


def truth(value: Value) -> str:
    match value.kind:
        case "text":
            return f"({value.sql} <> '')"
        case "bool" | "truth":
            return value.sql
    return f"({value.sql} <> 0)"


def _cut_prefix(text: str, prefix: str) -> str:
    return f"CASE WHEN starts_with({text}, {prefix}) THEN substr({text}, length({prefix}) + 1) ELSE {text} END"


def _cut_suffix(text: str, suffix: str) -> str:
    cut = f"left({text}, length({text}) - length({suffix}))"
    return f"CASE WHEN {suffix} <> '' AND suffix({text}, {suffix}) THEN {cut} ELSE {text} END"


_SPACE = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"

_TEXTS: dict[str, tuple[int, Callable[..., str]]] = {
    "ToLower": (1, lambda s: f"lower({s})"),
    "ToUpper": (1, lambda s: f"upper({s})"),
    "lower": (1, lambda s: f"lower({s})"),
    "upper": (1, lambda s: f"upper({s})"),
    "Trim": (2, lambda s, cut: f"trim({s}, {cut})"),
    "TrimLeft": (2, lambda s, cut: f"ltrim({s}, {cut})"),
    "TrimRight": (2, lambda s, cut: f"rtrim({s}, {cut})"),
    "TrimPrefix": (2, _cut_prefix),
    "TrimSuffix": (2, _cut_suffix),
    "TrimSpace": (1, lambda s: f"trim({s}, {_SPACE})"),
    "trim": (1, lambda s: f"trim({s}, {_SPACE})"),
    "trimAll": (2, lambda cut, s: f"trim({s}, {cut})"),
    "trimPrefix": (2, lambda cut, s: _cut_prefix(s, cut)),
    "trimSuffix": (2, lambda cut, s: _cut_suffix(s, cut)),
    "replace": (3, lambda old, new, s: f"replace({s}, {old}, {new})"),
    "b64enc": (1, lambda s: f"to_base64(encode({s}))"),
}
"""Functions from texts to a text: how many, and the SQL of them."""

_NUMBERS: dict[str, tuple[Kind, str]] = {
    "addf": ("float", "logql_add"),
    "subf": ("float", "logql_sub"),
    "mulf": ("float", "logql_mul"),
    "divf": ("float", "logql_div"),
    "maxf": ("float", "greatest"),
    "minf": ("float", "least"),
    "add": ("int", "add"),
    "sub": ("int", "subtract"),
    "mul": ("int", "multiply"),
    "div": ("int", "logql_quotient"),
    "mod": ("int", "logql_rest"),
    "max": ("int", "greatest"),
    "min": ("int", "least"),
}
"""Functions of one or more numbers, taken from left to right: their kind and the SQL function of two."""


def _same(name: str, given: Sequence[Value]) -> tuple[str, str]:
    left, right = given
    if left.kind != right.kind:
        raise TemplateError(f"{name} compares a {left.kind} with a {right.kind}: convert one with float64 or int")
    return left.sql, right.sql


def _compare(name: str, op: str) -> Callable[[Sequence[Value]], Value]:
    def made(given: Sequence[Value]) -> Value:
        left, right = _same(name, given)
        return Value(f"({left} {op} {right})", "bool")

    return made


def _equal(given: Sequence[Value]) -> Value:
    tests = [" = ".join(_same("eq", (given[0], other))) for other in given[1:]]
    return Value(f"({' OR '.join(tests)})", "bool")


def _either(stops_when: str) -> Callable[[Sequence[Value]], Value]:
    """`and` and `or` give one of their arguments, the first that settles the matter."""

    def two(left: Value, right: Value) -> Value:
        test = truth(left)
        if left.kind != right.kind:
            return Value(f"CASE WHEN {test} IS {stops_when} THEN {stops_when} ELSE {truth(right)} END", "truth")
        a, b = left.sql, right.sql
        return Value(f"CASE WHEN {test} IS {stops_when} THEN {a} ELSE {b} END", left.kind)

    return lambda given: reduce(two, given)


def _default(given: Sequence[Value]) -> Value:
    fallback, value = given
    test = truth(value)
    return Value(f"CASE {test} WHEN TRUE THEN {as_text(value)} WHEN FALSE THEN {as_text(fallback)} END", "text")


def _literal(name: str, value: Value) -> str:
    if not value.sql.startswith("'") or value.kind != "text":
        raise TemplateError(f"{name} takes a constant pattern or format")
    return value.sql[1:-1].replace("''", "'")


def _replace_all(given: Sequence[Value]) -> Value:
    pattern, new = _literal("regexReplaceAll", given[0]), _literal("regexReplaceAll", given[2])
    made = quote.text(replacement(pattern, new))
    return Value(f"regexp_replace({as_text(given[1])}, {quote.text(pattern)}, {made}, 'g')", "text")


def _replace_literal(given: Sequence[Value]) -> Value:
    new = _literal("regexReplaceAllLiteral", given[2]).replace("\\", "\\\\")
    return Value(f"regexp_replace({as_text(given[1])}, {as_text(given[0])}, {quote.text(new)}, 'g')", "text")


def _replace(given: Sequence[Value]) -> Value:
    text, old, new, count = (*map(as_text, given[:3]), given[3].sql)
    if count != "-1":
        raise TemplateError("not implemented: Replace with another count than -1")
    return Value(f"replace({text}, {old}, {new})", "text")


def _round(given: Sequence[Value]) -> Value:
    return Value(f"logql_round({_float(given[0])}, {_int(given[1])})", "float")


def _trunc(given: Sequence[Value]) -> Value:
    count, text = _int(given[0]), as_text(given[1])
    tail = f"CASE WHEN length({text}) + {count} > 0 THEN right({text}, -({count})) ELSE {text} END"
    return Value(f"CASE WHEN {count} < 0 THEN {tail} ELSE left({text}, {count}) END", "text")


def _substr(given: Sequence[Value]) -> Value:
    start, end, text = _int(given[0]), _int(given[1]), as_text(given[2])
    whole = f"{end} < 0 OR {end} > length({text})"
    middle = f"CASE WHEN {whole} THEN substr({text}, {start} + 1) ELSE substr({text}, {start} + 1, {end} - {start}) END"
    return Value(f"CASE WHEN {start} < 0 THEN left({text}, {end}) ELSE {middle} END", "text")


def _printf(given: Sequence[Value]) -> Value:
    """Go's verbs s, v, d, f and e, each held to the kind of its argument."""
    rest, made = list(given[1:]), []

    def one(found: re.Match[str]) -> str:
        flags, verb = found.groups()
        if verb is None:
            return "%%"
        if not rest:
            raise TemplateError("printf has more verbs than arguments")
        value = rest.pop(0)
        kinds = {"s": ("text",), "d": ("int",), "f": ("float",), "e": ("float",), "v": ("text", "int", "float", "bool")}
        if value.kind not in kinds.get(verb, ()):
            raise TemplateError(f"not implemented: %{verb} of a {value.kind} in printf")
        made.append(as_text(value) if verb in "sv" else value.sql)
        return f"%{flags}{'s' if verb == 'v' else verb}"

    format_text = quote.text(_VERB.sub(one, _literal("printf", given[0])))
    if rest:
        raise TemplateError("printf has more arguments than verbs")
    return Value(f"printf({', '.join([format_text, *made])})", "text")


def _test(form: str) -> Callable[[Sequence[Value]], Value]:
    return lambda given: Value(form.format(*map(as_text, given)), "bool")


def _align(form: str) -> Callable[[Sequence[Value]], Value]:
    return lambda given: Value(form.format(_int(given[0]), as_text(given[1])), "text")


_OTHERS: dict[str, tuple[int, Callable[[Sequence[Value]], Value]]] = {
    "eq": (-2, _equal),
    "ne": (2, _compare("ne", "<>")),
    "lt": (2, _compare("lt", "<")),
    "le": (2, _compare("le", "<=")),
    "gt": (2, _compare("gt", ">")),
    "ge": (2, _compare("ge", ">=")),
    "and": (-1, _either("FALSE")),
    "or": (-1, _either("TRUE")),
    "not": (1, lambda given: Value(f"(NOT {truth(given[0])})", "bool")),
    "default": (2, _default),
    "regexReplaceAll": (3, _replace_all),
    "regexReplaceAllLiteral": (3, _replace_literal),
    "Replace": (4, _replace),
    "count": (2, lambda g: Value(f"length(regexp_extract_all({as_text(g[1])}, {as_text(g[0])}))", "int")),
    "len": (1, lambda given: Value(f"strlen({as_text(given[0])})", "int")),
    "round": (2, _round),
    "ceil": (1, lambda given: Value(f"ceil({_float(given[0])})", "float")),
    "floor": (1, lambda given: Value(f"floor({_float(given[0])})", "float")),
    "int": (1, lambda given: Value(_int(given[0]), "int")),
    "float64": (1, lambda given: Value(_float(given[0]), "float")),
    "bytes": (1, lambda given: Value(f"logql_bytes({as_text(given[0])})", "float")),
    "duration": (1, lambda given: Value(f"logql_duration({as_text(given[0])})", "float")),
    "duration_seconds": (1, lambda given: Value(f"logql_duration({as_text(given[0])})", "float")),
    "contains": (2, _test("contains({1}, {0})")),
    "hasPrefix": (2, _test("starts_with({1}, {0})")),
    "hasSuffix": (2, _test("suffix({1}, {0})")),
    "trunc": (2, _trunc),
    "substr": (3, _substr),
    "repeat": (2, _align("repeat({1}, {0})")),
    "alignLeft": (2, _align("rpad({1}, {0}::INTEGER, ' ')")),
    "alignRight": (2, _align("right(lpad({1}, greatest({0}, length({1}))::INTEGER, ' '), {0})")),
    "printf": (-1, _printf),
    "print": (-1, lambda given: Value(" || ".join(map(as_text, given)), "text")),
}
"""All other functions: how many arguments (negative: at least so many), and the SQL."""


def call(name: str, given: Sequence[Value]) -> Value:
    """A function applied; TemplateError when it is not known or the arguments do not fit."""
    if name in _TEXTS:
        count, made = _TEXTS[name]
        _want(name, given, count)
        return Value(made(*map(as_text, given)), "text")
    if name in _NUMBERS:
        kind, form = _NUMBERS[name]
        _want(name, given, 1, more=True)
        read = _float if kind == "float" else _int
        return Value(reduce(lambda a, b: f"{form}({a}, {b})", map(read, given)), kind)
    if name not in _OTHERS:
        raise TemplateError(f"not implemented: the template function {name}")
    count, other = _OTHERS[name]
    _want(name, given, abs(count), more=count < 0)
    return other(given)


def _want(name: str, given: Sequence[Value], count: int, more: bool = False) -> None:
    if len(given) != count and not (more and len(given) > count):
        raise TemplateError(f"{name} takes {count} {'or more ' if more else ''}argument(s), not {len(given)}")
