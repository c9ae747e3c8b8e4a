"""A log becomes one Parquet file: what it holds, and that a failure leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from firedrill.store import compaction, files
from firedrill.store.compaction import LIMITS, compact
from firedrill.store.parquet import Facts
from firedrill.store.store import StoreError
from tests.firedrill.store.logs import NOW, line, ns


def log_file(folder: Path, *lines: str) -> files.LogFile:
    path = folder / "events-2026-01-01.jsonl"
    path.write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
    return files.find([str(path)]).files[0]


def made(folder: Path, *lines: str) -> tuple[Facts, list[dict[str, object]]]:
    facts = compact(log_file(folder, *lines), folder)
    rows = duckdb.sql(f"FROM read_parquet('{folder}/events-2026-01-01.parquet')")
    return facts, [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


def test_a_column_holds_the_text_as_it_was_written(tmp_path: Path) -> None:
    _, (row,) = made(tmp_path, f'{{"ts":{NOW}.250,"price":1.50,"n":-0.0,"big":1E+22,"on":true,"no":null,"t":"1.0"}}')
    assert {key: row[key] for key in ("price", "n", "big", "on", "no", "t", "ts")} == {
        "price": "1.50",
        "n": "-0.0",
        "big": "1E+22",
        "on": "true",
        "no": None,
        "t": "1.0",
        "ts": f"{NOW}.250",
    }
    assert (row["_ts"], row["_json"], row["_level"]) == (ns(0.25), True, None)


def test_lines_are_in_the_order_of_time_and_keep_their_numbers(tmp_path: Path) -> None:
    facts, rows = made(tmp_path, line(-1, v=1), line(-3, v=2), "no time", line(-2, v=3), line(-3, v=4))
    assert [(row["_seq"], row["v"]) for row in rows] == [(2, "2"), (3, None), (5, "4"), (4, "3"), (1, "1")]
    assert (facts.first, facts.last, facts.lines) == (ns(-3), ns(-1), 5)


@pytest.mark.parametrize(
    ("lines", "flat", "keys", "mixed"),
    [
        ([line(a=1, b="x")], True, {"a", "b"}, ()),
        ([line(a=1), line(a=[1]), "noise"], True, {"a"}, ("a",)),
        ([line(a=1), line(a={"b": 1})], False, {"a"}, ("a",)),
        ([line(a=1, **{"odd key": 1})], False, {"a"}, ()),
        ([line(A=1), line(a=2, b=3)], False, {"b"}, ()),
        ([line(_ts=1, x_extracted=2, b=3)], False, {"b"}, ()),
        (['{"a":1,"a":2,"b":3}'], False, {"b"}, ()),
        (["{}", ""], True, set(), ()),
        (["[1]", "noise"], True, set(), ()),
        ([], True, set(), ()),
    ],
)
def test_what_becomes_a_column(tmp_path: Path, lines: list[str], flat: bool, keys: set[str], mixed: tuple[str]) -> None:
    facts, _ = made(tmp_path, *lines)
    assert (facts.flat, set(facts.keys) - {"ts", "level"}, facts.mixed) == (flat, keys, mixed)


def test_more_keys_than_columns_are_read_from_the_line(tmp_path: Path) -> None:
    facts, _ = made(tmp_path, line(**{f"k{n}": n for n in range(compaction.MOST_COLUMNS + 50)}))
    assert (len(facts.keys), facts.flat) == (compaction.MOST_COLUMNS, False)


def test_bytes_that_are_no_text_are_kept_as_they_are_read(tmp_path: Path) -> None:
    file = log_file(tmp_path, line(-1))
    Path(file.path).write_bytes(b"\xff\xfe{\n\x00\n" + line(-1, a=1).encode() + b"\r\nhalf")
    facts = compact(files.find([file.path]).files[0], tmp_path)
    assert (facts.lines, facts.keys) == (3, ("ts", "level", "a"))


def test_a_large_log_out_of_order_is_sorted(tmp_path: Path) -> None:
    facts = compact(log_file(tmp_path, *(line(-(n * 7919 % 60_000), n=n) for n in range(60_000))), tmp_path)
    assert facts.lines == 60_000
    times = "SELECT bool_and(ts >= before) FROM (SELECT _ts AS ts, lag(_ts) OVER () AS before FROM read_parquet('{}'))"
    assert duckdb.sql(times.format(tmp_path / "events-2026-01-01.parquet")).fetchall() == [(True,)]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".jsonl", ".parquet"]


def test_a_log_that_is_still_written_stays_as_it_is(tmp_path: Path) -> None:
    file = log_file(tmp_path, line(-2))
    with Path(file.path).open("a") as log:
        log.write(f"{line(-1)}\n")
    with pytest.raises(StoreError, match="written to meanwhile"):
        compact(file, tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".jsonl"]


def test_a_log_that_cannot_be_read_leaves_nothing_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.zst"
    path.write_bytes(b"no zstd at all")
    with pytest.raises(StoreError, match=r"events.jsonl.zst cannot be compacted"):
        compact(files.find([str(path)]).files[0], tmp_path, LIMITS)
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_compaction_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / f".a.parquet{compaction.ASIDE}").touch()
    (tmp_path / ".a.parquet.spill").mkdir()
    (tmp_path / ".a.parquet.spill" / "block").touch()
    (tmp_path / "b.parquet").touch()
    compaction.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["b.parquet"]
