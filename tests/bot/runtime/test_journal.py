"""What a run leaves to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.runtime.journal import Fill, Journal, JournalFailed, Position


def fill(tid: str, at: int) -> Fill:
    return Fill(tid, "SOL", "bid", "184.93", "2.7", "0xa", 74_900, at)


def position(size: str) -> Position:
    return Position("SOL", size, "499.31", "184.93")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_the_next_run_finds_positions_fills_and_the_switch(path: Path) -> None:
    first = Journal(path)
    assert (first.positions(), first.last_fill_at(), first.quotes_off()) == ([], None, False)
    first.keep_fill(fill("1", 10), position("2.7"))
    first.keep_fill(fill("2", 20), position("5.4"))
    first.keep_quotes_off(True)
    # Not closed: as after kill -9.
    second = Journal(path)
    assert second.positions() == [position("5.4")]
    assert second.last_fill_at() == 20
    assert second.tids_since(11) == ["2"]
    assert second.quotes_off()
    second.keep_quotes_off(False)
    assert not Journal(path).quotes_off()


def test_a_fill_is_kept_once(path: Path) -> None:
    journal = Journal(path)
    for _ in range(2):
        journal.keep_fill(fill("1", 10), position("2.7"))
    assert journal.tids_since(0) == ["1"]


def test_old_fills_are_dropped_and_the_position_stays(path: Path) -> None:
    journal = Journal(path)
    for tid, at in (("1", 10), ("2", 20)):
        journal.keep_fill(fill(tid, at), position("2.7"))
    journal.drop_fills_before(20)
    assert journal.tids_since(0) == ["2"]
    assert journal.positions() == [position("2.7")]


def test_a_fill_that_cannot_be_kept_leaves_the_position_alone(path: Path) -> None:
    journal = Journal(path)
    journal.keep_position(position("1"))
    journal._db.execute("DROP TABLE fills")
    with pytest.raises(JournalFailed, match=r"journal\.sqlite cannot be written: no such table: fills"):
        journal.keep_fill(fill("1", 10), position("2.7"))
    assert journal.positions() == [position("1")]


def test_a_full_disk_is_said(path: Path) -> None:
    journal = Journal(path)
    journal._db.execute("PRAGMA max_page_count=1")
    with pytest.raises(JournalFailed, match="full; free space under STATE_DIR"):
        journal.keep_position(Position("SOL", "1", "1", "1" * 100_000))


def test_a_damaged_file_names_the_way_out(path: Path) -> None:
    path.write_text("this is no database, whatever its name says")
    with pytest.raises(CannotStart, match="move the file away"):
        Journal(path)
