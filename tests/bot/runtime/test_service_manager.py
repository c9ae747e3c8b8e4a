"""What the service manager is told, over a real datagram socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime.service_manager import ServiceManager

PID = 4711


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(1)
        yield listening


def service(manager: socket.socket, **environment: str) -> ServiceManager:
    return ServiceManager({"NOTIFY_SOCKET": manager.getsockname(), **environment}, PID)


def heard(manager: socket.socket) -> dict[str, str]:
    lines = manager.recv(4096).decode().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_life_of_a_unit(manager: socket.socket) -> None:
    subject = service(manager)
    subject.ready("quoting SOL")
    assert heard(manager) == {"READY": "1", "STATUS": "quoting SOL"}
    subject.reloading(5_000_000)
    assert heard(manager) == {"RELOADING": "1", "MONOTONIC_USEC": "5000"}
    subject.stopping("taking quotes off")
    assert heard(manager) == {"STOPPING": "1", "STATUS": "taking quotes off"}


def test_the_watchdog_is_fed_only_when_the_session_turned(manager: socket.socket) -> None:
    subject = service(manager, WATCHDOG_USEC="3000000", WATCHDOG_PID=str(PID))
    assert subject.watchdog_s == 3.0
    assert [subject.feed(turns) for turns in (1, 1, 2)] == [True, False, True]
    assert [heard(manager), heard(manager)] == [{"WATCHDOG": "1"}] * 2
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


def test_a_watchdog_meant_for_another_process_is_not_ours(manager: socket.socket) -> None:
    assert service(manager, WATCHDOG_USEC="3000000", WATCHDOG_PID="1").watchdog_s == 0.0


def test_an_abstract_socket_is_spoken_to() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0mm-bot-test-notify")
        listening.settimeout(1)
        ServiceManager({"NOTIFY_SOCKET": "@mm-bot-test-notify"}, PID).ready("x")
        assert heard(listening)["READY"] == "1"


def test_without_a_manager_nothing_happens() -> None:
    subject = ServiceManager({}, PID)
    subject.ready("quoting")
    assert subject.watchdog_s == 0.0
