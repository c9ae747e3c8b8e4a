"""`up` dies at every point of its way, by the kernel's hand or by Ctrl-C; nothing it made may outlast the clearing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from firedrill.sandbox import cgroups
from tests.conftest import REPOSITORY
from tests.firedrill.sandbox.traces import groups_of, left_of

pytestmark = pytest.mark.host

# module of the sandbox, function: the process dies before or after that step of `up`.
STEPS = [
    ("addresses", "reserve", "before"),
    ("addresses", "reserve", "after"),
    ("host", "mount_overlay", "before"),
    ("host", "mount_overlay", "after"),
    # Where systemd is init it makes the host's group itself, in a scope.
    ("cgroups", "scope_prefix" if cgroups.systemd_is_init() else "create", "after"),
    ("cgroups", "join", "before"),
    ("processes", "save", "before"),
    ("host", "_publish", "before"),
]
INTERRUPTED = [("addresses", "reserve", "after"), ("host", "mount_overlay", "after"), ("host", "_publish", "before")]

_DRIVER = """
import os
from firedrill.sandbox import {module}
from firedrill.sandbox.command import command

real, up = {module}.{function}, os.getpid()

def fatal(*words, **options):
    if {after}:
        result = real(*words, **options)
    os.kill(up, {number})
    if not {after}:
        result = real(*words, **options)
    return result

{module}.{function} = fatal
command(["up", "--name", "crash"])
"""


def dying_up(module: str, function: str, when: str, number: int) -> subprocess.Popen[str]:
    code = _DRIVER.format(module=module, function=function, after=when == "after", number=int(number))
    line = [sys.executable, "-c", code]
    return subprocess.Popen(line, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def alone(sandbox_dir, monkeypatch):
    """A directory that only this test uses, so that `down --all` may clear all of it."""
    directory = sandbox_dir / "crashes"
    monkeypatch.setenv("MMSTACK_SANDBOX_DIR", str(directory))
    return directory


@pytest.mark.parametrize(("module", "function", "when"), STEPS)
def test_what_a_killed_up_leaves_is_cleared_by_down(alone, sandbox_command, module, function, when):
    died = dying_up(module, function, when, signal.SIGKILL)
    died.communicate()
    assert died.returncode == -signal.SIGKILL
    sandbox_command("down", "--all")
    assert left_of(alone) == []
    assert groups_of("crash-1") == []
    assert not alone.exists()


@pytest.mark.parametrize(("module", "function", "when"), INTERRUPTED)
def test_an_interrupted_up_clears_up_after_itself(alone, module, function, when):
    died = dying_up(module, function, when, signal.SIGINT)
    output, _ = died.communicate()
    assert died.returncode == 1, output
    assert left_of(alone) == []
    assert groups_of("crash-1") == []


def test_two_up_at_once_get_hosts_of_their_own(alone, sandbox_command):
    line = [sys.executable, "-m", "firedrill", "sandbox", "up", "--name", "crash"]
    both = [subprocess.Popen(line, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [up.communicate()[0] for up in both]
    assert [up.returncode for up in both] == [0, 0]
    assert sorted(text.split(":")[0] for text in outputs) == ["crash-1", "crash-2"]
    assert sandbox_command("ssh", "crash-1", "hostname").stdout == "crash-1\n"
    assert sandbox_command("ssh", "crash-2", "hostname").stdout == "crash-2\n"
    assert sandbox_command("down", "--all").stdout.count("powered off, removed") == 2
    assert left_of(alone) == []


def test_down_clears_a_host_whose_files_were_lost(alone, sandbox_command):
    sandbox_command("up", "--name", "crash")
    for entry in ("pid", "lock", "ssh_key", "ssh_config", "host.json"):
        (alone / "hosts/crash-1" / entry).unlink()
    sandbox_command("down", "--all")
    assert left_of(alone) == []
    assert groups_of("crash-1") == []
