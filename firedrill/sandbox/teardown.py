"""Taking a host away, whole or in pieces, and proving that nothing of it remains."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path

from firedrill.sandbox import addresses, cgroups, mounts, processes
from firedrill.sandbox.locks import held
from firedrill.sandbox.places import MACHINE_LOCK, HostPlaces
from firedrill.sandbox.processes import Process

# What a container's systemd takes as "power off".
_POWER_OFF = signal.SIGRTMIN + 4
_STOP_SECONDS = 10.0
_KILL_SECONDS = 5.0


@dataclass(slots=True)
class Removal:
    """What was done to one host, and what is still there (empty when all went well)."""

    name: str
    stopped: str = "was not running"
    remains: list[str] = field(default_factory=list)


def take_down(places: HostPlaces) -> Removal:
    """Remove everything of a host; waits for an `up` that is still making it."""
    removal = Removal(places.name)
    if not places.directory.is_dir():
        return removal
    with held(places.lock, seconds=60, what=f"{places.name}, which is being started or taken down"):
        demolish(places, removal)
    return removal


def demolish(places: HostPlaces, removal: Removal) -> None:
    """The same for a caller who already holds the host's lock."""
    removal.stopped = _stop(places)
    mounts.unmount_below(places.directory)
    cgroups.remove(places.identity)
    removal.remains = remains(places)
    if not removal.remains and places.directory.is_dir():
        with held(MACHINE_LOCK, seconds=30, what="the machine's list of sandbox addresses"):
            addresses.release(places.directory)
            shutil.rmtree(places.directory)


def remains(places: HostPlaces) -> list[str]:
    """Everything of the host but its directory and reservation that the kernel still knows."""
    found = [f"process {running.pid}" for running in _processes(places)]
    found += [f"mount {point}" for point in mounts.below(places.directory)]
    return found + [f"control group {group}" for group in cgroups.groups_of(places.identity)]


def _stop(places: HostPlaces) -> str:
    """Power it off; kill what does not obey."""
    running = _processes(places)
    if not running:
        return "was not running"
    inits = [child for supervisor in _supervisors(places) for child in processes.children(supervisor)]
    for init in inits:
        init.send(_POWER_OFF)
    if inits and processes.gone(running, _STOP_SECONDS):
        return "powered off"
    while left := _processes(places):
        processes.kill(left)
        if not processes.gone(left, _KILL_SECONDS):
            break
    return "killed"


def _supervisors(places: HostPlaces) -> list[Process]:
    return processes.with_argument(f"--directory={places.root}")


def _processes(places: HostPlaces) -> list[Process]:
    return list({*_supervisors(places), *cgroups.members(places.identity)})


def remove_empty(directory: Path) -> None:
    """Remove a sandbox directory that holds no host any more."""
    with held(MACHINE_LOCK, seconds=30, what="the machine's list of sandbox addresses"):
        for folder in (directory / "hosts", directory):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
