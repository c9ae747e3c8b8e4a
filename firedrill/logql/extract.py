"""How regexp, pattern, logfmt and ip() read a text, as SQL expressions.

Patterns are RE2's, which DuckDB runs as they are. Nothing here knows labels or stages.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from firedrill.logql import quote

_CAPTURE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
_SCAN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|\[:[a-z^]+:\]|[^\]\\])*\]|\((?:\?P?<([A-Za-z_][A-Za-z0-9_]*)>|(?!\?))", re.DOTALL
)
_REFERENCE = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+)|\$)|\\")

CLEAN_NAME = "regexp_replace(regexp_replace({0}, '[^A-Za-z0-9_]', '_', 'g'), '^([0-9])', '_\\1')"
"""A key as the name of a label."""

_PAIR = r'([^\s="]+)(?:=("(?:[^"\\]|\\.)*")|(?:=([^\s="]*))?(?:\s|$))|\S+="(?:[^"\\]|\\.)*$|\S+'
_BROKEN = r'(?:^|\s)([^\s="]+=[^\s"=]*[="]|[^\s="]*"|=)'
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}[0-9.]*"


def groups(pattern: str) -> list[str | None]:
    """Names of the capturing groups of a pattern in order; None for one without a name."""
    found = (match for match in _SCAN.finditer(pattern) if match.group(0).startswith("("))
    return [match.group(1) for match in found]


def replacement(pattern: str, text: str) -> str:
    """A replacement in Go's form (`$1`, `${name}`, `$$`) as RE2 writes it. An unknown group is empty."""
    names = groups(pattern)

    def one(match: re.Match[str]) -> str:
        if match.group(0) in ("\\", "$$"):
            return "\\\\" if match.group(0) == "\\" else "$"
        name = match.group(1) or match.group(2)
        number = int(name) if name.isdigit() else names.index(name) + 1 if name in names else -1
        return f"\\{number}" if 0 <= number <= len(names) else ""

    return _REFERENCE.sub(one, text)


def named_groups(pattern: str) -> Iterator[tuple[str, int]]:
    """Named groups and their numbers."""
    for number, name in enumerate(groups(pattern), 1):
        if name:
            yield name, number


def pattern_parts(text: str) -> list[tuple[str, bool]]:
    """Literals and captures (True) of `<ip> - <_>`; ValueError when two captures touch or none is there."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for found in _CAPTURE.finditer(text):
        if found.start() > at:
            parts.append((text[at : found.start()], False))
        elif parts:
            raise ValueError(f"two captures stand side by side in the pattern {text!r}: put text between them")
        parts.append((found.group(1), True))
        at = found.end()
    if at < len(text):
        parts.append((text[at:], False))
    return parts


def pattern_regexp(parts: list[tuple[str, bool]]) -> tuple[str, list[str]]:
    """The pattern as a regular expression, and the captures' names by group.

    Each capture ends where the next literal first stands; where that is missing it takes the rest.
    """
    first = "" if parts[0][1] else _literally(parts[0][0])
    rest = parts if parts[0][1] else parts[1:]
    names = [name for name, capture in rest if capture]
    made, closing = f"(?s)^{first}", ""
    for index, (text, capture) in enumerate(rest):
        if not capture:
            made, closing = f"{made}(?:{_literally(text)}", rf"|\z){closing}"
        else:
            made += "(.*)" if index == len(rest) - 1 else "(.*?)"
    return made + closing, names


def _literally(text: str) -> str:
    return "".join(f"\\{char}" if char.isascii() and not char.isalnum() else char for char in text)


def pattern_matches(line: str, parts: list[tuple[str, bool]]) -> str:
    """Whether the whole line has the form of a pattern; a capture holds at least one character."""
    literals = [text for text, capture in parts if not capture]
    if len(literals) == len(parts):
        return f"({line} = {quote.text(''.join(literals))})"
    ends = parts[-1][1]
    if not literals:
        return f"({line} <> '')"
    start = line
    if not parts[0][1]:
        head = quote.text(literals.pop(0))
        start = f"CASE WHEN starts_with({line}, {head}) THEN substr({line}, length({head}) + 1) END"
    listed = ", ".join([start, *map(quote.text, literals)])
    step = "CASE WHEN instr(rest, lit) > 1 THEN substr(rest, instr(rest, lit) + length(lit)) END"
    rest = f"list_reduce([{listed}], lambda rest, lit: {step})"
    return f"coalesce({rest} {'<>' if ends else '='} '', FALSE)"


def logfmt_entries(line: str, keep_empty: bool) -> str:
    """All pairs of a logfmt line as a list of {k, v}; what cannot be read is passed over."""
    keys = f"list_transform(regexp_extract_all({line}, {quote.text(_PAIR)}, 1), lambda k: coalesce(k, ''))"
    quoted, bare = (f"regexp_extract_all({line}, {quote.text(_PAIR)}, {group})" for group in (2, 3))
    values = f"list_transform(list_zip({quoted}, {bare}), lambda v: coalesce(nullif(v[1], ''), v[2], ''))"
    plain = "substr(p[2], 2, length(p[2]) - 2)"
    read = f"CASE WHEN contains(p[2], '\\') THEN TRY(json_extract_string(p[2], '$')) ELSE {plain} END"
    value = f"CASE WHEN left(p[2], 1) = '\"' THEN {read} ELSE p[2] END"
    clean = CLEAN_NAME.format("p[1]")
    pairs = f"list_transform(list_zip({keys}, {values}), lambda p: {{'k': {clean}, 'v': {value}}})"
    empty = "" if keep_empty else " AND p.v <> ''"
    return f"list_filter({pairs}, lambda p: p.k <> '' AND p.v IS NOT NULL{empty})"


def logfmt_broken(line: str) -> str:
    """Whether a line is no clean logfmt, which only --strict minds."""
    quoted = quote.text(r'="(?:[^"\\]|\\.)*"(\s|$)')
    return f"regexp_matches(regexp_replace({line}, {quoted}, '=q ', 'g'), {quote.text(_BROKEN)})"


def address_range(pattern: str) -> tuple[int, int]:
    """First and last number of `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`; ValueError otherwise."""
    if ":" in pattern:
        raise ValueError(f"not implemented: ip({pattern!r}), addresses of version 6")
    try:
        if "-" in pattern:
            first, last = (int(ipaddress.IPv4Address(part.strip())) for part in pattern.split("-", 1))
            if first > last:
                raise ValueError("the range is upside down")
            return first, last
        network = ipaddress.IPv4Network(pattern, strict=False)
    except ValueError as error:
        raise ValueError(f"ip: invalid pattern {pattern!r}: {error}") from None
    return int(network.network_address), int(network.broadcast_address)


def has_address(text: str, pattern: str) -> str:
    """Whether an address of a range stands anywhere in a text."""
    first, last = address_range(pattern)
    found = f"regexp_extract_all({text}, {quote.text(_ADDRESS)})"
    inside = f"lambda a: coalesce(logql_ipv4(a) BETWEEN {first} AND {last}, FALSE)"
    return f"coalesce(length(list_filter({found}, {inside})) > 0, FALSE)"
