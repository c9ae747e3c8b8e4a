"""The data of the differential test: twenty minutes of the bot, and the odd lines, as files and as Loki's streams.

Made from a seed and kept beside the tests as they were when Loki was asked, so that a change of the bot's events
leaves the answers true.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.day import START, Day
from tests.firedrill.logql.differential.odd_lines import odd_lines

SECONDS = 1200
NOW = START + SECONDS
GIVEN = {"job": "bot", "host": "h1"}
KEPT = Path(__file__).with_name("lines.jsonl.gz")

Stream = tuple[dict[str, str], list[tuple[int, str]]]


def made() -> list[str]:
    """Every line in the order of its time, with an empty one between the bot's and the odd ones."""
    bot = [line.decode() for line in Day(seconds=SECONDS).lines()]
    odd = [_with_time(text, second) for second, text in sorted(odd_lines(), key=lambda pair: pair[0])]
    return [*bot, "", *odd]


def _with_time(text: str, second: float) -> str:
    return text.replace('"ts":@', f'"ts":{START + second:.6f}', 1)


def kept() -> list[str]:
    return gzip.decompress(KEPT.read_bytes()).decode().split("\n")


def keep(lines: Sequence[str]) -> None:
    KEPT.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def write(lines: Sequence[str], folder: Path) -> str:
    """The lines as two files; the pattern of their names."""
    middle = lines.index("")
    for name, part in (("bot", lines[:middle]), ("odd", lines[middle + 1 :])):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(f"{line}\n" for line in part), encoding="utf-8")
        os.utime(path, (NOW + 60, NOW + 60))
    return str(folder / "*.jsonl")


def streams(lines: Sequence[str]) -> list[Stream]:
    """The lines with their times in nanoseconds, by the labels that a shipper would give them."""
    found: dict[tuple[tuple[str, str], ...], list[tuple[int, str]]] = defaultdict(list)
    time = 0
    for line in filter(None, lines):
        fields = _fields(line)
        time = round(float(fields["ts"]) * 1e6) * 1000 if "ts" in fields else time
        own = {name: str(fields[name]) for name in ("level", "action") if fields.get(name)}
        found[tuple({**GIVEN, **own}.items())].append((time, line))
    return [(dict(labels), entries) for labels, entries in found.items()]


def _fields(line: str) -> dict[str, object]:
    try:
        found = json.loads(line, parse_constant=_no_number)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")
