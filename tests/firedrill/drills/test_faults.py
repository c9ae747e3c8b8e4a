"""The drills themselves: what they do to a host, and that it is undone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bot.events import ALL, LINE_PREFIX, InternalError
from firedrill.checks import places
from firedrill.drills import log_lines
from firedrill.drills.catalogue import DRILLS, LOG_LINES, SERVICES, VENUE_FAULTS
from firedrill.rules import rule_files
from firedrill.store.embedded import Embedded
from firedrill.store.store import Vector

from .fakes import SCENE

GROUPS, _ = rule_files.load(Path(__file__).resolve().parents[3] / "alerts")
SCRIPTS = [
    pytest.param(script, id=f"{drill.name}-{what}")
    for drill in DRILLS.values()
    for what, script in (("inject", drill.inject(SCENE)), ("restore", drill.restore(SCENE)))
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_valid_shell(script: str) -> None:
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("name", DRILLS)
def test_what_belongs_to_a_drill(name: str) -> None:
    drill = DRILLS[name]
    assert drill.name == name
    assert drill.summary
    assert drill.remedy
    assert drill.alarm_within_s > 0
    assert drill.recover_within_s > 0


def test_an_e_tick_must_ring_within_a_minute() -> None:
    assert DRILLS["etick_error"].alarm_within_s <= 60


@pytest.mark.parametrize(("name", "unit"), [("bot_silent", places.BOT), ("watchdog", SCENE.store)])
def test_what_is_stopped_is_started(name: str, unit: str) -> None:
    drill = DRILLS[name]
    assert drill.inject(SCENE) == f"systemctl stop {unit}"
    assert drill.restore(SCENE) == f"systemctl start {unit}"


def test_the_line_is_the_bots_own() -> None:
    event = InternalError(where="session", reason="a defect")
    line = json.loads(log_lines.line(SCENE, event, "1795262400.123456", 3))
    assert tuple(line)[: len(LINE_PREFIX)] == tuple(LINE_PREFIX)
    head = {"ts": 1795262400.123456, "level": "error", "run": SCENE.id, "n": 3, "release": SCENE.release}
    assert {name: line[name] for name in LINE_PREFIX} == head
    assert msgspec.convert({k: v for k, v in line.items() if k not in LINE_PREFIX}, ALL["internal_error"]) == event


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log directory of whoever runs the tests, and the drill at work in it."""
    account = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
    assert account == group or os.getuid() == 0
    monkeypatch.setattr(places, "LOGS", str(tmp_path))
    monkeypatch.setattr(places, "BOT_USER", account)
    return tmp_path


def _sh(script: str) -> None:
    subprocess.run(["sh", "-c", script], check=True)


def test_the_line_lands_in_a_file_of_the_drills_own_and_goes_again(logs: Path) -> None:
    drill = DRILLS["etick_error"]
    _sh(drill.inject(SCENE))
    (file,) = logs.iterdir()
    assert file.name.startswith("events-2")
    assert file.name.endswith("-drill-0123abcd.jsonl")
    assert file.stat().st_mode & 0o777 == 0o640
    text = file.read_text()
    assert text.endswith("}\n")
    event = json.loads(text)
    assert (event["code"], event["market"]) == ("E_TICK", f"DRILL-{SCENE.id}")
    assert abs(event["ts"] - time.time()) < 60
    (logs / "events-2026-11-21.jsonl").write_text("the bot's own\n")
    _sh(drill.restore(SCENE))
    _sh(drill.restore(SCENE))
    assert [path.name for path in logs.iterdir()] == ["events-2026-11-21.jsonl"]


def test_drills_need_nothing_but_what_a_release_holds() -> None:
    """The receiver is started from the release's own environment: it must not need what only operators have."""
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('pytest', 'paramiko', 'testinfra', 'pyinfra', 'jinja2')));"
        "import firedrill.receiver"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_lines_as_they_stand_and_lines_that_were_lost(logs: Path) -> None:
    event = InternalError(where="it's", reason='"ts":0, $(id) `id` \\ %s')
    drill = log_lines.drill("x", "X", "x", lambda market: [event, None, f"no event of {market}", event], "x")
    _sh(drill.inject(SCENE))
    (file,) = logs.iterdir()
    first, torn, last = file.read_text().splitlines()
    assert torn == f"no event of DRILL-{SCENE.id}"
    assert (json.loads(first)["n"], json.loads(last)["n"]) == (1, 4)
    assert json.loads(last)["reason"] == event.reason


@pytest.mark.parametrize("name", [fault.DRILL.name for fault in LOG_LINES])
def test_lines_of_a_drill_ring_its_alert_and_no_other(name: str, logs: Path) -> None:
    _sh(DRILLS[name].inject(SCENE))
    store = Embedded((f"{logs}/events-*.jsonl",), {"job": "bot", "host": SCENE.host})
    now = time.time_ns()
    answers = {rule.alert: store.instant(rule.expr, now) for group in GROUPS for rule in group.rules}
    true = {alert for alert, answer in answers.items() if isinstance(answer, Vector) and answer.series}
    assert true - {"Watchdog", "BotSilent"} == {DRILLS[name].alert}


def test_every_alert_has_one_drill_and_no_name_is_taken_twice() -> None:
    alerts = sorted(rule.alert for group in GROUPS for rule in group.rules)
    assert sorted(drill.alert for drill in DRILLS.values()) == alerts
    assert len(DRILLS) == len(LOG_LINES) + len(VENUE_FAULTS) + len(SERVICES)
