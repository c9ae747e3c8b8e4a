"""Closed logs become Parquet beside a running store, by hand too; logs and questions go on meanwhile."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from firedrill.store import closed_logs, compact_command
from firedrill.store.archive import Archive
from firedrill.store.engine import DEFAULTS, connect
from firedrill.store.files import LogFile, find
from tests.firedrill.store.servers import free_port, get, until

DAY = 86_400


def day_before(days: int) -> str:
    return f"{datetime.fromtimestamp(time.time() - days * DAY, UTC):%Y-%m-%d}"


def log_of(folder: Path, days: int, count: int = 50) -> Path:
    """A log of so many days ago, last written in the evening."""
    at = time.time() - days * DAY
    path = folder / f"events-{day_before(days)}.jsonl"
    path.write_text(
        "".join(json.dumps({"ts": round(at - n, 6), "action": "tick", "n": n}) + "\n" for n in range(count))
    )
    os.utime(path, (at, at))
    return path


def file_of(name: str, rested_s: float, now: int) -> LogFile:
    return LogFile(f"/logs/{name}", (1, 1), 1, now - round(rested_s * 1e9))


@pytest.mark.parametrize(
    ("name", "rested_s", "closed"),
    [
        ("events-2026-01-01.jsonl", 601, True),
        ("events-2026-01-01.jsonl", 599, False),
        ("events-2026-01-02.jsonl", 7200, False),
        ("events-2026-01-01.jsonl.1.gz", 7200, True),
        ("bot.jsonl", 3599, False),
        ("bot.jsonl", 3601, True),
    ],
)
def test_when_a_log_is_closed(name: str, rested_s: float, closed: bool) -> None:
    now = 1_767_312_000_000_000_000 + 3 * 3600 * 10**9  # 03:00 on the second of January
    assert closed_logs.is_closed(file_of(name, rested_s, now), now) is closed


def test_by_hand_with_progress_and_then_nothing_to_do(tmp_path: Path) -> None:
    logs = [log_of(tmp_path, days) for days in (0, 1, 2)]
    logs[2].with_name(logs[2].name + ".1.gz").write_bytes(gzip.compress(logs[2].read_bytes()))
    os.utime(logs[2].with_name(logs[2].name + ".1.gz"), (time.time() - 2 * DAY,) * 2)
    logs[2].unlink()
    words = ["--files", f"{tmp_path}/*.jsonl*", "--archive", str(tmp_path / "archive")]
    done = CliRunner().invoke(compact_command.command, words)
    assert done.exit_code == 0, done.output
    assert [line.partition(" ... ")[0][:7] for line in done.output.splitlines()] == ["1 of 2:", "2 of 2:"]
    made = sorted(path.name for path in (tmp_path / "archive").iterdir())
    assert made == [f"events-{day_before(2)}.parquet", f"events-{day_before(1)}.parquet"]
    assert CliRunner().invoke(compact_command.command, words).output == "nothing to do\n"


def test_what_cannot_be_read_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    log_of(tmp_path, 1)
    broken = tmp_path / f"events-{day_before(2)}.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b no")
    os.utime(broken, (time.time() - 2 * DAY,) * 2)
    words = ["--files", f"{tmp_path}/*.jsonl*", "--archive", str(tmp_path / "archive"), "--json"]
    done = CliRunner().invoke(compact_command.command, words)
    told = [json.loads(line) for line in done.output.splitlines()]
    assert (done.exit_code, ["error" in one for one in told]) == (1, [True, False])
    assert len(list((tmp_path / "archive").iterdir())) == 1


def test_parquet_is_deleted_after_its_time_once_its_log_is_gone(tmp_path: Path) -> None:
    archive, logs = tmp_path / "archive", [log_of(tmp_path, days) for days in (20, 3)]
    words = ["--files", f"{tmp_path}/*.jsonl", "--archive", str(archive)]
    assert CliRunner().invoke(compact_command.command, [*words, "--keep", "30d"]).exit_code == 0
    (archive / "of-somebody-else.parquet").write_bytes(b"")
    assert CliRunner().invoke(compact_command.command, words).output == "nothing to do\n"
    logs[0].unlink()
    assert "deleted" in CliRunner().invoke(compact_command.command, words).output
    kept = sorted(path.name for path in archive.iterdir())
    assert kept == [f"events-{day_before(3)}.parquet", "of-somebody-else.parquet"]


def test_logs_with_one_name_are_left_alone(tmp_path: Path) -> None:
    at = time.time() - 2 * DAY
    for name in ("bot.jsonl", "bot.jsonl.1", "bot.jsonl.2.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"{}\n") if name.endswith("gz") else f'{{"n":"{name}"}}\n'.encode())
        os.utime(tmp_path / name, (at, at))
    with connect(DEFAULTS) as connection:
        chosen = Archive([f"{tmp_path}/*"], tmp_path / "archive").choose(connection)
    assert len(find([f"{tmp_path}/*"]).files) == 3
    assert closed_logs.due(chosen, time.time_ns(), 30 * closed_logs.DAY) == []


def test_a_running_store_compacts_what_has_closed_and_answers_from_it(tmp_path: Path) -> None:
    yesterday = log_of(tmp_path, 1)
    port, archive = free_port(), tmp_path / "archive"
    command = [
        sys.executable,
        "-m",
        "firedrill",
        "store",
        "serve",
        "--files",
        f"{tmp_path}/*.jsonl",
        "--labels",
        "job=bot",
    ]
    words = [*command, "--listen", f"127.0.0.1:{port}", "--archive", str(archive), "--keep", "14d"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            until(
                lambda: list(archive.glob("*.parquet")) if archive.exists() else [], what="a Parquet file", seconds=30
            )
            url = f"http://127.0.0.1:{port}"
            until(lambda: "log_store_compacted_total 1" in get(f"{url}/metrics")[1], what="the count of it", seconds=30)
            yesterday.unlink()
            asked = f"{url}/loki/api/v1/query?query=sum(count_over_time(%7Bjob=%22bot%22%7D%5B2d%5D))"
            assert json.loads(get(asked)[1])["data"]["result"][0]["value"][1] == "50"
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=30)[1]
    assert process.returncode == 0, said
    assert f"compacted {yesterday.name}: 50 lines in " in said
