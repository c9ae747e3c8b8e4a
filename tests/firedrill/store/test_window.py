"""The window in memory equals a fresh reading of the files, whatever happens to them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from firedrill.logql.columns import Fields
from firedrill.logql.relation import Relation
from firedrill.logql.sql import Compiled
from firedrill.logql.syntax import SECOND
from firedrill.store.embedded import Embedded
from firedrill.store.engine import Limits
from tests.firedrill.store.logs import GIVEN, NOW, instant, line, ns

COUNT = 'sum(count_over_time({job="bot"}[10m]))'


class Clock:
    def __init__(self) -> None:
        self.now = ns(0)

    def __call__(self) -> int:
        return self.now


def follow(folder: Path, clock: Clock, limits: Limits | None = None) -> Embedded:
    return Embedded((f"{folder}/*.jsonl*",), GIVEN, limits or Limits(), follow=True, clock=clock)


def write(path: Path, *lines: str, mode: str = "a") -> None:
    with path.open(mode) as file:
        file.write("".join(f"{text}\n" for text in lines))
    os.utime(path, (NOW, NOW))


def contents(store: Embedded) -> list[tuple[int, str | None, str]]:
    assert store.window
    store.refresh()
    lines = store.window.lines(Fields())
    found = store.window.connection.execute(f"SELECT ts, action, line FROM ({lines}) ORDER BY ALL")
    return found.fetchall()


def scanned(store: Embedded) -> list[tuple[int, str | None, str]]:
    assert store.window
    rows = f"SELECT ts, action, line FROM lines WHERE ts > {store.window.horizon} ORDER BY ALL"
    return store._ask(
        lambda flat: Compiled(Relation(rows, None)), -(10**18)
    )  # the window cannot answer for times this old


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_lines_come_when_they_are_whole(tmp_path: Path, clock: Clock) -> None:
    log, store = tmp_path / "a.jsonl", follow(tmp_path, clock)
    assert contents(store) == []
    write(log, line(-2))
    with log.open("a") as file:
        file.write(line(-1)[:10])
    assert instant(store, COUNT) == {"": 1}
    with log.open("a") as file:
        file.write(line(-1)[10:] + "\n")
    assert instant(store, COUNT) == {"": 2}


def test_lines_of_a_deleted_file_leave(tmp_path: Path, clock: Clock) -> None:
    store = follow(tmp_path, clock)
    write(tmp_path / "a.jsonl", line(-2))
    write(tmp_path / "drill.jsonl", line(-1), line(-1))
    assert instant(store, COUNT) == {"": 3}
    (tmp_path / "drill.jsonl").unlink()
    assert instant(store, COUNT) == {"": 1}


def test_a_link_and_a_second_name_count_nothing_twice(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "events-2026-01-01.jsonl", line(-2))
    (tmp_path / "events.jsonl").symlink_to("events-2026-01-01.jsonl")
    os.link(tmp_path / "events-2026-01-01.jsonl", tmp_path / "other.jsonl")
    for store in (follow(tmp_path, clock), Embedded((f"{tmp_path}/*", f"{tmp_path}/e*"), GIVEN)):
        assert instant(store, COUNT) == {"": 1}


def test_compression_loses_and_doubles_nothing(tmp_path: Path, clock: Clock) -> None:
    log, store = tmp_path / "a.jsonl", follow(tmp_path, clock)
    write(log, line(-2), line(-1))
    before = contents(store)
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(log.read_bytes())[:20])  # gzip is still at it
    assert contents(store) == scanned(store) == before
    packed.write_bytes(gzip.compress(log.read_bytes()))
    shutil.copystat(log, packed)
    log.unlink()
    assert contents(store) == scanned(store) == before


def test_a_file_rewritten_in_place_is_read_anew(tmp_path: Path, clock: Clock) -> None:
    log, store = tmp_path / "a.jsonl", follow(tmp_path, clock)
    write(log, line(-3, n=1), line(-2, n=2))
    contents(store)
    write(log, line(-3, n=3), line(-2, n=4), line(-1, n=5), mode="w")
    assert contents(store) == scanned(store)
    assert len(contents(store)) == 3
    write(log, line(-1, n=6), mode="w")
    assert contents(store) == scanned(store)
    assert len(contents(store)) == 1


def test_what_cannot_be_read_is_named_and_stops_nothing(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "a.jsonl", line(-2))
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "gone.jsonl").symlink_to("nowhere")
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(line(-1).encode() * 99)[:60])
    store = follow(tmp_path, clock)
    assert instant(store, COUNT) == {"": 1}
    assert store.window
    assert {Path(path).name for path in store.window.found.problems} == {"folder.jsonl", "broken.jsonl.gz"}
    assert instant(store, COUNT) == {"": 1}
    assert {Path(path).name for path in store.window.found.problems} == {"folder.jsonl", "broken.jsonl.gz"}


def test_bytes_that_are_no_text_are_malformed_lines(tmp_path: Path, clock: Clock) -> None:
    store = follow(tmp_path, clock)
    good = line(-2).encode()
    (tmp_path / "a.jsonl").write_bytes(
        b"\xef\xbb\xbf" + good + b"\n\xff\xfe\n\x00\x00\x00\n\r\n" + good + b"\r\n" + b"x" * 3_000_000 + b"\nend\ry\n"
    )
    assert contents(store) == scanned(store)
    assert instant(store, 'sum(count_over_time({job="bot"} | json x="y" | __error__!="" [10m]))') == {"": 4}
    assert instant(store, COUNT) == {"": 6}


def test_a_large_file_is_entered_from_its_end(tmp_path: Path, clock: Clock) -> None:
    old = "".join(f"{line(-40_000 + n / 2, pad='x' * 300)}\n" for n in range(20_000))
    (tmp_path / "a.jsonl").write_text(old + "".join(f"{line(n - 100)}\n" for n in range(100)))
    store = follow(tmp_path, clock)
    assert instant(store, COUNT) == {"": 100}
    assert contents(store) == scanned(store)
    assert store.window
    assert store.window.read < 8_000


def test_memory_is_bounded_by_moving_the_horizon(tmp_path: Path, clock: Clock) -> None:
    log, store = tmp_path / "a.jsonl", follow(tmp_path, clock, Limits(recent_mb=1))
    write(log, *(line(-590 + n / 10, pad="x" * 400) for n in range(5_900)))
    assert instant(store, COUNT) == {"": 5_900}  # the question is older than the window now, and goes to the file
    assert store.window
    assert store.window.size < 1 << 20
    assert store.window.horizon > ns(-590)
    assert instant(store, 'sum(count_over_time({job="bot"}[1m]))') == {"": 599}
    assert contents(store) == scanned(store)


def test_old_lines_leave_by_age(tmp_path: Path, clock: Clock) -> None:
    log, store = tmp_path / "a.jsonl", follow(tmp_path, clock, Limits(recent_s=600))
    write(log, *(line(at) for at in range(-500, 0, 100)))
    assert len(contents(store)) == 5
    clock.now = ns(301)
    assert len(contents(store)) == 2
    assert instant(store, 'sum(count_over_time({job="bot"}[20m]))', 301) == {"": 5}


@settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
class Files(RuleBasedStateMachine):
    """Appends, torn lines, rolls, deletions, compressions and rewrites, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.limits = Limits(recent_mb=1, recent_s=300)
        self.store = follow(self.folder, self.clock, self.limits)
        self.torn: dict[Path, str] = {}
        self.number = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def logs(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    @initialize()
    def first(self) -> None:
        self.roll()

    @rule()
    def roll(self) -> None:
        self.number += 1
        # A first line of its own: what stands in front of any time would take the file's, which moves.
        path = self.folder / f"events-{self.number}.jsonl"
        write(path, line((self.clock.now - ns(0)) / SECOND, n=self.number))
        os.utime(path, ns=(self.clock.now, self.clock.now))

    @precondition(lambda self: self.logs())
    @rule(
        which=st.integers(0, 9),
        kinds=st.lists(st.sampled_from(["good", "old", "late", "bad", "noise", "empty", "list"]), max_size=6),
        torn=st.booleans(),
    )
    def append(self, which: int, kinds: list[str], torn: bool) -> None:
        path = self.logs()[which % len(self.logs())]
        at = (self.clock.now - ns(0)) / SECOND
        texts = {
            "good": line(at - 0.5, action="a", v=1),
            "old": line(at - 290, action="b"),
            "late": line(at + 5, action="c"),
            "bad": '{"ts": 1',
            "noise": 'x"y\\,',
            "empty": "",
            "list": "[1]",
        }
        lines = [self.torn.pop(path, "") + texts[kind] for kind in kinds]
        with path.open("a") as file:
            file.write("".join(f"{text}\n" for text in lines))
            if torn and lines:
                self.torn[path] = texts["good"][:9]
                file.write(self.torn[path])
        if kinds:
            os.utime(path, ns=(self.clock.now, self.clock.now))

    @precondition(lambda self: self.logs())
    @rule(which=st.integers(0, 9))
    def delete(self, which: int) -> None:
        path = self.logs()[which % len(self.logs())]
        self.torn.pop(path, None)
        path.unlink()

    @precondition(lambda self: self.logs())
    @rule(which=st.integers(0, 9))
    def compress(self, which: int) -> None:
        path = self.logs()[which % len(self.logs())]
        if path in self.torn:
            return
        packed = path.with_name(path.name + ".gz")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        shutil.copystat(path, packed)
        path.unlink()

    @precondition(lambda self: self.logs())
    @rule(which=st.integers(0, 9), count=st.integers(0, 3))
    def rewrite(self, which: int, count: int) -> None:
        path = self.logs()[which % len(self.logs())]
        self.torn.pop(path, None)
        at = (self.clock.now - ns(0)) / SECOND
        self.number += 1
        write(path, *(line(at - 1, rewritten=self.number, n=n) for n in range(count)), mode="w")
        os.utime(path, ns=(self.clock.now, self.clock.now))

    @rule(seconds=st.sampled_from([1, 30, 100, 400]))
    def pass_time(self, seconds: int) -> None:
        self.clock.now += seconds * SECOND

    @rule()
    def look(self) -> None:
        assert contents(self.store) == scanned(self.store)

    @invariant()
    def lines_are_json_or_have_no_label(self) -> None:
        for _, action, text in contents(self.store):
            assert action is None or json.loads(text)["action"] == action


def test_the_window_equals_a_fresh_reading() -> None:
    run_state_machine_as_test(Files)
