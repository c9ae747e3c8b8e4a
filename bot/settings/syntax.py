"""The env file's grammar and the grammar of single values. Knows no setting by name.

A value parser raises ValueError with what would have been right; the caller adds the name and what was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from urllib.parse import urlsplit

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")


def pairs(text: str) -> tuple[dict[str, str], list[str]]:
    """Names and values of KEY=value lines, and a reason for each line that is none."""
    found: dict[str, str] = {}
    at: dict[str, int] = {}
    reasons = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            reasons.append(f"line {number}: not KEY=value")  # unshown: it may be of a key that strayed here
            continue
        name, value = match.groups()
        if name in found:
            reasons.append(f"{name}: set twice, in lines {at[name]} and {number}")
        try:
            found[name], at[name] = _unquote(value), number
        except ValueError as error:
            reasons.append(f"{name}: {error} in line {number}")
    return found, reasons


def _unquote(value: str) -> str:
    if not value or value[0] not in "\"'":
        if value.endswith("\\"):
            raise ValueError("a value must end on its own line (no trailing backslash)")
        return value
    quote = value[0]
    if len(value) < 2 or value[-1] != quote:
        raise ValueError(f"a quote {quote} that is not closed")
    inner = value[1:-1]
    return re.sub(r'\\(["\\])', r"\1", inner) if quote == '"' else inner


def switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be {', '.join(choices[:-1])} or {choices[-1]}")
        return text

    return parse


def names(text: str) -> tuple[str, ...]:
    """A comma-separated list of different names of markets."""
    found = tuple(part.strip() for part in text.split(","))
    if not all(map(_NAME.fullmatch, found)) or len(set(found)) != len(found):
        raise ValueError("must be different names of markets with commas between")
    return found


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def number(least: str, most: str) -> Callable[[str], Decimal]:
    def parse(text: str) -> Decimal:
        value = _decimal(text)
        if value is None or not Decimal(least) <= value <= Decimal(most):
            raise ValueError(f"must be a number from {least} to {most}")
        return value

    return parse


def by_market(text: str) -> dict[str, Decimal]:
    """`5` for all markets (under the name "*"), or `BTC:0.05,ETH:1`."""
    found: dict[str, Decimal] = {}
    for part in text.split(","):
        name, colon, figure = part.strip().rpartition(":")
        value = _decimal(figure)
        key = name if colon else "*"
        if value is None or value <= 0 or key in found or (colon and not name):
            raise ValueError("must be one number above 0, or MARKET:NUMBER with commas between")
        found[key] = value
    return found


def series(text: str) -> dict[str, str]:
    """`NHL:KXNHLGAME,NFL:KXNFLGAME`: a league and its series, each named once."""
    found: dict[str, str] = {}
    for part in text.split(","):
        league, _, name = part.strip().partition(":")
        if not (_NAME.fullmatch(league) and _NAME.fullmatch(name)) or league in found or name in found.values():
            raise ValueError("must be LEAGUE:SERIES with commas between, each named once")
        found[league] = name
    return found


def gates(text: str) -> dict[str, tuple[Decimal, Decimal]]:
    """`NHL:0.48/0.65`: of a league, the price up to which entries buy and the one from which they sell, in dollars."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for part in text.split(","):
        league, _, both = part.strip().partition(":")
        low, high = (_decimal(side) for side in both.partition("/")[::2])
        sound = low is not None and high is not None and 0 < low < high < 1
        if not sound or not _NAME.fullmatch(league) or league in found:
            raise ValueError("must be LEAGUE:LOW/HIGH with commas between, and 0 < LOW < HIGH < 1 dollar")
        found[league] = (low, high)  # type: ignore[assignment]  # `sound` says they are
    return found


def path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("must be a path")
    return text


def address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address") from None


def url(*schemes: str) -> Callable[[str], str]:
    """An address without a slash at its end, and with nothing behind its path."""

    def parse(text: str) -> str:
        if not _is_url(text, schemes):
            raise ValueError(f"must be {' or '.join(f'{scheme}://HOST' for scheme in schemes)}")
        return text.rstrip("/")

    return parse


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        beside = parts.query or parts.fragment or parts.username or parts.port == 0
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and not beside and text.isascii() and " " not in text


def account(text: str) -> str:
    """An address of 20 bytes in hex, in small letters as the venue's hashes want it."""
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise ValueError("must be 0x and 40 hex digits")
    return text.lower()


def maybe(parse: Callable[[str], str]) -> Callable[[str], str]:
    """What `parse` takes, or nothing."""
    return lambda text: parse(text) if text else ""


def key_id(text: str) -> str:
    """The id that a venue gave an API key: no key itself, which has line breaks and is longer."""
    if not re.fullmatch(r"[A-Za-z0-9-]{8,64}", text):
        raise ValueError("must be the id of an API key, 8 to 64 letters, digits and hyphens")
    return text


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
