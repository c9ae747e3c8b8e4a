"""No line is lost and none is counted twice, whatever is killed while files change: real programs, numbered lines."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

import pytest

from tests.firedrill.shipping.rig import Rig, Writer, numbers

Until = Callable[[Callable[[], object], float, str], object]
QUERY = 'sum(count_over_time({job="bot"}[30m]))'


def torment(
    rig: Rig, until: Until, lines: int, files: int, rate: int, loki_down_s: float, backfill: bool = True
) -> Writer:
    """The shipper killed twice, then Loki stopped, then the shipper killed again while it can send nothing."""
    patience = lines / rate + 60
    rig.start_shipper(backfill)
    writer = Writer(rig.logs, lines, files, rate)
    for share in (0.15, 0.35):
        until(writer.share(share), patience, "so many lines are written")
        rig.kill_shipper()
        rig.start_shipper(backfill)
    until(writer.share(0.5), patience, "half of the lines are written")
    rig.stop_loki()
    back = time.monotonic() + loki_down_s
    until(lambda: time.monotonic() > back - loki_down_s * 0.6, patience, "Loki was away for a while")
    rig.kill_shipper()
    if not backfill:
        rig.start_shipper(backfill)
    until(lambda: time.monotonic() > back and writer.share(1)(), patience + loki_down_s, "all lines are written")
    rig.start_loki()
    if backfill:
        rig.start_shipper(backfill)
    return writer


def settled(rig: Rig, until: Until, lines: int) -> float:
    """What a metric query counts once no more lines come."""
    found = [0.0]

    def rests() -> bool:
        found.append(rig.metric(QUERY))
        return found[-1] == found[-2] and found[-1] >= lines * 0.9

    until(rests, 60, "Loki counts the same twice")
    return found[-1]


def judge(rig: Rig, until: Until, writer: Writer) -> dict[str, float]:
    """Lines lost, and doubled: for a metric query, and for a log query."""
    counted = settled(rig, until, writer.lines)
    found = numbers(rig.stored(writer.started - 1_000_000_000, time.time_ns()))
    return {
        "lost": len(set(range(1, writer.lines + 1)) - set(found)),
        "doubled in metrics": counted - len(set(found)),
        "doubled in logs": len(found) - len(set(found)),
    }


CLEAN = {"lost": 0, "doubled in metrics": 0, "doubled in logs": 0}


def test_no_line_is_lost_while_the_shipper_is_killed_and_loki_is_away(rig: Rig, until: Until) -> None:
    writer = torment(rig, until, lines=30_000, files=6, rate=4_000, loki_down_s=4)
    assert judge(rig, until, writer) == CLEAN
    assert rig.backfills[-1]["missing"] > 0


@pytest.mark.thorough
def test_400_000_lines_30_files_three_kills_and_a_minute_without_loki(rig: Rig, until: Until) -> None:
    writer = torment(rig, until, lines=400_000, files=30, rate=10_000, loki_down_s=60)
    found = judge(rig, until, writer)
    rig.look("loki")
    rig.look("shipper")
    sys.stderr.write(f"\n{found}, MB at most {rig.peaks}\n{rig.backfills}\n")
    assert found == CLEAN


@pytest.mark.thorough
def test_loki_killed_in_the_midst_of_it_changes_nothing(rig: Rig, until: Until) -> None:
    rig.loki_ends_with = signal.SIGKILL
    writer = torment(rig, until, lines=100_000, files=10, rate=10_000, loki_down_s=10)
    found = judge(rig, until, writer)
    sys.stderr.write(f"\n{found}\n")
    assert found == CLEAN


@pytest.mark.thorough
def test_without_the_backfill_the_same_loses_lines_and_doubles_others(rig: Rig, until: Until) -> None:
    writer = torment(rig, until, lines=400_000, files=30, rate=10_000, loki_down_s=20, backfill=False)
    found = judge(rig, until, writer)
    sys.stderr.write(f"\n{found}\n")
    assert found["lost"] > 0
    assert found["doubled in metrics"] > 0
