"""Reads processes by the unit they belong to, and who listens on which TCP port. Judges nothing."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import socket
import struct
import time

Fact = dict[str, object]

RELEASE_FILE = re.compile(r" (/opt/mm-bot/releases/([^/]+)/.*)$")
LISTEN = "0A"
GONE = (FileNotFoundError, ProcessLookupError)


def processes_by_unit() -> dict[str, list[Fact]]:
    """Every process that belongs to a service unit, by unit: pid, program, user, start (unix s), release it runs."""
    units: dict[str, list[Fact]] = {}
    for pid in _pids():
        with contextlib.suppress(*GONE):
            unit = unit_of(pid)
            if unit is not None:
                units.setdefault(unit, []).append(_process(pid))
    return units


def unit_of(pid: int) -> str | None:
    """The service unit whose control group holds the process."""
    with open(f"/proc/{pid}/cgroup", encoding="ascii", errors="replace") as file:
        parts = file.read().strip().rpartition(":")[2].split("/")
    services = [part for part in parts if part.endswith(".service")]
    return services[-1] if services else None


def listeners(processes: dict[str, list[Fact]]) -> list[Fact]:
    """Listening TCP sockets with the process and unit that hold them (null when the owner is not visible from here).

    Only processes of units are searched for the owner: a program started by hand is a stranger, by definition.
    """
    owners: dict[str, tuple[object, object, object]] = {}
    for unit, members in processes.items():
        for member in members:
            for inode in _sockets(int(str(member["pid"]))):
                owners[inode] = (unit, member["pid"], member["program"])
    found: list[Fact] = []
    for table, family in (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6)):
        for address, port, inode in _listening(table, family):
            owner = dict(zip(("unit", "pid", "program"), owners.get(inode, (None, None, None)), strict=True))
            found.append({"address": address, "port": port, **owner})
    return found


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _process(pid: int) -> Fact:
    uid = os.stat(f"/proc/{pid}").st_uid
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    releases, deleted = _mapped(pid)
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        program = file.read().strip()
    return {
        "pid": pid,
        "program": program,
        "user": user,
        "started": _started(pid),
        "releases": releases,
        "deleted": deleted,
    }


def _started(pid: int) -> float:
    """Start of a process in unix seconds, to 10 ms."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        ticks = int(file.read().rpartition(")")[2].split()[19])
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + ticks / os.sysconf("SC_CLK_TCK")


def _mapped(pid: int) -> tuple[list[str], list[str]]:
    """Releases a process has mapped files of, and those files that were deleted or replaced under it."""
    releases, deleted = set(), set()
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            for line in file:
                match = RELEASE_FILE.search(line.rstrip("\n"))
                if match:
                    releases.add(match[2])
                    if match[1].endswith(" (deleted)"):
                        deleted.add(match[1].removesuffix(" (deleted)"))
    except PermissionError:
        return [], []
    return sorted(releases), sorted(deleted)


def _sockets(pid: int) -> list[str]:
    """Inodes of the sockets a process holds."""
    inodes = []
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except (*GONE, PermissionError):
        return []
    for descriptor in descriptors:
        with contextlib.suppress(*GONE):
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
            if target.startswith("socket:["):
                inodes.append(target[8:-1])
    return inodes


def _listening(table: str, family: socket.AddressFamily) -> list[tuple[str, int, str]]:
    try:
        with open(table, encoding="ascii") as file:
            rows = [line.split() for line in file.readlines()[1:]]
    except FileNotFoundError:
        return []
    return [(*_endpoint(row[1], family), row[9]) for row in rows if row[3] == LISTEN]


def _endpoint(text: str, family: socket.AddressFamily) -> tuple[str, int]:
    """ "0B00007F:240E" -> ("127.0.0.11", 9230): words of the address are in the machine's own byte order."""
    address, port = text.split(":")
    words = [int(address[i : i + 8], 16) for i in range(0, len(address), 8)]
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words)), int(port, 16)
