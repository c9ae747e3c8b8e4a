"""A real Loki and Promtail with the settings of a host, under 10,000 lines a second: how long a line takes until it is
found, what each needs, and how fast the backfill compares and sends. Only where MMSTACK_ARTIFACTS has both."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from firedrill.store.loki import Loki
from firedrill.store.store import Span
from tests.bench.measure import BUDGET, Row
from tests.firedrill.shipping.rig import SECOND, Rig, Writer, cpu_seconds

RATE = 10_000
SECONDS = 60
PROBES = 20


def rows() -> Iterator[Row]:
    """Each as soon as it is made."""
    if not all(os.access(Path(os.environ.get("MMSTACK_ARTIFACTS", "/nowhere"), name), os.X_OK) for name in PROGRAMS):
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        rig = Rig(Path(folder))
        try:
            rig.start_loki()
            rig.start_shipper()
            yield from _under_load(rig)
            yield from _backfill(rig)
        finally:
            rig.stop()


PROGRAMS = ("loki", "promtail")


def _under_load(rig: Rig) -> Iterator[Row]:
    processes = {"loki": rig.loki, "shipper": rig.shipper}
    before = {name: cpu_seconds(process.pid) for name, process in processes.items() if process}
    started, writer = time.monotonic(), Writer(rig.logs, RATE * SECONDS, 30, RATE)
    took = [_until_found(rig, probe) for probe in range(PROBES)]
    yield Row("line to queryable at 10,000 lines/s, median", statistics.median(took), 1, BUDGET, "s")
    yield Row(f"the same, worst of {PROBES}", max(took), 3, BUDGET, "s")
    writer.join()
    spent = time.monotonic() - started
    for name, process in processes.items():
        if process:
            rig.look(name)
            core = 100 * (cpu_seconds(process.pid) - before[name]) / spent
            yield Row(f"{name}'s memory meanwhile", rig.peaks[name], 500, BUDGET, "MB")
            yield Row(f"{name}'s share of a core", core, 100, BUDGET, "%")


def _until_found(rig: Rig, probe: int) -> float:
    """Seconds from the writing of a line, among all the others, until Loki gives it."""
    now = time.time_ns()
    text = b'{"ts":%d.%06d,"level":"info","action":"probe","probe":%d}\n' % (now // SECOND, now % SECOND // 1000, probe)
    newest = max(rig.logs.glob("events-2026-11-21-*.jsonl"), default=rig.logs / "events-2026-11-21-000.jsonl")
    with newest.open("ab") as log:
        log.write(text)
    while True:
        found = Loki(rig.url).logs('{job="bot", action="probe"}', Span(now // 1000 * 1000, now + 60 * SECOND))
        if found.streams:
            return (time.time_ns() - now) / SECOND
        time.sleep(0.02)


def _backfill(rig: Rig) -> Iterator[Row]:
    """Loki has all lines; then its shipper forgets them all, and so does a second Loki."""
    while rig.metric('sum(count_over_time({job="bot"}[30m]))') < RATE * SECONDS + PROBES:
        time.sleep(0.1)
    rig.kill_shipper()
    rig.positions.write_text("positions: {}\n")
    rig.backfill("--shipper-stopped")
    assert rig.backfills[-1]["missing"] == 0
    yield Row("backfill: a million lines compared, none missing", _million(rig), 60, BUDGET, "s")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        other = Rig(Path(folder))
        try:
            other.start_loki()
            other.logs.rmdir()
            other.logs.symlink_to(rig.logs)
            other.backfill("--shipper-stopped")
            yield Row("backfill: a million lines sent", _million(other), 60, BUDGET, "s")
        finally:
            other.stop()


def _million(rig: Rig) -> float:
    return 1e6 * rig.backfills[-1]["seconds"] / rig.backfills[-1]["compared"]
