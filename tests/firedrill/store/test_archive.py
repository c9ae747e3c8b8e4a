"""Which of a log and its Parquet form is read: never both, and never one that is not whole."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import duckdb
import pytest
import zstandard
from click.testing import CliRunner

from firedrill.store import compaction, files, query_command
from firedrill.store.embedded import Embedded
from firedrill.store.engine import Limits
from firedrill.store.store import StoreError
from tests.firedrill.store.logs import GIVEN, NOW, instant, line, ns
from tests.firedrill.store.test_window import COUNT, write

ARCHIVE = "archive"


def log_of(folder: Path, *lines: str, name: str = "events-2026-01-01.jsonl") -> Path:
    path = folder / name
    write(path, *(lines or (line(-3, price=1.0), line(-2, price=1e3), "torn")))
    return path


def compacted(path: Path) -> Path:
    """The Parquet form of a log, in the archive beside it."""
    folder = path.parent / ARCHIVE
    folder.mkdir(exist_ok=True)
    (file,) = files.find([str(path)]).files
    compaction.compact(file, folder)
    return compaction.target(file, folder)


def store_of(folder: Path, *patterns: str) -> Embedded:
    (folder / ARCHIVE).mkdir(exist_ok=True)
    return Embedded([f"{folder}/{pattern}" for pattern in patterns or ("*.jsonl*",)], GIVEN, archive=folder / ARCHIVE)


def read_of(store: Embedded) -> list[str]:
    chosen = store.archive.choose(store._connection)
    return [Path(part.file.path).name for part in chosen.parts]


def test_parquet_stands_for_its_log_in_every_form_of_it(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    made = compacted(log)
    store = store_of(tmp_path)
    assert (read_of(store), instant(store, COUNT)) == ([made.name], {"": 3})
    text = log.read_bytes()
    log.unlink()
    for ending, content in {".1": text, ".1.gz": gzip.compress(text), ".zst": zstandard.compress(text)}.items():
        packed = tmp_path / f"{log.name}{ending}"
        packed.write_bytes(content)
        assert (read_of(store), instant(store, COUNT)) == ([made.name], {"": 3})
        packed.unlink()
    assert (read_of(store), instant(store, COUNT)) == ([made.name], {"": 3})
    assert instant(Embedded([str(made)], GIVEN), COUNT) == {"": 3}


def test_a_log_that_grew_is_read_instead_and_it_is_said(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    made = compacted(log)
    write(log, line(-1))
    store = store_of(tmp_path)
    assert instant(store, COUNT) == {"": 4}
    assert store.passed_over == {str(made): "older than events-2026-01-01.jsonl, which is read instead"}
    words = ["sum(count_over_time({job='bot'}[10m]))".replace("'", '"'), "--files", str(log), "--files", str(made)]
    said = CliRunner().invoke(query_command.command, [*words, "--at", str(NOW)])
    assert said.stderr == f"{made}: {store.passed_over[str(made)]}\n"
    assert said.stdout.split()[-1] == "4"


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty", "flipped"])
def test_a_damaged_file_is_passed_over_for_its_log(tmp_path: Path, damage: str) -> None:
    log = log_of(tmp_path, *(line(-500 + n / 10, cloid=f"0x{n * 7919:x}") for n in range(5000)))
    made = compacted(log)
    match damage:
        case "cut":
            made.write_bytes(made.read_bytes()[:-100])
        case "foreign":
            duckdb.sql("SELECT 1 AS x").write_parquet(str(made))
        case "empty":
            made.write_bytes(b"")
        case "flipped":
            held = bytearray(made.read_bytes())
            held[20 : len(held) // 2] = bytes(len(held) // 2 - 20)
            made.write_bytes(held)
    store = store_of(tmp_path)
    assert instant(store, 'sum(count_over_time({job="bot"} |= "0x" [10m]))') == {"": 5000}
    assert list(store.passed_over) == [str(made)]
    log.unlink()
    with pytest.raises(StoreError, match="its log is gone"):
        instant(store, COUNT)


def test_lines_of_many_days_are_read_once_each(tmp_path: Path) -> None:
    days = [log_of(tmp_path, *(line(-n) for n in range(day)), name=f"events-2026-01-0{day}.jsonl") for day in (1, 2, 3)]
    compacted(days[0])
    compacted(days[1])
    days[0].unlink()
    store = store_of(tmp_path, "*.jsonl*", f"{ARCHIVE}/*.parquet")
    assert read_of(store) == ["events-2026-01-01.parquet", "events-2026-01-02.parquet", "events-2026-01-03.jsonl"]
    assert instant(store, COUNT) == {"": 6}


def test_files_that_are_too_old_are_not_opened(tmp_path: Path) -> None:
    made = compacted(log_of(tmp_path))
    store = store_of(tmp_path, "none")
    assert instant(store, COUNT) == {"": 3}
    facts = store.archive.facts(store._connection, files.find([str(made)]).files[0])
    assert not isinstance(facts, Exception)
    assert (facts.first, facts.last, facts.lines, facts.source) == (ns(-3), ns(-2), 3, "events-2026-01-01.jsonl")
    held = bytearray(made.read_bytes())
    held[4:60] = bytes(56)
    made.write_bytes(held)  # would fail if it were read
    assert instant(store, COUNT, 700) == {}


def test_a_compressed_file_waits_for_its_original_and_only_one_of_two_is_read(tmp_path: Path) -> None:
    log = log_of(tmp_path, name="a.jsonl")
    text = log.read_bytes()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(text)[:9])
    assert read_of(store_of(tmp_path)) == ["a.jsonl"]
    log.unlink()
    assert read_of(store_of(tmp_path)) == ["a.jsonl.gz"]
    (tmp_path / "a.jsonl.gz").unlink()
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(text[:20]) + zstandard.compress(text[20:]))
    assert instant(store_of(tmp_path), COUNT) == {"": 3}


def test_the_window_follows_zst_and_the_parquet_of_a_deleted_log(tmp_path: Path) -> None:
    log = log_of(tmp_path)
    text = log.read_bytes()
    compacted(log)
    followed = Embedded([f"{tmp_path}/*.jsonl*"], GIVEN, Limits(), True, lambda: ns(0), tmp_path / ARCHIVE)
    assert instant(followed, COUNT) == {"": 3}
    packed = log.with_name(log.name + ".zst")
    packed.write_bytes(zstandard.compress(text[:50]) + zstandard.compress(text[50:]))
    shutil.copystat(log, packed)
    log.unlink()
    assert instant(followed, COUNT) == {"": 3}
    packed.write_bytes(zstandard.compress(text)[:-5])
    os.utime(packed, (NOW, NOW))
    assert instant(Embedded([str(packed)], GIVEN, follow=True, clock=lambda: ns(0)), COUNT) == {}
    packed.unlink()
    assert instant(followed, COUNT) == {"": 3}
    assert followed.window
    assert followed.window.found.problems == {}
