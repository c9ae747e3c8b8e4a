"""The file that says the session turns: when it is written, when it goes, what a reader makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.runtime.heartbeat import NAME, Beat, Heart, acts_until, read


def test_it_beats_only_while_the_session_turns(tmp_path: Path) -> None:
    path = tmp_path / NAME
    heart = Heart(path, "cafe0123")
    assert read(path) is None
    assert heart.beat(0, 10)
    assert heart.beat(7, 20)
    assert not heart.beat(7, 30)
    assert read(path) == Beat(20, "cafe0123", 7)
    assert [found.name for found in tmp_path.iterdir()] == [NAME]


def test_an_orderly_end_takes_it_away_and_a_death_does_not(tmp_path: Path) -> None:
    path = tmp_path / NAME
    Heart(path, "dead").beat(1, 10)
    heart = Heart(path, "next")
    assert read(path) == Beat(10, "dead", 1)
    heart.end()
    assert read(path) is None
    heart.end()


def test_a_killed_run_acts_for_a_while_and_one_that_ended_does_not(tmp_path: Path) -> None:
    path, second = tmp_path / NAME, 1_000_000_000
    assert acts_until(path, 100 * second, 6 * second) == 0
    heart = Heart(path, "dead")
    heart.beat(1, 98 * second)
    assert acts_until(path, 100 * second, 6 * second) == 106 * second
    assert acts_until(path, 106 * second, 6 * second) == 0
    assert acts_until(path, 10 * second, 6 * second) == 18 * second, "the host's clock was set back"
    heart.end()
    assert acts_until(path, 100 * second, 6 * second) == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"at":"now"}', b"\xff\xfe"])
def test_what_is_no_beat_is_an_old_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    found = read(path)
    assert found is not None
    assert found.at == 0
