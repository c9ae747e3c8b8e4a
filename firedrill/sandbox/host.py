"""Bringing hosts up: claim a name and an address, mount, furnish, boot, wait until it answers, publish its facts.

Whatever moment this process dies at, everything it made can be found again from the host's directory: reservations and
control groups carry its name, and every process has the root directory on its command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from firedrill.sandbox import addresses, cgroups, package_cache, processes
from firedrill.sandbox.access import Endpoint, make_keys, ssh_command
from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.furnish import furnish
from firedrill.sandbox.image import Image
from firedrill.sandbox.locks import held, open_lock, try_lock
from firedrill.sandbox.mounts import mount_overlay
from firedrill.sandbox.places import MACHINE_LOCK, NAME, HostPlaces

_BOOT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What others may know of a host that answers; the keys of host.json."""

    name: str
    address: str
    ssh_port: int
    release: str
    ssh_key: str
    known_hosts: str
    ssh_config: str
    root: str
    pid: int


@dataclass(slots=True)
class Claim:
    """A host being made. While its lock is held nobody else touches its directory."""

    places: HostPlaces
    endpoint: Endpoint
    release: str
    lock: int
    booted: float = 0.0

    def let_go(self) -> None:
        os.close(self.lock)


def require_prefix(prefix: str) -> None:
    """Raise unless names made of it can be host names."""
    if not NAME.fullmatch(f"{prefix}-1"):
        raise SandboxError(f"{prefix!r} cannot begin a host name: use lower case letters, digits and dashes.")


def claim(directory: Path, prefix: str, release: str) -> Claim:
    """Take the next free name and address; two callers never get the same."""
    with held(MACHINE_LOCK, seconds=30, what="the machine's list of sandbox addresses"):
        (directory / "hosts").mkdir(parents=True, exist_ok=True)
        places = _next_name(directory / "hosts", prefix)
        try:
            lock = open_lock(places.lock)
            try_lock(lock)
            return Claim(places, Endpoint(*addresses.reserve(places.directory)), release, lock)
        except BaseException:  # Ctrl-C too: nobody else knows of this directory yet
            addresses.release(places.directory)
            shutil.rmtree(places.directory)
            raise


def _next_name(hosts: Path, prefix: str) -> HostPlaces:
    number = 1
    while True:
        places = HostPlaces(hosts / f"{prefix}-{number}")
        try:
            places.directory.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
            continue
        return places


def boot(new: Claim, image: Image, cache: Path) -> None:
    """Start the host; returns before it answers."""
    new.booted = time.monotonic()
    places = new.places
    for folder in (places.upper, places.work, places.root):
        folder.mkdir()
    places.upper.chmod(0o755)
    with package_cache.layers(cache, image.release) as packages:
        mount_overlay([*packages, image.root], places.upper, places.work, places.root)
    make_keys(places, new.endpoint)
    furnish(places, new.endpoint)
    _spawn(places)


def _spawn(places: HostPlaces) -> None:
    command = _nspawn(places)
    groups: list[Path] = []
    if cgroups.systemd_is_init():
        command = cgroups.scope_prefix(places.identity) + command
    else:
        groups = cgroups.create(places.identity)
    with places.console.open("wb") as console:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in our terminal is not for the host
            preexec_fn=lambda: cgroups.join(groups),
        )
    if running := processes.process(child.pid):
        processes.save(places.pid, running)


def _nspawn(places: HostPlaces) -> list[str]:
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--settings=no",
        "--register=no",
        "--keep-unit",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        f"--directory={places.root}",
        f"--machine={places.name}",
        f"--hostname={places.name}",
    ]


def wait_ready(new: Claim) -> float:
    """Wait until the host runs and answers over ssh with its own key; publish its facts. Returns seconds since boot."""
    deadline = time.monotonic() + _BOOT_SECONDS
    command = ssh_command(new.places, ("systemctl", "is-system-running", "--wait"))
    while True:
        running = processes.load(new.places.pid)
        if running is None or not running.alive():
            raise SandboxError(f"{new.places.name} died while booting.{_last_words(new.places)}")
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if answer.stdout.strip() == "running":
            _publish(new, running.pid)
            return time.monotonic() - new.booted
        if time.monotonic() > deadline:
            found = answer.stdout.strip() or answer.stderr.strip()
            raise SandboxError(f"{new.places.name} did not come up: {found}.{_last_words(new.places)}")
        time.sleep(0.05)


def _last_words(places: HostPlaces) -> str:
    lines = places.console.read_text(errors="replace").splitlines()[-8:]
    return " Its console ended with:\n" + "\n".join(lines)


def _publish(new: Claim, pid: int) -> None:
    places = new.places
    facts = Facts(
        name=places.name,
        address=new.endpoint.address,
        ssh_port=new.endpoint.port,
        release=new.release,
        ssh_key=str(places.ssh_key),
        known_hosts=str(places.known_hosts),
        ssh_config=str(places.ssh_config),
        root=str(places.root),
        pid=pid,
    )
    draft = places.facts.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(facts), indent=1) + "\n")
    draft.replace(places.facts)
