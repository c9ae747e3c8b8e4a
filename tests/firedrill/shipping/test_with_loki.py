"""The backfill on a real Loki, beside a real Promtail: the same time, text and labels; days from before; late lines."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from firedrill.shipping import positions
from tests.firedrill.shipping.rig import SECOND, Rig, line, numbers

Until = Callable[[Callable[[], object], float, str], object]
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def day(rig: Rig, at: int, first: int, last: int, step: int = SECOND) -> Path:
    """A file of numbered lines from a time on, and its path."""
    path = rig.logs / f"events-{time.strftime('%Y-%m-%d', time.gmtime(at // SECOND))}.jsonl"
    with path.open("ab") as log:
        log.writelines(line(n, at + (n - first) * step) for n in range(first, last + 1))
    written = at + (last - first) * step
    os.utime(path, ns=(written, written))
    return path


def in_loki(rig: Rig) -> list[int]:
    now = time.time_ns()
    return sorted(numbers(rig.stored(now - 14 * DAY + HOUR, now + HOUR)))


def odd_lines(now: int) -> list[str]:
    at = f"{now // SECOND}.{now % SECOND // 1000:06}"
    return [
        f'{{"ts":{at},"level":"info","action":"fill"}}',
        "panic: out of cheese",
        "panic: out of cheese",
        '{"level":"info","action":"fill","no":"time"}',
        f'{{"ts":"{at}","level":"warn","action":"fill","told":"as a text"}}',
        f'{{"ts":{now // SECOND},"level":"info","action":"fill","told":"whole seconds"}}',
        f'{{"ts":{at},"level":3,"action":true,"told":"labels that are no text"}}',
        f'{{"ts":{at},"level":null,"action":"","told":"no labels"}}',
        f'{{"ts":{at},"level":"info","action":"fïll \\u00e4 \U0001f40b"}}',
        '{"ts":"yesterday","level":"info","action":"fill"}',
        '{"ts":1e30,"level":"info","action":"fill"}',
        "[1, 2]",
        '{"ts":',
    ]


def test_lines_of_any_kind_are_known_when_promtail_has_sent_them(rig: Rig, until: Until) -> None:
    lines = odd_lines(time.time_ns())
    (rig.logs / "events-2026-11-21.jsonl").write_text("\n".join([*lines, ""]))
    rig.start_shipper(backfill=False)
    until(lambda: rig.metric('sum(count_over_time({job="bot"}[1h]))') == len(lines), 10, "Promtail sent the lines")
    until(lambda: positions.read(rig.positions), 10, "Promtail saves how far it read")
    rig.kill_shipper()
    found = rig.backfill("--shipper-stopped", "--dry-run")
    assert (found.returncode, rig.backfills[-1]["missing"]) == (0, 0), found.stdout


def test_a_host_that_moves_to_loki_brings_its_days_along(rig: Rig, until: Until) -> None:
    now = time.time_ns()
    packed = day(rig, now - 9 * DAY, 1, 2000, SECOND // 10)
    with gzip.open(f"{packed}.1.gz", "wb") as copy:
        copy.write(packed.read_bytes())
    packed.unlink()
    day(rig, now - 3 * DAY, 2001, 4000)
    day(rig, now - 5 * HOUR, 4001, 6000)
    day(rig, now - HOUR // 2, 6001, 7000)
    rig.start_shipper()
    assert set(range(6001, 7001)) <= set(in_loki(rig)), "the last hour is there before the shipper starts"
    remembered = rig.folder / "reviewed.json"
    until(lambda: positions.read(rig.positions), 10, "Promtail saves how far it read")
    rig.backfill("--remember", str(remembered))
    assert rig.backfills[-1]["refused"] == 0
    assert set(range(1, 4001)) <= set(in_loki(rig))
    assert rig.metric('sum(count_over_time({job="bot"}[13d]))') == len(in_loki(rig)), "and nothing twice"
    assert sum("events" in name for name in json.loads(remembered.read_text())["done"]) >= 2
    rig.backfill("--remember", str(remembered))
    assert rig.backfills[-1]["missing"] == 0


def test_a_gap_behind_lines_that_came_later_is_filled_with_late_lines(rig: Rig) -> None:
    now = time.time_ns()
    path = day(rig, now - 4 * DAY, 1, 3000)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:1000] + whole[2000:]))
    assert rig.backfill(shipper=False).returncode == 0
    day(rig, now - HOUR // 2, 3001, 3010)
    assert rig.backfill("--shipper-stopped").returncode == 0
    path.write_bytes(b"".join(whole))
    os.utime(path, ns=(now - 3 * DAY, now - 3 * DAY))
    assert rig.backfill("--dry-run", shipper=False).returncode == 1
    assert rig.backfill(shipper=False).returncode == 0
    assert (rig.backfills[-1]["missing"], rig.backfills[-1]["late"]) == (1000, 1000)
    assert in_loki(rig) == list(range(1, 3011))


def test_lines_older_than_loki_keeps_are_counted_as_refused(rig: Rig) -> None:
    day(rig, time.time_ns() - 15 * DAY, 1, 50)
    found = rig.backfill(shipper=False)
    assert found.returncode == 1
    assert rig.backfills[-1]["refused"] == 50
    assert "too old" in rig.backfills[-1]["refusal"] or "too far" in rig.backfills[-1]["refusal"]


def test_lines_that_loki_refused_from_promtail_are_sent_again_as_late_ones(rig: Rig, until: Until) -> None:
    """After hours without Loki it reads two days at once: the older one's lines are too far behind the newer one's."""
    now = time.time_ns()
    rig.start_shipper()
    new, old = rig.logs / "events-2026-11-21.jsonl", rig.logs / "events-2026-11-20.jsonl"
    new.write_bytes(b"".join(line(n, now - n * SECOND) for n in range(100, 0, -1)))
    until(lambda: len(in_loki(rig)) == 100, 10, "Promtail sent the lines of now")
    old.write_bytes(b"".join(line(n, now - 5 * HOUR + n * SECOND) for n in range(101, 1101)))
    os.utime(old, ns=(now - 3 * HOUR, now - 3 * HOUR))
    until(lambda: positions.read(rig.positions).get(str(old)) == old.stat().st_size, 10, "Promtail read the old ones")
    until(lambda: rig.dropped() == 1000, 10, "Promtail gave them up")
    assert rig.backfill().returncode == 0
    assert (rig.backfills[-1]["missing"], rig.backfills[-1]["late"]) == (1000, 1000)
    assert in_loki(rig) == list(range(1, 1101))
