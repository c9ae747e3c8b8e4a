"""A control group for each host.

`systemd-nspawn --keep-unit` builds the container's groups inside its caller's own group, as `payload` and
`supervisor`: two hosts started from one group would share ssh.service and stop each other's programs. So each host gets
a group of its own before nspawn starts: a scope where the init here is systemd, a directory made by hand elsewhere.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from firedrill.sandbox.errors import NotHere
from firedrill.sandbox.mounts import Mount, mounts
from firedrill.sandbox.processes import Process, process


def systemd_is_init() -> bool:
    return Path("/run/systemd/system").is_dir()


def scope_prefix(identity: str) -> list[str]:
    """What to put before a command so that systemd itself gives it a group and lets it divide that group."""
    return ["systemd-run", "--quiet", "--scope", "--collect", f"--unit={identity}", "--property=Delegate=yes", "--"]


def create(identity: str) -> list[Path]:
    """Make the group in every hierarchy that systemd uses and that we may write to."""
    made = []
    for parent in _own_groups():
        group = parent / identity
        try:
            group.mkdir(exist_ok=True)
        except OSError:
            continue  # read-only here; another hierarchy may do, and none at all is said below
        made.append(group)
    if not made:
        raise NotHere(
            "No control group hierarchy on this machine can be written to, so no systemd can boot in a container: "
            "run as root on a virtual or real machine, or in a container started with --privileged. "
            "`mm-bot run` still works as a plain paper demo."
        )
    return made


def join(groups: list[Path]) -> None:
    """Move the calling process in; runs between fork and exec."""
    for group in groups:
        (group / "cgroup.procs").write_text("0")


def members(identity: str) -> list[Process]:
    """Every process in the groups of a host, wherever below the hierarchies they were made."""
    found = set()
    for group in groups_of(identity):
        for directory, _, files in os.walk(group):
            if "cgroup.procs" in files:
                found.update(_read_pids(Path(directory) / "cgroup.procs"))
    return [running for pid in sorted(found) if (running := process(pid))]


def groups_of(identity: str) -> list[Path]:
    names = {identity, f"{identity}.scope"}
    found = []
    for mount in _hierarchies():
        for directory, inner, _ in os.walk(mount.point):
            hits = names.intersection(inner)
            found += [Path(directory) / hit for hit in hits]
            inner[:] = [name for name in inner if name not in hits]
    return found


def remove(identity: str, seconds: float = 3.0) -> list[Path]:
    """Remove the emptied groups, innermost first; returns what could not be."""
    deadline = time.monotonic() + seconds
    while groups := groups_of(identity):
        for group in groups:
            _remove_tree(group)
        if time.monotonic() > deadline:
            return groups_of(identity)
        if groups_of(identity):
            time.sleep(0.02)
    return []


def _remove_tree(group: Path) -> None:
    for directory, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(directory)
        except OSError:
            continue  # a process that is just dying still holds it; the caller comes back and then judges


def _read_pids(path: Path) -> list[int]:
    try:
        return [int(word) for word in path.read_text().split()]
    except OSError:
        return []  # the group went away while we looked


def _hierarchies() -> list[Mount]:
    named = [mount for mount in mounts() if mount.kind == "cgroup" and "name=systemd" in mount.options.split(",")]
    return named + [mount for mount in mounts() if mount.kind == "cgroup2"]


def _own_groups() -> list[Path]:
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[controllers] = path
    groups = []
    for mount in _hierarchies():
        path = own.get("" if mount.kind == "cgroup2" else "name=systemd", "/")
        group = mount.point / os.path.relpath(path, mount.root)
        groups.append(group if group.is_dir() and ".." not in group.parts else mount.point)
    return groups
