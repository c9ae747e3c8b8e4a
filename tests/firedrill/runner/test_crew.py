"""Whole runs over hosts that answer from memory: real workers, real pytest inside them, no network."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import pytest

from firedrill.checks.facts import Facts
from firedrill.checks.target import Limits, Target
from firedrill.runner.crew import Crew
from firedrill.runner.results import HostResult, Message, Note, Planned
from firedrill.runner.worker import Plan, work

from ..checks import green
from .fakes import FakeHost, GoneHost

CHECKS_ONLY = Plan(drills=(), settle_s=0)


def _run(*connects: Callable[[Target], FakeHost], plan: Plan = CHECKS_ONLY) -> tuple[list[HostResult], list[Message]]:
    """A run with one host for each way of connecting, and everything that was shown."""
    named = {f"desk-{number}": connect for number, connect in enumerate(connects, 1)}
    # The facts are of a day long gone.
    expected = msgspec.structs.replace(green.target().expected, limits=Limits(max_clock_offset_s=1e12))
    targets = [msgspec.structs.replace(green.target(), name=name, expected=expected) for name in named]
    shown: list[Message] = []
    crew = Crew(targets, plan, partial(_body, named))
    return crew.gather(lambda _host, message: shown.append(message)), shown


def _body(named: dict[str, Callable[[Target], FakeHost]], target: Target, plan: Plan, parent: Connection) -> None:
    work(target, plan, parent, named[target.name])  # type: ignore[arg-type]


class RedHost(FakeHost):
    """Two things are wrong with it."""

    @staticmethod
    def fault(facts: Facts) -> None:
        facts.paths["/etc/mm-bot/mm-bot.env"] = None
        facts.failed_units.append("cron.service")


class SettlingHost(FakeHost):
    """Its store started a second ago, and has rules from the second look on."""

    looks = 0

    def fault(self, facts: Facts) -> None:  # type: ignore[override]
        type(self).looks += 1
        facts.sockets.processes["mm-log-store.service"][0].started = green.NOW - 1
        if self.looks == 1:
            facts.http["rules"].body = ""


class StartingHost(FakeHost):
    """Its store is on the way up at the first look."""

    looks = 0

    def fault(self, facts: Facts) -> None:  # type: ignore[override]
        type(self).looks += 1
        if self.looks == 1:
            facts.units["mm-log-store.service"].active_state = "activating"


class SettlingAndBrokenHost(SettlingHost):
    """Waiting will not bring its file back."""

    looks = 0

    def fault(self, facts: Facts) -> None:  # type: ignore[override]
        super().fault(facts)
        facts.paths["/etc/mm-bot/mm-bot.env"] = None


def test_a_green_host() -> None:
    (host,), shown = _run(FakeHost)
    assert host.error is None
    assert host.green
    assert len(host.checks) >= 40
    assert host.skipped == []
    assert all(check.name and check.found and check.expected and check.remedy for check in host.checks)
    assert Planned(len(host.checks)) in shown


def test_a_red_host_beside_a_green_one() -> None:
    (red, other), _ = _run(RedHost, FakeHost)
    assert other.green
    assert [check.name for check in red.checks if not check.ok] == [
        "file_is_as_rendered[/etc/mm-bot/mm-bot.env]",
        "no_unit_has_failed",
    ]
    wrong = red.checks[[check.ok for check in red.checks].index(False)]
    assert (wrong.found, wrong.expected) == ("missing", "a file")
    assert wrong.remedy == "deploy again: pyinfra inventory/prod.py deploy.py --limit desk-1"


def test_a_host_that_cannot_be_reached_beside_one_that_can() -> None:
    (gone, other), _ = _run(GoneHost, FakeHost)
    assert gone.error == "desk-1 cannot be reached"
    assert not gone.green
    assert other.green


def test_a_host_that_settles_is_asked_again() -> None:
    (host,), shown = _run(SettlingHost, plan=Plan(drills=(), settle_s=20))
    assert host.green
    notes = [message.text for message in shown if isinstance(message, Note)]
    assert notes == ["3 red, but mm-log-store.service started 1 s ago: asking again"]


def test_a_host_that_starts_is_asked_again() -> None:
    (host,), shown = _run(StartingHost, plan=Plan(drills=(), settle_s=20))
    assert host.green
    assert Note("1 red, but mm-log-store.service is activating: asking again") in shown


def test_a_host_that_is_broken_for_good_is_not_waited_for() -> None:
    (host,), shown = _run(SettlingAndBrokenHost, plan=Plan(drills=(), settle_s=20))
    assert len([check for check in host.checks if not check.ok]) == 4
    assert not any(isinstance(message, Note) for message in shown)


def _dies(_target: Target, _plan: Plan, _parent: Connection) -> None:
    os._exit(3)


def test_a_worker_that_dies_is_not_green() -> None:
    (host,) = Crew([green.target()], CHECKS_ONLY, _dies).gather(lambda _host, _message: None)
    assert host.error is not None
    assert "ended with 3" in host.error


def _until_interrupted(marker: Path, _target: Target, _plan: Plan, parent: Connection) -> None:
    """Stands for a drill in the middle: on SIGTERM it restores, and says so in a file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        parent.send(Note("waiting"))
        signal.pause()
    except KeyboardInterrupt:
        marker.write_text("restored")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_lets_workers_restore_their_hosts(tmp_path: Path, number: signal.Signals) -> None:
    marker = tmp_path / "marker"
    crew = Crew([green.target()], CHECKS_ONLY, partial(_until_interrupted, marker))
    crew.gather(lambda _host, message: os.kill(os.getpid(), number) if message == Note("waiting") else None)
    assert marker.read_text() == "restored"


def _orphan(marker: Path, target: Target, plan: Plan, parent: Connection) -> None:
    work(target, plan, parent, partial(_SlowHost, marker))  # type: ignore[arg-type]


class _SlowHost(FakeHost):
    def __init__(self, marker: Path, target: Target) -> None:
        super().__init__(target)
        self._marker = marker

    def run(self, script: str, stdin: bytes = b"", limit: float = 60.0) -> None:  # type: ignore[override]
        self._marker.write_text("busy")
        signal.pause()

    def close(self) -> None:
        self._marker.write_text("closed")


def test_a_worker_ends_in_order_when_its_parent_is_killed(tmp_path: Path, until: Callable[..., object]) -> None:
    marker = tmp_path / "marker"
    parent = os.fork()
    if parent == 0:
        Crew([green.target()], CHECKS_ONLY, partial(_orphan, marker))
        time.sleep(60)
        os._exit(0)
    until(lambda: marker.exists() and marker.read_text() == "busy", 10, "the worker is busy")
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    until(lambda: marker.read_text() == "closed", 10, "the worker has ended in order")
