"""What a line is in Loki, and what the positions files of the shippers look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.shipping import positions
from firedrill.shipping.entry import Entry, entries
from firedrill.shipping.errors import CannotSay
from firedrill.shipping.refusal import refused
from tests.firedrill.shipping.rig import line

BEFORE = 1_795_284_000_000_000_000
T = 1_795_284_041_000_000_000


@pytest.mark.parametrize(
    ("raw", "at", "level", "action", "timed"),
    [
        (b'{"ts":1795284041.000001,"level":"info","action":"fill"}', T + 1000, "info", "fill", True),
        (b'{"ts":1795284041,"level":"warn"}', T, "warn", "", True),
        (b'{"ts":"1795284041.5","action":"fill"}', T + 500_000_000, "", "fill", True),
        (b'{"ts":true,"level":3,"action":null}', BEFORE + 1, "3", "", False),
        (b'{"ts":-1}', BEFORE + 1, "", "", False),
        (b'{"ts":1e30}', BEFORE + 1, "", "", False),
        (b'{"ts":"now","action":"fill"}', BEFORE + 1, "", "fill", False),
        (b"panic: out of cheese", BEFORE + 1, "", "", False),
        (b"[1]", BEFORE + 1, "", "", False),
        (b'{"ts":', BEFORE + 1, "", "", False),
    ],
)
def test_a_line_has_the_time_and_the_labels_a_shipper_gives_it(
    raw: bytes, at: int, level: str, action: str, timed: bool
) -> None:
    assert list(entries([raw], BEFORE)) == [Entry(at, raw.decode(), level, action, timed)]


def test_lines_without_a_time_follow_the_one_before() -> None:
    found = list(entries([b'{"ts":1795284041}', b"a", b"", b"b", b"\xff"], BEFORE))
    assert [(entry.at - T, entry.text) for entry in found] == [
        (0, '{"ts":1795284041}'),
        (1, "a"),
        (2, "b"),
        (3, "\ufffd"),
    ]


@pytest.mark.parametrize("shipper", positions.SHIPPERS)
def test_positions_are_read_as_they_were_written(tmp_path: Path, shipper: str) -> None:
    known = {"/var/log/mm-bot/events-2026-11-21.jsonl": 4_294_967_296, "/odd: 'name' #1": 0}
    positions.write(tmp_path / "there" / "p.yml", known, shipper)
    assert positions.read(tmp_path / "there" / "p.yml") == known


def test_the_files_of_the_real_shippers_are_understood(tmp_path: Path) -> None:
    promtail, alloy = tmp_path / "promtail.yaml", tmp_path / "alloy.yml"
    promtail.write_text('positions:\n  /l/a.jsonl: "12"\n  journal-x: "s=abc"\n')
    alloy.write_text('positions:\n    ? path: /l/a.jsonl\n      labels: \'{job="bot"}\'\n    : "12"\n')
    assert positions.read(promtail) == positions.read(alloy) == {"/l/a.jsonl": 12}


@pytest.mark.parametrize("text", ["", "positions: {}\n", "positions:\n", "positions: {a: [", "[1]", "\x00\x00"])
def test_a_broken_or_empty_positions_file_knows_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    assert positions.read(path) == {}
    assert positions.read(tmp_path / "none") == {}


def test_a_positions_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    with pytest.raises(CannotSay, match="cannot be written"):
        positions.write(tmp_path / "p", {"a": 1}, "promtail")


def _lines(*ats: int) -> list[Entry]:
    return [Entry(at, "x", "", "", True) for at in ats]


def test_a_refusal_means_the_lines_before_the_time_it_names() -> None:
    old, new = _lines(T - 1, T + 500_000_000, T + 1_000_000_000)[0:2], _lines(T + 1_000_000_000)
    why = "entry timestamp is: 2026-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-21T18:00:41Z'"
    assert refused([*old, *new], why) == old, "the second that is named counts as refused"


def test_a_refusal_for_another_reason_means_all_but_for_the_long_and_the_early() -> None:
    long = Entry(T, "x" * 70_000, "", "", True)
    assert refused([*_lines(T), long], "Max entry size '65536' bytes exceeded") == [long]
    assert refused(_lines(T, T + 1), "something new") == _lines(T, T + 1)


def test_the_test_lines_are_as_long_as_the_bots() -> None:
    assert 180 < len(line(123_456)) < 260
