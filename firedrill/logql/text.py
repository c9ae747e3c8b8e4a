"""How LogQL writes strings, durations and JSON paths, and how Loki prints numbers.

Each function reads or writes one small form; none knows where in a query it stood.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
    "y": 31_536_000_000_000_000,
}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_BYTES = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kmgtp]?)(i?)b")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)")
_SIMPLE_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_PATH_PART = re.compile(r'\.?([A-Za-z_][A-Za-z0-9_-]*)|\[([0-9]+)\]|\["((?:[^"\\]|\\.)*)"\]')


def duration(text: str) -> int:
    """Nanoseconds of `1h30m`, `5m`, `250ms`; ValueError when it is no duration."""
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is no duration: write a number and a unit, like 30s, 5m or 1h30m")
    return sum(int(Decimal(number) * UNITS[unit]) for number, unit in parts)


def byte_count(text: str) -> int:
    """Bytes of `20MB` (decimal) or `4KiB` (binary); ValueError when it is neither."""
    found = _BYTES.fullmatch(text.lower())
    if not found:
        raise ValueError(f"{text!r} is no amount of bytes: write a number and a unit, like 20MB or 4KiB")
    number, letter, binary = found.groups()
    return int(Decimal(number) * (1024 if binary else 1000) ** " kmgtp".index(letter or " "))


def print_duration(nanoseconds: int) -> str:
    """`5m`, `1h30m`, `250ms`: the shortest form `duration` reads back."""
    rest, out = nanoseconds, ""
    for unit in ("d", "h", "m", "s", "ms", "us", "ns"):
        count, rest = divmod(rest, UNITS[unit])
        out += f"{count}{unit}" if count else ""
    return out or "0s"


def unquote(text: str) -> str:
    """The value of a quoted or back-quoted string; ValueError on an escape Go does not know."""
    if text.startswith("`"):
        return text[1:-1].replace("\r", "")
    return _ESCAPE.sub(_unescape, text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    body = match.group(1)
    if body[0] in "xuU" and len(body) > 1:
        return chr(int(body[1:], 16))
    if body.isdigit():
        return chr(int(body, 8))
    if body in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[body]
    raise ValueError(f"unknown escape \\{body} in a quoted string: double the backslash or use back quotes")


def json_path(text: str) -> tuple[str | int, ...]:
    """Steps of `a.b[1]["c d"]`; ValueError when it is no path."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        found = _PATH_PART.match(text, at)
        if not found or (at == 0 and text.startswith(".")):
            raise ValueError(f'{text!r} is no JSON path: write it like a.b, list[0] or ["odd key"]')
        name, index, quoted = found.groups()
        steps.append(int(index) if index is not None else name if name is not None else quoted.replace('\\"', '"'))
        at = found.end()
    if not steps:
        raise ValueError("the JSON path is empty")
    return tuple(steps)


def print_number(value: float) -> str:
    """A sample as Loki prints it: shortest digits that read back, never an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def print_value(value: float) -> str:
    """A sample as `{{ $value }}` prints it: like `print_number`, with an exponent for the very large and small."""
    if value and not math.isinf(value) and not math.isnan(value) and not 1e-4 <= abs(value) < 1e6:
        digits, _, exponent = repr(value).partition("e")
        if not exponent:
            digits, _, exponent = f"{value:.17e}".partition("e")
            digits = _shortest(value)
        return f"{digits.removesuffix('.0')}e{int(exponent):+03d}"
    return print_number(value)


def _shortest(value: float) -> str:
    for precision in range(17):
        text = f"{value:.{precision}e}"
        if float(text) == value:
            return text.partition("e")[0]
    return f"{value:.17e}".partition("e")[0]
