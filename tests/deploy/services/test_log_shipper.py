"""The shippers: the labels they give are those the backfill gives, their units send what is missing before they start,
and nothing they have not read is compressed."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.events import STREAM_LABELS
from deploy.service import Service
from deploy.services import alloy, log_review, log_shipper, logrotate, promtail
from firedrill.shipping import positions
from firedrill.shipping.command import command
from firedrill.shipping.entry import FROM_LINE
from firedrill.store import arguments
from tests.deploy.settings.test_contexts import _context

STACK = {"log_store": "loki", "install_source": "present"}
SHIPPERS = {"promtail": promtail, "alloy": alloy}
both = pytest.mark.parametrize("kind", SHIPPERS)


def shipper(kind: str) -> Service:
    return log_shipper.service(_context(**STACK, log_shipper=kind))


def text(service: Service, path: str) -> str:
    return next(file for file in service.files if file.path == path).content.decode()


def options(unit: str, key: str) -> dict[str, str]:
    """The options of `firedrill backfill` in a unit's line."""
    found = re.search(rf"^{key}=(.*?[^\\])$", unit, re.MULTILINE | re.DOTALL)
    assert found
    words = found.group(1).replace("\\\n", " ").partition(" backfill ")[2].partition("||")[0]
    return dict(re.findall(r"(--[a-z-]+)(?: ([^-\s]\S*))?", words))


def labels(kind: str) -> tuple[dict[str, str], set[str]]:
    """The labels a shipper gives to every line, and those it takes from the line."""
    if kind == "promtail":
        (job,) = yaml.safe_load(text(shipper(kind), promtail.CONFIG))["scrape_configs"]
        given: dict[str, Any] = dict(job["static_configs"][0]["labels"])
        assert "events-*.jsonl" in given.pop("__path__")
        (taken,) = [stage["labels"] for stage in job["pipeline_stages"] if "labels" in stage]
        return given, set(taken)
    config = text(shipper(kind), alloy.CONFIG)
    blocks = {name: dict(re.findall(r'(\w+) = "([^"]*)"', block)) for name, block in _blocks(config)}
    return blocks["stage.static_labels"], set(blocks["stage.labels"])


def _blocks(config: str) -> list[tuple[str, str]]:
    return re.findall(r"(stage\.\w+) \{\s*(.*?)\n  \}", config, re.DOTALL)


@both
def test_the_backfill_gives_the_labels_the_shipper_gives(kind: str) -> None:
    given, taken = labels(kind)
    assert taken == set(FROM_LINE)
    assert {*given, *taken} == set(STREAM_LABELS)
    for path, key in ((SHIPPERS[kind].UNIT, "ExecStartPre"), (log_review.UNIT, "ExecStart")):
        assert arguments.labels((options(text(shipper(kind), path), key)["--labels"],)) == given


@both
def test_a_number_of_seconds_is_taken_for_the_time(kind: str) -> None:
    config = text(shipper(kind), SHIPPERS[kind].CONFIG)
    assert re.search(r'source(: |\s+= ")ts.*?format(: |\s+= ")Unix', config, re.DOTALL)


@both
def test_every_option_in_the_units_is_one_of_the_command(kind: str) -> None:
    known = {name for parameter in command.params for name in parameter.opts}
    assert set(options(text(shipper(kind), SHIPPERS[kind].UNIT), "ExecStartPre")) <= known
    assert set(options(text(shipper(kind), log_review.UNIT), "ExecStart")) <= known


@both
def test_what_is_missing_is_sent_before_the_shipper_starts_and_it_never_gives_up(kind: str) -> None:
    unit = text(shipper(kind), SHIPPERS[kind].UNIT)
    given = options(unit, "ExecStartPre")
    assert "--shipper-stopped" in given
    assert (given["--shipper"], given["--positions"]) == (kind, SHIPPERS[kind].POSITIONS)
    assert unit.index("ExecStartPre=") < unit.index("\nExecStart=")
    assert "\nStartLimitIntervalSec=0\n" in unit
    assert "\nTimeoutStartSec=infinity\n" in unit


@both
def test_the_review_runs_as_the_shipper_whose_positions_it_reads(kind: str) -> None:
    unit = text(shipper(kind), log_review.UNIT)
    assert f"\nUser={kind}\n" in unit
    assert options(unit, "ExecStart")["--positions"] == SHIPPERS[kind].POSITIONS
    assert "mm-log-review.timer" in [unit.name for unit in shipper(kind).units]


def test_without_a_shipper_there_is_no_review() -> None:
    assert log_shipper.service(_context()) == Service("log shipper")


@pytest.mark.parametrize(
    ("kind", "read", "size", "taken"),
    [
        ("promtail", 100, 100, True),
        ("promtail", 99, 100, False),
        ("promtail", None, 100, False),
        ("alloy", 100, 100, True),
        ("alloy", 99, 100, False),
        ("alloy", None, 100, False),
        ("none", None, 100, True),
    ],
)
def test_a_day_is_compressed_only_when_the_shipper_has_read_it(
    tmp_path: Path, kind: str, read: int | None, size: int, taken: bool
) -> None:
    day, held = tmp_path / "events-2026-11-20.jsonl", tmp_path / "positions"
    day.write_bytes(b"x" * size)
    if kind != "none":
        known = {f"{tmp_path}/events-2026-11-19.jsonl": 100, f"{day}.1": 100}
        positions.write(held, known if read is None else {**known, str(day): read}, kind)
    assert allowed(kind, day, held) is taken


def test_the_file_being_written_is_never_compressed_though_it_was_read(tmp_path: Path) -> None:
    day, held = tmp_path / "events-2026-11-20.jsonl", tmp_path / "positions"
    day.write_bytes(b"x")
    (tmp_path / "events.jsonl").symlink_to(day.name)
    positions.write(held, {str(day): 1}, "promtail")
    assert not allowed("promtail", day, held)


def allowed(kind: str, day: Path, held: Path) -> bool:
    """Whether logrotate would take a file: its script before the rotation, run with the paths of the test."""
    data = {**STACK, "log_shipper": kind} if kind != "none" else {}
    config = text(logrotate.service(_context(**data)), logrotate.CONFIG)
    script = config.partition("prerotate\n")[2].partition("endscript")[0].replace("/var/log/mm-bot", str(day.parent))
    if kind != "none":
        script = script.replace(SHIPPERS[kind].POSITIONS, shlex.quote(str(held)))
    return subprocess.run(["sh", "-c", script, "logrotate_script", str(day)], check=False).returncode == 0
