"""Processes are known by number and start time together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from firedrill.sandbox import processes
from firedrill.sandbox.processes import Process


@pytest.fixture
def child():
    line = [sys.executable, "-c", "import sys; sys.stdin.read()", "--mark=of this test"]
    with subprocess.Popen(line, stdin=subprocess.PIPE) as running:
        yield running
        running.kill()


def test_a_used_again_number_is_never_signalled(child):
    found = processes.process(child.pid)
    assert found is not None
    assert found.alive()
    Process(found.pid, found.started + 1).send(signal.SIGKILL)
    assert child.poll() is None
    found.send(signal.SIGKILL)
    assert processes.gone([found], 5)


def test_a_zombie_counts_as_gone(child):
    found = processes.process(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    assert processes.gone([found], 5)
    assert processes.process(child.pid) is None


def test_processes_are_found_by_a_whole_argument(child, until):
    until(lambda: processes.with_argument("--mark=of this test"), 5, "the child is found by its argument")
    assert [found.pid for found in processes.with_argument("--mark=of this test")] == [child.pid]
    assert processes.with_argument("--mark=of") == []
    assert "--mark=of this test" in processes.arguments_with_prefix("--mark=")


@pytest.mark.parametrize(("text", "read"), [("12 34\n", Process(12, 34)), ("", None), ("12", None)])
def test_a_pid_file_cut_short_names_nobody(tmp_path, text, read):
    (tmp_path / "pid").write_text(text)
    assert processes.load(tmp_path / "pid") == read
    assert processes.load(tmp_path / "absent") is None
