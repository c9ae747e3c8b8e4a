"""Small wrong changes to an alert rule, one at a time: thresholds, windows, labels, operators, negations, `for`.

They are made on the text of the query, token by token, and named so that a person finds the place again. What no longer
parses is no mutant: nobody could deploy it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from firedrill.logql.parse import parse_metric
from firedrill.logql.rules import Rule
from firedrill.logql.syntax import SECOND, QueryError
from firedrill.logql.text import duration, print_duration

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"|`[^`]*`) | (?P<window>\[[^\]]+\]) | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>\d+(?:\.\d+)?) | (?P<op>=~|!~|!=|>=|<=|==|[=<>+*/-]) | (?P<other>\S)""",
    re.VERBOSE,
)
_FILTER = re.compile(r'\|\s*[A-Za-z_]\w*\s*(?:=~|!~|!=|>=|<=|=|>|<)\s*(?:"[^"]*"|\d+)')
_GROUPING = re.compile(r"\bby \(([^)]*)\)")
_COMPARED = {">": (">=", "<"), ">=": (">", "<"), "<": ("<=", ">"), "<=": ("<", ">"), "!=": ("==",), "==": ("!=",)}
_MATCHED = {"=": ("!=",), "!=": ("=",), "=~": ("!~",), "!~": ("=~",)}
_COMPUTED = {"+": ("-",), "-": ("+",), "/": ("*",), "*": ("/",)}
_WORDS = {
    "and": ("or", "unless"),
    "or": ("and",),
    "unless": ("and", "or"),
    "sum": ("count",),
    "max_over_time": ("min_over_time",),
    "min_over_time": ("max_over_time",),
    "last_over_time": ("max_over_time", "min_over_time", "first_over_time"),
    "count_over_time": ("bytes_over_time",),
    "absent_over_time": ("count_over_time",),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one change; `name` says which, and is the same in every run."""

    name: str
    rule: Rule


def mutants(rule: Rule) -> list[Mutant]:
    """All mutants of a rule that parse, each name once."""
    found: dict[str, Mutant] = {}
    for name, expr in _changed(rule.expr):
        try:
            query = parse_metric(expr)
        except QueryError:
            continue
        found[name] = Mutant(name, replace(rule, expr=expr, query=query))
    for hold in _holds(rule.hold):
        name = f"for: {print_duration(rule.hold)} -> {print_duration(hold)}"
        found[name] = Mutant(name, replace(rule, hold=hold))
    return list(found.values())


def _holds(hold: int) -> tuple[int, ...]:
    return (0, hold // 2, hold * 2) if hold else (30 * SECOND,)


def _changed(expr: str) -> Iterator[tuple[str, str]]:
    counted: dict[str, int] = {}
    tokens = list(_TOKEN.finditer(expr))
    for number, token in enumerate(tokens):
        after = tokens[number + 1].lastgroup if number + 1 < len(tokens) else None
        counted[token.group()] = place = counted.get(token.group(), 0) + 1
        for other in _others(token, after):
            name = f"{token.group()} #{place} -> {other}"
            yield name, expr[: token.start()] + other + expr[token.end() :]
    yield from _without_filters(expr)
    yield from _without_labels(expr)


def _others(token: re.Match[str], after: str | None) -> Iterator[str]:
    """What may stand in the token's place."""
    text = token.group()
    match token.lastgroup:
        case "window":
            window = duration(text[1:-1])
            yield from (f"[{print_duration(other)}]" for other in (window // 2, window * 2))
        case "number":
            yield from _numbers(text)
        case "text":
            yield f'"{text[1:-1]}x"'
        case "op":
            table = _MATCHED if after == "text" else _COMPUTED if text in _COMPUTED else _COMPARED
            yield from table.get(text, ())
        case "word":
            yield from _WORDS.get(text, ())


def _numbers(text: str) -> tuple[str, ...]:
    value = float(text)
    return ("1",) if not value else (f"{value * 2:g}", f"{value / 2:g}")


def _without_filters(expr: str) -> Iterator[tuple[str, str]]:
    for number, found in enumerate(_FILTER.finditer(expr), 1):
        yield f"filter #{number} {found.group()} removed", expr[: found.start()] + expr[found.end() :]


def _without_labels(expr: str) -> Iterator[tuple[str, str]]:
    for number, found in enumerate(_GROUPING.finditer(expr), 1):
        names = [name.strip() for name in found.group(1).split(",")]
        for name in names:
            kept = ", ".join(other for other in names if other != name)
            yield f"by #{number} without {name}", f"{expr[: found.start(1)]}{kept}{expr[found.end(1) :]}"
