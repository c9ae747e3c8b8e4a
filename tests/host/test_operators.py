"""Two operators, one host: the second is told who is at work, and changes nothing; nobody holds a host for ever."""

from __future__ import annotations

import getpass
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.host.desk import Desk

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
HOLDER = "/run/mmstack-operator"


def _hold(desk: Desk, until: Until, deploy: subprocess.Popen[str]) -> None:
    until(lambda: str(deploy.pid) in desk.ssh(f"cat {HOLDER}"), 20, "the deploy to hold the host")


def test_the_second_is_told_who_is_at_work_since_when(desk: Desk, until: Until) -> None:
    first = desk.start("--data", "log_retention_days=13")
    _hold(desk, until, first)
    first.send_signal(signal.SIGSTOP)  # an operator who reads the plan
    second = desk.deploy("--data", "log_retention_days=12")
    first.send_signal(signal.SIGCONT)
    text, _ = first.communicate(timeout=120)
    assert first.returncode == 0, text
    assert second.code != 0
    me = re.escape(f"{getpass.getuser()}@{socket.gethostname()} (pid {first.pid})")
    told = rf"{me} has been deploying to it since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(\d+ s ago\); wait until"
    assert re.search(told, second.text), second.text
    assert second.changes == 0
    assert "Traceback" not in second.text
    assert "--keep 13d" in desk.ssh("cat /etc/systemd/system/mm-log-store.service")
    until(lambda: desk.ssh(f"cat {HOLDER}").strip() == "", 5, "the first deploy to let go")
    said = desk.deploy()
    assert said.code == 0, said.text


def test_an_operator_that_is_killed_holds_nothing(desk: Desk, until: Until) -> None:
    first = desk.start("--data", "log_retention_days=13")
    _hold(desk, until, first)
    first.kill()
    first.communicate(timeout=60)
    said = desk.deploy()
    assert said.code == 0, said.text
    assert desk.deploy().changes == 0
