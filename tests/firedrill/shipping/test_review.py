"""Beside a running shipper: whole days are compared, what is missing is sent, what is complete is remembered."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from firedrill.shipping import positions, review
from firedrill.shipping.entry import entries
from firedrill.shipping.reviewed import Reviewed
from firedrill.shipping.tally import Tally
from tests.firedrill.shipping.fakes import HOUR, FakeSink
from tests.firedrill.shipping.rig import SECOND, line

DAY = 24 * HOUR
URL = "http://loki"


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, time.time_ns() // SECOND * SECOND
        self.sink = FakeSink(self.now)
        self.remember = folder / "reviewed.json"
        self.positions = folder / "positions.yaml"

    def day(self, ago: int, first: int, last: int, step: int = SECOND) -> Path:
        """The file of a day that began so many days ago, closed unless it is today's."""
        begin = self.now - ago * DAY
        path = self.folder / f"events-{time.strftime('%Y-%m-%d', time.gmtime(begin // SECOND))}.jsonl"
        with path.open("ab") as log:
            log.writelines(line(n, begin + (n - first) * step) for n in range(first, last + 1))
        os.utime(path, ns=(begin, begin))
        return path

    def give(self, path: Path, without: range = range(0)) -> None:
        raws = [raw for n, raw in enumerate(path.read_bytes().splitlines(), 1) if n not in without]
        for entry in entries(raws, 0):
            self.sink.push([entry])
        self.sink.pushed.clear()

    def run(self, shipper: bool = False, dry_run: bool = False, url: str = URL) -> Tally:
        tally = Tally()
        review.run(
            self.sink,
            [f"{self.folder}/events-*.jsonl*"],
            self.positions if shipper else None,
            Reviewed(self.remember, url, {"job": "bot"}),
            tally,
            settle_s=0,
            dry_run=dry_run,
        )
        return tally

    def numbers(self) -> list[int]:
        return sorted(int(text.partition('"n":')[2].partition(",")[0]) for text in self.sink.texts)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_days_from_before_loki_are_sent_oldest_first_and_never_looked_at_again(desk: Desk) -> None:
    desk.day(3, 1, 50), desk.day(2, 51, 100)
    tally = desk.run()
    assert (tally.sent, tally.late, desk.numbers()) == (100, 100, list(range(1, 101)))
    assert desk.run().compared == 0


def test_a_compressed_day_is_compared_like_any_other(desk: Desk) -> None:
    path = desk.day(3, 1, 50)
    desk.give(path, without=range(10, 20))
    Path(f"{path}.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert desk.run().missing == 10
    assert desk.numbers() == list(range(1, 51))


def test_equal_days_are_told_by_their_counts_alone(desk: Desk) -> None:
    desk.give(desk.day(3, 1, 50))
    assert (desk.run().missing, desk.sink.asked, desk.sink.pushed) == (0, 0, [])


def test_as_many_lines_of_other_lengths_are_not_taken_for_the_same(desk: Desk) -> None:
    path = desk.day(3, 1, 50)
    desk.give(path)
    lost, stream = next((lines[0], key) for key, lines in desk.sink.streams.items())
    desk.sink.streams[stream][0] = (lost[0], "of a drill that is over")
    assert desk.run().missing == 1
    assert lost[1] in desk.sink.texts


def test_what_the_shipper_has_not_read_is_left_to_it(desk: Desk) -> None:
    path = desk.day(3, 1, 50)
    raws = path.read_bytes().splitlines(keepends=True)
    positions.write(desk.positions, {str(path): sum(map(len, raws[:30]))}, "promtail")
    assert desk.run(shipper=True).sent == 30
    positions.write(desk.positions, {str(path): path.stat().st_size}, "promtail")
    assert desk.run(shipper=True).sent == 20
    assert desk.numbers() == list(range(1, 51))


def test_the_last_minutes_are_left_to_the_shipper(desk: Desk) -> None:
    desk.day(0, 1, 50)
    assert desk.run().compared == 0


def test_another_loki_is_compared_anew(desk: Desk) -> None:
    desk.day(3, 1, 50)
    desk.run()
    desk.sink = FakeSink(desk.now)
    assert desk.run().compared == 0
    assert desk.run(url="http://another").sent == 50


def test_a_dry_run_counts_and_remembers_nothing(desk: Desk) -> None:
    desk.day(3, 1, 50)
    assert desk.run(dry_run=True).missing == 50
    assert (desk.numbers(), desk.remember.exists()) == ([], False)
    assert desk.run().sent == 50


def test_a_damaged_day_is_named_and_the_others_are_sent(desk: Desk) -> None:
    path = desk.day(3, 1, 5000, step=SECOND // 10)
    packed = Path(f"{path}.1.gz")
    packed.write_bytes(gzip.compress(path.read_bytes())[:-2000])
    path.unlink()
    desk.day(2, 5001, 5010)
    tally = desk.run()
    assert list(tally.unreadable) == [str(packed)]
    assert {*range(5001, 5011)} <= {*desk.numbers()}
    assert desk.run().unreadable, "it is looked at again"


def test_of_files_that_are_gone_nothing_is_remembered(desk: Desk) -> None:
    path = desk.day(3, 1, 5)
    desk.run()
    assert path.stem in desk.remember.read_text()
    path.unlink()
    desk.day(2, 6, 9)
    desk.run()
    assert path.stem not in desk.remember.read_text()


def test_a_day_that_is_gone_before_it_was_read_is_not_taken_for_complete(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.day(3, 1, 50)
    packed = Path(f"{path}.1.gz")

    def compressed_meanwhile(*_: object) -> dict[int, object]:
        if path.exists():
            packed.write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        return {}

    parts = review.logs.in_time_order
    monkeypatch.setattr(review.logs, "in_time_order", lambda *given: compressed_meanwhile() or parts(*given))
    assert desk.run().unreadable
    assert desk.run().sent == 50
