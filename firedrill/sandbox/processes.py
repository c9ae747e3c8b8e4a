"""Processes by what identifies them for certain: number and start time, or an argument only they have."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Process:
    """A number alone is used again after its process dies; with its start time (clock ticks since boot) it is not."""

    pid: int
    started: int

    def alive(self) -> bool:
        return start_time(self.pid) == self.started

    def send(self, number: int) -> None:
        """Signal it if it is still the same process."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return


def start_time(pid: int) -> int | None:
    """Start time of a running process; None if there is none (a zombie no longer runs)."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def process(pid: int) -> Process | None:
    started = start_time(pid)
    return None if started is None else Process(pid, started)


def with_argument(argument: str) -> list[Process]:
    """Every process that has exactly this word on its command line."""
    pids = [pid for pid, words in _command_lines() if argument in words]
    return [running for pid in pids if (running := process(pid))]


def arguments_with_prefix(prefix: str) -> set[str]:
    """Such words on any command line of this machine."""
    return {word for _, words in _command_lines() for word in words if word.startswith(prefix)}


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(entry.name), line.decode(errors="surrogateescape").split("\0")


def children(parent: Process) -> list[Process]:
    try:
        numbers = (_PROC / str(parent.pid) / "task" / str(parent.pid) / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [running for number in numbers if (running := process(int(number)))]


def gone(processes: Iterable[Process], seconds: float) -> bool:
    """Wait until none of them runs; False if some still do."""
    deadline = time.monotonic() + seconds
    left = [running for running in processes if running.alive()]
    while left and time.monotonic() < deadline:
        time.sleep(_POLL)
        left = [running for running in left if running.alive()]
    return not left


def reaped(processes: Iterable[Process], seconds: float) -> None:
    """Give this machine's init a while to collect the dead, so that not even their names are listed."""
    deadline = time.monotonic() + seconds
    while any((_PROC / str(dead.pid)).exists() and not dead.alive() for dead in processes):
        if time.monotonic() > deadline:
            return
        time.sleep(_POLL)


def kill(processes: Iterable[Process]) -> None:
    for running in processes:
        running.send(signal.SIGKILL)


def save(path: Path, running: Process) -> None:
    path.write_text(f"{running.pid} {running.started}\n")


def load(path: Path) -> Process | None:
    """The process a pid file names; None when there is no such file or it was cut short by a crash."""
    try:
        words = path.read_text().split()
    except FileNotFoundError:
        return None
    return Process(int(words[0]), int(words[1])) if len(words) == 2 else None
