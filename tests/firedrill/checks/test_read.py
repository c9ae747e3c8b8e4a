"""Reading a host: the request, the answer, and what is said when it is not one."""

from __future__ import annotations

import json
import subprocess

import pytest

from firedrill.checks import places
from firedrill.checks.facts import Unreadable, decode
from firedrill.checks.read import CannotRead, read
from firedrill.checks.request import request

from . import green


def test_this_machine_can_be_read() -> None:
    """No unit of ours is here, so much is missing; but every question has an answer or an error."""

    def run(command: str, stdin: bytes) -> tuple[int, str, str]:
        done = subprocess.run(["sh", "-c", command], input=stdin, capture_output=True, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    facts = read(green.target(), run)
    assert facts.asked <= facts.clock_start <= facts.clock_end <= facts.answered
    assert facts.memory.total > 0
    assert facts.paths[places.SETTINGS] is None
    assert facts.disks["/"] is not None
    with pytest.raises(Unreadable, match="stamp: FileNotFoundError"):
        _ = facts.stamp


def test_the_request_names_what_is_expected() -> None:
    asked = request(green.target())
    paths = asked["paths"]
    assert isinstance(paths, list)
    assert {*green.FILES, places.RULES, places.CURRENT, places.CONTROL_SOCKET} <= set(paths)
    assert asked["hardened"] == [places.BOT]
    assert asked["rotations"] == [green.ROTATION]
    json.dumps(asked)


@pytest.mark.parametrize(
    ("status", "out", "err", "says"),
    [
        (127, "", "sh: python3: not found", "no python3"),
        (1, "", "Traceback\nMemoryError", "exit status 1, it said: MemoryError"),
        (0, "Welcome!", "", "something other than facts"),
        (0, '{"errors": {}, "clock_start": "never", "clock_end": 1}', "", "something other than facts"),
    ],
)
def test_an_answer_that_is_none(status: int, out: str, err: str, says: str) -> None:
    with pytest.raises(CannotRead, match=says):
        read(green.target(), lambda _command, _stdin: (status, out, err))


def test_systemd_s_words_are_understood() -> None:
    unit = {
        "Id": "x.service",
        "LoadState": "loaded",
        "ActiveState": "active",
        "SubState": "running",
        "UnitFileState": "enabled",
        "NRestarts": "3",
        "MainPID": "42",
        "NeedDaemonReload": "no",
        "FragmentPath": "/x",
        "files": {"/x": None},
        "errors": ["one"],
    }
    facts = decode(json.dumps({"errors": {}, "clock_start": 1, "clock_end": 2, "units": {"x.service": unit}}).encode())
    read_unit = facts.units["x.service"]
    assert (read_unit.n_restarts, read_unit.main_pid, read_unit.errors) == (3, 42, ["one"])
