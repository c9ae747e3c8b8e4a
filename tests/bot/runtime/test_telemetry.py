"""The event log: lines, days, torn files, full disks."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import events
from bot.errors import CannotStart
from bot.events import LINE_PREFIX, KillSwitch
from bot.runtime import telemetry
from bot.runtime.telemetry import Telemetry, file_name

EVE = 1_795_046_399 * 1_000_000_000  # 2026-11-18 23:59:59 UTC
MIDNIGHT = EVE + 1_000_000_000
NOBODY = 65_534
ON = KillSwitch(on=True, source="ctl")


class Log:
    """A telemetry on a folder, and what it complained about."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.complaints: list[str] = []
        self.telemetry = Telemetry(folder, "00c0ffee", "1.2.3+abcdef0", self.complaints.append)

    def lines_so_far(self, name: str) -> int:
        return (self.folder / name).read_text().count("\n")

    def lines(self, name: str) -> list[dict[str, object]]:
        text = (self.folder / name).read_text()
        assert text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def full_disk(folder: Path, now: int) -> None:
    """Writes to the day's file fail as on a full disk."""
    (folder / file_name(now)).symlink_to("/dev/full")


def test_a_line_begins_with_the_prefix_and_carries_the_event(log: Log) -> None:
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE + 123_456_789)
    (line,) = log.lines("events.jsonl")
    assert list(line) == [*LINE_PREFIX, "action", "on", "source"]
    assert line == {
        "ts": 1795046399.123456,
        "level": "warn",
        "run": "00c0ffee",
        "n": 1,
        "release": "1.2.3+abcdef0",
        "action": "kill_switch",
        "on": True,
        "source": "ctl",
    }


def test_the_lines_of_a_turn_are_written_together_and_in_order(log: Log) -> None:
    log.telemetry.open(EVE)
    for source in ("ctl", "file"):
        log.telemetry.note(KillSwitch(on=True, source=source), EVE)
    assert log.lines_so_far("events.jsonl") == 0
    log.telemetry.flush(EVE)
    assert [(line["n"], line["source"]) for line in log.lines("events.jsonl")] == [(1, "ctl"), (2, "file")]


def test_a_line_written_at_once_takes_those_before_it_along(log: Log) -> None:
    log.telemetry.open(EVE)
    log.telemetry.note(ON, EVE)
    log.telemetry.write(ON, EVE + 1)
    assert [line["n"] for line in log.lines("events.jsonl")] == [1, 2]


def test_a_turn_of_more_lines_than_the_buffer_holds_loses_none(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "BUFFER_BYTES", 1_000)
    monkeypatch.setattr(telemetry, "WRITE_BYTES", 500)
    log.telemetry.open(EVE)
    for _ in range(100):
        log.telemetry.note(ON, EVE)
    log.telemetry.flush(EVE)
    assert [line["n"] for line in log.lines("events.jsonl")] == list(range(1, 101))
    assert log.telemetry.dropped == 0


def test_moments_and_levels_of_a_turn_are_told_apart(log: Log) -> None:
    log.telemetry.open(EVE)
    log.telemetry.note(ON, EVE)
    log.telemetry.note(events.FeedConnect(venue="paper", markets=3, down_s=0.5), EVE)
    log.telemetry.note(ON, EVE + 1_000)
    log.telemetry.flush(EVE)
    found = [(line["ts"], line["level"]) for line in log.lines("events.jsonl")]
    assert found == [(1795046399.0, "warn"), (1795046399.0, "info"), (1795046399.000001, "warn")]


@pytest.mark.parametrize("action", events.ALL)
def test_every_event_has_a_level_the_log_knows(action: str) -> None:
    assert events.ALL[action].level in ("info", "warn", "error")


def test_the_file_is_readable_by_the_group_whatever_the_umask(log: Log) -> None:
    before = os.umask(0o077)
    try:
        log.telemetry.open(EVE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((log.folder / file_name(EVE)).stat().st_mode) == 0o640


def test_a_new_day_is_a_new_file_and_the_old_one_keeps_its_name(log: Log) -> None:
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE)
    log.telemetry.write(ON, MIDNIGHT)
    assert [line["n"] for line in log.lines("events-2026-11-18.jsonl")] == [1]
    assert [line["n"] for line in log.lines("events-2026-11-19.jsonl")] == [2]
    assert (log.folder / "events.jsonl").readlink() == Path("events-2026-11-19.jsonl")
    assert sorted(path.name for path in log.folder.iterdir()) == [
        "events-2026-11-18.jsonl",
        "events-2026-11-19.jsonl",
        "events.jsonl",
    ]


def test_a_file_that_ends_mid_line_gets_its_newline_first(log: Log) -> None:
    (log.folder / file_name(EVE)).write_text('{"ts":1.0,"torn":')
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE)
    torn, whole = (log.folder / file_name(EVE)).read_text().splitlines()
    assert torn == '{"ts":1.0,"torn":'
    assert json.loads(whole)["n"] == 1


def test_a_whole_file_is_continued_as_it_is(log: Log) -> None:
    (log.folder / file_name(EVE)).write_text('{"n":1}\n')
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE)
    assert len(log.lines(file_name(EVE))) == 2


def test_a_full_disk_is_a_problem_said_once_and_nothing_is_lost_when_it_ends(log: Log) -> None:
    full_disk(log.folder, EVE)
    log.telemetry.open(EVE)
    for _ in range(3):
        log.telemetry.write(ON, EVE)
    assert log.telemetry.problem is not None
    assert "No space left on device" in log.telemetry.problem
    assert len(log.complaints) == 1

    (log.folder / file_name(EVE)).unlink()
    log.telemetry.inspect(EVE)  # the file under the name is another one now: opened anew
    log.telemetry.inspect(EVE)
    assert log.telemetry.problem is None
    assert [line["n"] for line in log.lines("events.jsonl")] == [1, 2, 3]
    assert log.telemetry.dropped == 0
    assert "0 lines were dropped" in log.complaints[-1]


def test_what_no_longer_fits_in_memory_is_dropped_and_counted(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "BUFFER_BYTES", 300)
    full_disk(log.folder, EVE)
    log.telemetry.open(EVE)
    for _ in range(10):
        log.telemetry.write(ON, EVE)
    kept = 10 - log.telemetry.dropped
    assert 0 < kept < 10
    log.telemetry.close(EVE)
    assert "could not be written and are lost" in log.complaints[-1]


def test_a_full_disk_at_midnight_goes_on_in_the_new_file(log: Log) -> None:
    full_disk(log.folder, EVE)
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE)
    log.telemetry.write(ON, MIDNIGHT)
    assert [line["n"] for line in log.lines("events-2026-11-19.jsonl")] == [1, 2]


def test_a_removed_file_or_link_comes_back(log: Log) -> None:
    log.telemetry.open(EVE)
    log.telemetry.write(ON, EVE)
    for name in ("events.jsonl", file_name(EVE)):
        (log.folder / name).unlink()
        log.telemetry.inspect(EVE)
        log.telemetry.write(ON, EVE)
        assert log.lines("events.jsonl")[-1]["n"] == log.telemetry.lines
    assert log.telemetry.problem is None


def test_a_removed_folder_is_a_problem_until_it_is_back(log: Log, tmp_path: Path) -> None:
    inner = Log(tmp_path / "log")
    inner.folder.mkdir()
    inner.telemetry.open(EVE)
    for path in inner.folder.iterdir():
        path.unlink()
    inner.folder.rmdir()
    inner.telemetry.inspect(EVE)
    assert inner.telemetry.problem is not None
    inner.folder.mkdir()
    inner.telemetry.inspect(EVE)
    inner.telemetry.write(ON, EVE)
    assert inner.telemetry.problem is None
    assert len(inner.lines("events.jsonl")) == 1


def test_a_folder_that_is_not_writable_any_more_is_a_problem(folder_of_nobody: Path) -> None:
    log = Log(folder_of_nobody)
    log.telemetry.open(EVE)
    log.folder.chmod(0o500)
    log.telemetry.inspect(EVE)
    assert log.telemetry.problem is not None
    assert "not writable any more" in log.telemetry.problem
    log.telemetry.write(ON, EVE)
    assert log.telemetry.problem is not None, "a line that still goes through does not end the problem"
    log.folder.chmod(0o700)
    log.telemetry.inspect(EVE)
    assert log.telemetry.problem is None
    assert len(log.lines("events.jsonl")) == 1


@pytest.fixture
def folder_of_nobody() -> Iterator[Path]:
    """A folder whose owner we are, and not root, who may write everywhere."""
    folder, root = Path(tempfile.mkdtemp()), os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_a_log_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"LOG_DIR .*/nowhere cannot be written: No such file or directory"):
        Log(tmp_path / "nowhere").telemetry.open(EVE)
