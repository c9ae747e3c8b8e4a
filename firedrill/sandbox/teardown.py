"""Taking a host away, whole or in pieces, and proving that nothing of it remains."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path

from firedrill.sandbox import addresses, cgroups, mounts, package_cache, processes
from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.listing import facts_of
from firedrill.sandbox.locks import held
from firedrill.sandbox.places import MACHINE_LOCK, HostPlaces, cache_dir, hosts_of
from firedrill.sandbox.processes import Process

# What a container's systemd takes as "power off".
_POWER_OFF = signal.SIGRTMIN + 4
# The word on nspawn's command line that says whose process it is.
_ROOT = "--directory="
_STOP_SECONDS = 10.0
_KILL_SECONDS = 5.0


@dataclass(slots=True)
class Removal:
    """What was done to one host (`stopped` is empty if there was none), and what is still there."""

    name: str
    stopped: str = ""
    note: str = ""
    ended: list[Process] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)


def take_down(places: HostPlaces) -> Removal:
    """Remove everything of a host; waits for an `up` that is still making it."""
    removal = Removal(places.name)
    if not places.directory.is_dir():
        return _sweep(places, removal)
    with held(places.lock, seconds=60, what=f"{places.name}, which is being started or taken down"):
        demolish(places, removal)
    return removal


def _sweep(places: HostPlaces, removal: Removal) -> Removal:
    """A host whose directory is gone may still run, hold mounts and an address."""
    if remains(places) or addresses.reservations(places.directory):
        demolish(places, removal)
    return removal


def demolish(places: HostPlaces, removal: Removal) -> None:
    """The same for a caller who already holds the host's lock."""
    removal.ended = _processes(places)
    removal.stopped = _stop(places, removal.ended)
    removal.note = _keep_packages(places)
    mounts.unmount_below(places.directory)
    cgroups.remove(places.identity)
    removal.remains = remains(places)
    if removal.remains:
        return
    with held(MACHINE_LOCK, seconds=30, what="the machine's list of sandbox addresses"):
        addresses.release(places.directory)
        if places.directory.is_dir():
            shutil.rmtree(places.directory)


def traces(directory: Path) -> list[HostPlaces]:
    """Every host of a sandbox directory of which anything is left, be it only a mount or a process."""
    hosts = directory / "hosts"
    found = {places.directory for places in hosts_of(directory)}
    found |= {hosts / point.relative_to(hosts).parts[0] for point in mounts.below(hosts) if point != hosts}
    found |= {root.parent for root in _roots_of_processes() if root.parent.parent == hosts}
    found |= {owner for owner in addresses.owners() if owner.parent == hosts}
    return [HostPlaces(path) for path in sorted(found)]


def _roots_of_processes() -> list[Path]:
    return [Path(word.removeprefix(_ROOT)) for word in processes.arguments_with_prefix(_ROOT)]


def _keep_packages(places: HostPlaces) -> str:
    """Downloads are worth keeping, but never worth a host that cannot be removed."""
    release = facts_of(places).get("release")
    if release is None or places.root not in mounts.below(places.directory):
        return ""
    try:
        package_cache.collect(cache_dir(), release, places.root, places.upper)
    except (SandboxError, OSError) as error:
        return f"its downloaded packages were not kept: {error}"
    return ""


def remains(places: HostPlaces) -> list[str]:
    """Everything of the host but its directory and reservation that the kernel still knows."""
    found = [f"process {running.pid}" for running in _processes(places)]
    found += [f"mount {point}" for point in mounts.below(places.directory)]
    return found + [f"control group {group}" for group in cgroups.groups_of(places.identity)]


def _stop(places: HostPlaces, running: list[Process]) -> str:
    """Power it off; kill what does not obey. One that never came up cannot hear yet, so it is killed at once."""
    if not running:
        return "was not running"
    supervisors = _supervisors(places) if places.facts.exists() else []
    inits = [child for supervisor in supervisors for child in processes.children(supervisor)]
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
    return processes.with_argument(f"{_ROOT}{places.root}")


def _processes(places: HostPlaces) -> list[Process]:
    return list({*_supervisors(places), *cgroups.members(places.identity)})


def remove_empty(directory: Path) -> None:
    """Remove a sandbox directory that holds no host any more, unless somebody mounted a disk there for it."""
    with held(MACHINE_LOCK, seconds=30, what="the machine's list of sandbox addresses"):
        for folder in (directory / "hosts", directory):
            if folder.is_dir() and not folder.is_mount() and not any(folder.iterdir()):
                folder.rmdir()
