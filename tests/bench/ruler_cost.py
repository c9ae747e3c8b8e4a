"""What the embedded ruler costs: a real `store serve` with 20 rules every 15 s, fed 200 lines a second."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from firedrill.rules import rule_files
from tests.day import Day
from tests.real_loki import _free_ports

REPOSITORY = Path(__file__).resolve().parents[2]
LINES_A_SECOND = 200
HISTORY_S = 1200
RULES = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Per cent of one core, and the largest resident memory in MB."""

    core_percent: float
    rss_mb: float


class Feed:
    """Lines of generated days with the times of now, so many a second, into one log."""

    def __init__(self, path: Path) -> None:
        self.path, self._lines = path, Day(seconds=30 * 86_400).lines()
        self._next = time.time() - HISTORY_S
        self.path.touch()

    def catch_up(self) -> None:
        """Writes what is due by now."""
        with self.path.open("ab") as log:
            while self._next < time.time():
                log.write(b'{"ts":%.6f%s\n' % (self._next, next(self._lines)[23:]))
                self._next += 1 / LINES_A_SECOND


def rules(folder: Path) -> Path:
    """The first 20 alerts of the repository as one file."""
    groups, _ = rule_files.load(REPOSITORY / "alerts")
    chosen = [{"alert": rule.alert, "expr": rule.expr, "for": "15s"} for group in groups for rule in group.rules][
        :RULES
    ]
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "bench", "interval": "15s", "rules": chosen}]}))
    return path


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Feed]]:
    """A store over a log that has 20 minutes of lines, with the limits it has on a host."""
    feed = Feed(folder / "events.jsonl")
    feed.catch_up()
    (port,) = _free_ports(1)
    words = ["store", "serve", "--files", str(feed.path), "--labels", "job=bot,host=h", "--port", str(port)]
    line = [sys.executable, "-m", "firedrill", *words, "--rules", str(rules(folder)), "--interval", "15s"]
    with subprocess.Popen(line) as process:
        try:
            _until_ready(f"http://127.0.0.1:{port}/ready")
            yield process, f"http://127.0.0.1:{port}", feed
        finally:
            process.terminate()


def measure(folder: Path, seconds: float = 60) -> Cost:
    """Over some rounds of the ruler."""
    with serving(folder) as (process, _, feed):
        _feed(feed, 15)
        before, started = cpu_seconds(process.pid), time.monotonic()
        _feed(feed, seconds)
        spent = cpu_seconds(process.pid) - before
        return Cost(100 * spent / (time.monotonic() - started), peak_mb(process.pid))


def _feed(feed: Feed, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        feed.catch_up()
        time.sleep(0.1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """The largest resident memory of a process so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the store did not become ready")
