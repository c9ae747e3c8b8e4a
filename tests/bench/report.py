"""`firedrill report` over a day of one host and of thirty (5 million lines), as a process that an operator starts.

Against the seed's own jq lines, which say a part of it, and against the time that was set as the goal.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from firedrill.store.compaction import compact
from firedrill.store.files import find
from tests.bench.measure import Row, seconds
from tests.day import Day
from tests.firedrill.report.test_jq import PARENTHESES

HOSTS = 30
_PLACE = Path("/var/tmp")


def rows() -> Iterator[Row]:
    """Needs 2 GB of disk, for a minute or two."""
    with tempfile.TemporaryDirectory(prefix="mmstack-bench-", dir=_PLACE) as folder:
        logs, archive = Path(folder, "logs"), Path(folder, "archive")
        logs.mkdir()
        archive.mkdir()
        for number, lines in enumerate(_days()):
            (logs / f"events-{number:02}.jsonl").write_bytes(lines)
        one = logs / "events-00.jsonl"
        if shutil.which("jq"):
            other = seconds(lambda: _run(["jq", "-s", PARENTHESES, str(one)]), 3)
            yield Row(
                "report, a day of one host, JSONL", seconds(_report(str(one)), 3), other, "jq, 5 of the numbers", "s"
            )
        yield Row("report, 5 million lines, JSONL", seconds(_report(f"{logs}/*.jsonl"), 3), 6.0, "the goal", "s")
        for file in find([f"{logs}/*.jsonl"]).files:
            compact(file, archive)
        yield Row("report, 5 million lines, Parquet", seconds(_report(f"{archive}/*.parquet"), 3), 0.5, "the goal", "s")


def _days() -> Iterator[bytes]:
    """The day of each host: the same, under run ids of its own."""
    lines = b"".join(line + b"\n" for line in Day().lines())
    for number in range(HOSTS):
        yield lines.replace(b'"run":"0000', b'"run":"%04x' % number)


def _report(pattern: str) -> Callable[[], None]:
    words = [sys.executable, "-m", "firedrill", "report", "--at", str(Day().start + 86_400), "--files", pattern]
    return lambda: _run(words)


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
