"""While the shipper is down: the lines it forgot are sent, and its positions are set behind them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from firedrill.shipping import catch_up, positions
from firedrill.shipping.entry import entries
from firedrill.shipping.errors import CannotSay
from firedrill.shipping.tally import Tally
from tests.firedrill.shipping.fakes import HOUR, FakeSink
from tests.firedrill.shipping.rig import SECOND, line


class Desk:
    """A folder of logs, a shipper's positions and a Loki."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, time.time_ns() // SECOND * SECOND
        self.positions = folder / "positions.yaml"
        self.sink = FakeSink(self.now)
        self.wrong = folder / "events-1.jsonl"

    def log(self, name: str, first: int, last: int, ago: int = 60 * SECOND) -> Path:
        """A file of numbered lines, a millisecond apart, from so long ago on."""
        path = self.folder / f"events-{name}.jsonl"
        begin = self.now - ago
        with path.open("ab") as log:
            log.writelines(line(n, begin + (n - first) * 1_000_000) for n in range(first, last + 1))
        os.utime(path, ns=(begin, begin))
        return path

    def shipped(self, path: Path, lines: int, saved: int | None = None) -> None:
        """The shipper sent so many lines of a file, and has noted that it read so many of them, or all."""
        raws = path.read_bytes().splitlines(keepends=True)
        self.give(raws[:lines])
        read = raws if saved is None else raws[:saved]
        known = positions.read(self.positions)
        positions.write(self.positions, {**known, str(path): sum(map(len, read))}, "promtail")

    def give(self, raws: list[bytes]) -> None:
        for entry in entries([raw.rstrip(b"\n") for raw in raws], 0):
            self.sink.push([entry])
        self.sink.pushed.clear()

    def run(self, dry_run: bool = False) -> Tally:
        tally = Tally()
        shipper = catch_up.Shipper("promtail", self.positions)
        catch_up.run(self.sink, [f"{self.folder}/events-*.jsonl"], shipper, tally, dry_run)
        return tally

    def numbers(self) -> list[int]:
        return sorted(int(text.partition('"n":')[2].partition(",")[0]) for text in self.sink.texts)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_was_read_and_never_taken_is_sent(desk: Desk) -> None:
    path = desk.log("1", 1, 100)
    desk.shipped(path, 60, saved=95)
    tally = desk.run()
    assert desk.numbers() == list(range(1, 101))
    assert (tally.missing, tally.sent) == (40, 40)
    assert positions.read(desk.positions) == {str(path): path.stat().st_size}


def test_what_was_taken_and_not_noted_is_not_sent_again(desk: Desk) -> None:
    path = desk.log("1", 1, 100)
    desk.shipped(path, 90, saved=50)
    assert desk.run().sent == 10
    assert positions.read(desk.positions)[str(path)] == path.stat().st_size


def test_lines_in_between_are_found(desk: Desk) -> None:
    path = desk.log("1", 1, 100)
    raws = path.read_bytes().splitlines(keepends=True)
    desk.shipped(path, 0)
    desk.give([raw for n, raw in enumerate(raws, 1) if n not in (3, 50, 51, 99)])
    assert desk.run().missing == 4
    assert desk.numbers() == list(range(1, 101))


def test_files_are_sent_in_the_order_of_time_whatever_their_names(desk: Desk) -> None:
    desk.log("b", 1, 10, ago=50 * 60 * SECOND)
    desk.log("a", 11, 20, ago=10 * SECOND)
    desk.sink.window = 0
    tally = desk.run()
    assert (tally.sent, tally.late) == (20, 0), "a stream that takes nothing old took all"


def test_a_day_the_shipper_never_saw_is_left_to_the_review(desk: Desk) -> None:
    old, new = desk.log("2026-11-01", 1, 10, ago=30 * HOUR), desk.log("2026-11-02", 11, 20)
    assert desk.run().sent == 10
    assert desk.numbers() == list(range(11, 21))
    assert positions.read(desk.positions) == {str(path): path.stat().st_size for path in (old, new)}


def test_a_line_that_is_still_being_written_is_left_to_the_shipper(desk: Desk) -> None:
    path = desk.log("1", 1, 10)
    whole = path.stat().st_size
    with path.open("ab") as log:
        log.write(b'{"ts":17952')
    assert desk.run().sent == 10
    assert positions.read(desk.positions) == {str(path): whole}


def test_a_dry_run_sends_nothing_and_leaves_the_positions(desk: Desk) -> None:
    path = desk.log("1", 1, 10)
    desk.shipped(path, 5, saved=7)
    before = desk.positions.read_bytes()
    assert desk.run(dry_run=True).missing == 5
    assert len(desk.numbers()) == 5
    assert desk.positions.read_bytes() == before


def test_when_loki_goes_away_the_positions_stay_and_the_next_run_ends_it(desk: Desk) -> None:
    path = desk.log("1", 1, 100)
    desk.shipped(path, 20, saved=30)
    before = desk.positions.read_bytes()
    desk.sink.fails_after = 3
    with pytest.raises(CannotSay):
        desk.run()
    assert desk.positions.read_bytes() == before
    desk.sink.fails_after = None
    desk.run()
    assert desk.numbers() == list(range(1, 101))


def test_a_second_run_has_nothing_to_send(desk: Desk) -> None:
    desk.log("1", 1, 100)
    desk.run()
    assert desk.run().missing == 0


def test_lines_too_old_for_their_stream_become_late_ones(desk: Desk) -> None:
    path = desk.log("1", 1, 8, ago=3 * HOUR)
    desk.shipped(path, 0)
    new = desk.log("2", 9, 16)
    desk.shipped(new, 8)
    os.utime(path)
    tally = desk.run()
    assert (tally.sent, tally.late, tally.refused) == (8, 8, 0)
    assert desk.numbers() == list(range(1, 17))


def test_lines_older_than_loki_takes_are_counted(desk: Desk) -> None:
    path = desk.log("1", 1, 8, ago=8 * 24 * HOUR)
    desk.shipped(path, 0)
    os.utime(path)
    tally = desk.run()
    assert (tally.missing, tally.sent, tally.refused) == (8, 0, 8)
    assert "too old" in tally.refusal


def test_broken_lines_are_known_whatever_time_the_shipper_gave_them(desk: Desk) -> None:
    path = desk.log("1", 1, 4)
    with path.open("ab") as log:
        log.write(b"panic: cheese\npanic: cheese\nother\n")
    desk.run()
    for lines in desk.sink.streams.values():
        lines[:] = [(at + 5_000_000 if text.startswith(("panic", "other")) else at, text) for at, text in lines]
    with path.open("ab") as log:
        log.write(b"panic: cheese\n")
    assert desk.run().missing == 1
    assert desk.sink.texts.count("panic: cheese") == 3


def test_a_folder_by_the_name_of_a_log_is_named_and_the_others_are_sent(desk: Desk) -> None:
    desk.wrong.mkdir()
    desk.log("2", 5, 8)
    tally = desk.run()
    assert (tally.sent, tally.unreadable) == (4, {str(desk.wrong): "not a regular file"})
    assert str(desk.wrong) not in positions.read(desk.positions)
