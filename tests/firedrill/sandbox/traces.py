"""Looks for what a host may have left on this machine, in its own way, so as not to believe the code under test."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_ADDRESSES = Path("/run/mmstack/addresses")


def left_of(directory: Path) -> list[str]:
    """Mounts, running processes, control groups, reservations and host directories below a sandbox directory."""
    names = {path.name for path in (directory / "hosts").glob("*")}
    return [
        *(f"mount {line.split()[1]}" for line in Path("/proc/mounts").read_text().splitlines() if _in(directory, line)),
        *(f"process {pid}" for pid in _processes_naming(directory)),
        *(f"reservation {entry}" for entry in _ADDRESSES.glob("*") if _in(directory, entry.read_text())),
        *(f"host directory {name}" for name in sorted(names)),
    ]


def groups_of(name: str) -> list[Path]:
    """Control groups made for a host of this name, in any hierarchy."""
    return [
        Path(folder) / inner
        for folder, inners, _ in os.walk(_CGROUPS)
        for inner in inners
        if inner.startswith(f"mmstack-{name}-")
    ]


def _in(directory: Path, text: str) -> bool:
    return f"{directory}/" in text


def _processes_naming(directory: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if _in(directory, line):
            found.append(int(entry.name))
    return found
