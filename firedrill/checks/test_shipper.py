"""Who carries the log to Loki: ready, dropping nothing, and at the end of every file. Skipped where nobody has to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts, Http
from firedrill.checks.target import Target

BEHIND = 1 << 20
"""Bytes that may be unread at one moment; a shipper that is further behind is not keeping up."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What a shipper calls its numbers: bytes there are and bytes read by path, lines given up by reason."""

    there: str
    read: str
    dropped: str


_NAMES = {
    "promtail.service": _Names(
        "promtail_file_bytes_total", "promtail_read_bytes_total", "promtail_dropped_entries_total"
    ),
    "alloy.service": _Names(
        "loki_source_file_file_bytes_total", "loki_source_file_read_bytes_total", "loki_write_dropped_entries_total"
    ),
}
_LINE = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$", re.MULTILINE)


def test_shipper_is_ready(facts: Facts, target: Target, expect: Expect) -> None:
    """Promtail says so once it follows a file."""
    _of(target)
    answer = facts.http["shipper_ready"]
    expect(
        settles=True,
        ok=answer.status == 200,
        found=answer,
        expected="/ready answers 200",
        remedy=f"{_look(target)} on {target.name}",
    )


def test_shipper_drops_no_line(facts: Facts, target: Target, expect: Expect) -> None:
    """Loki refuses lines that are too old, too long or too many; the shipper counts them, and they are gone from it."""
    names, page = _of(target), facts.http["shipper_metrics"]
    dropped = _sums(page, names.dropped, "reason")
    expect(
        ok=page.status == 200 and not any(dropped.values()),
        found=[f"{count:.0f} lines: {reason}" for reason, count in dropped.items() if count] or page.error,
        expected="no line dropped since it started",
        remedy=f"{_look(target)} on {target.name}; the lines are in the log files: firedrill backfill sends them",
    )


def test_shipper_has_read_to_the_end(facts: Facts, target: Target, expect: Expect) -> None:
    names, page = _of(target), facts.http["shipper_metrics"]
    there, read = _sums(page, names.there, "path"), _sums(page, names.read, "path")
    behind = {path: size - read.get(path, 0.0) for path, size in there.items()}
    expect(
        settles=True,
        ok=bool(there) and max(behind.values()) < BEHIND,
        found=[f"{path}: {left / 1e6:.1f} MB unread" for path, left in behind.items() if left >= BEHIND]
        or page.error
        or f"{len(there)} files read",
        expected=f"at least one file, none more than {BEHIND >> 20} MiB ahead of it",
        remedy=f"is Loki slow or away? {_look(target)} on {target.name}",
    )


def test_store_can_write_what_it_takes(facts: Facts, target: Target, expect: Expect) -> None:
    """On a full disk Loki goes on taking lines, stays ready and logs nothing: killed then, it has lost them."""
    _of(target)
    page = facts.http["store_metrics"]
    failures = _sums(page, "loki_ingester_wal_disk_full_failures_total", "")
    expect(
        ok=page.status == 200 and bool(failures) and not any(failures.values()),
        found=page.error
        or (f"{sum(failures.values()):.0f} failed" if failures else "no such number among its metrics"),
        expected="0 writes failed for want of room",
        remedy=f"make room on {target.name}, then systemctl restart {target.expected.store.unit}",
    )


def _of(target: Target) -> _Names:
    shipper, store = target.expected.store.shipper, target.expected.store.unit
    if not shipper or not store:
        pytest.skip("no shipper and no Loki on this host" if not shipper else "its Loki is on another host")
    return _NAMES[shipper]


def _look(target: Target) -> str:
    return f"read `journalctl -u {target.expected.store.shipper} -n 50`"


def _sums(page: Http, name: str, by: str) -> dict[str, float]:
    """Sums of a metric's samples in Prometheus' text format, by the value of one label ("" for a sample without it)."""
    found: dict[str, float] = {}
    for sample in _LINE.finditer(page.body):
        if sample["name"] == name:
            label = re.search(rf'(?:^|,){by}="([^"]*)"', sample["labels"] or "") if by else None
            key = label[1] if label else ""
            found[key] = found.get(key, 0.0) + float(sample["value"])
    return found
