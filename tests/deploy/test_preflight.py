"""Reasons to refuse a host, each alone and all at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from deploy import preflight
from deploy.host_state import HostState, Listener
from deploy.settings.contexts import context
from tests.deploy.hosts import WANTED, deployed

TOLD = context("bot-1", "prod", {"alert_webhook_url": "http://127.0.0.1/"}, {"alert_webhook_token": "x"})


def _reasons(state: HostState, before: float = 1_999.9, after: float = 2_000.1) -> list[str]:
    return preflight.reasons(TOLD, WANTED, state, (before, after))


def test_a_good_host_is_not_refused() -> None:
    assert _reasons(deployed()) == []


def _listen(address: str, port: int = 9180, pid: int = 7, unit: str = "nginx.service") -> Callable[[HostState], None]:
    return lambda state: state.listeners.append(Listener(address, port, pid, "nginx" if pid else "", unit))


def _set(**what: object) -> Callable[[HostState], None]:
    def alter(state: HostState) -> None:
        for name, value in what.items():
            setattr(state, name, value)

    return alter


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (_set(os=("ubuntu", "24.04")), "runs ubuntu 24.04; Debian 12 or 13"),
        (_set(os=("debian", "11")), "runs debian 11"),
        (_set(arch="aarch64"), "x86_64 only"),
        (_set(uid=1000), "not root there"),
        (_set(busy=True), "another deploy has been at work"),
        (_set(init="bash"), "process 1 is bash, not systemd"),
        (_set(disk_free_kib={"/": 1024 * 100}), "/ has 100 MiB free, 2048"),
        (_set(clock=2_010.0), r"clock is 9\.9 s away"),
        (_set(clock=1_990.0), r"clock is 9\.9 s away"),
        (_listen("127.0.0.1"), r"9180 for bot.service is taken by nginx \(pid 7, nginx.service\)"),
        (_listen("0.0.0.0"), "taken by nginx"),
        (_listen("*"), "taken by nginx"),
        (_listen("[::]"), "taken by nginx"),
        (_listen("127.0.0.1", pid=0, unit=""), "a process that cannot be seen from the host"),
    ],
)
def test_each_reason_is_told(alter: Callable[[HostState], None], message: str) -> None:
    state = deployed()
    alter(state)
    (reason,) = _reasons(state)
    assert re.search(message, reason)


def test_a_listener_elsewhere_is_no_reason() -> None:
    state = deployed()
    _listen("192.0.2.1")(state)
    _listen("127.0.0.1", port=22)(state)
    assert _reasons(state) == []


def test_a_slow_read_is_not_taken_for_a_wrong_clock() -> None:
    assert _reasons(deployed(), before=1_990.0, after=2_020.0) == []


def test_all_reasons_come_at_once() -> None:
    assert len(_reasons(HostState(clock=2_000.0, disk_free_kib={"/": 1}))) == 5
