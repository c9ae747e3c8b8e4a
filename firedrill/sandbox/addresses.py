"""Which loopback address a host gets. One reservation for the whole machine, across all sandbox directories.

The network is shared with this machine, so an address is free only if nobody reserved it and a port for ssh can be
bound there. A machine whose own sshd listens on all addresses owns port 22 everywhere; its hosts then answer on 2222.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.places import ADDRESSES

FIRST, LAST = 11, 250
SSH_PORTS = (22, 2222, 2223)
# Outside the range: whoever holds a port here holds it on every address.
_PROBE = "127.0.0.251"


def reserve(owner: Path) -> tuple[str, int]:
    """Reserve (address, ssh port) for a host directory. The caller holds the machine's lock."""
    ADDRESSES.mkdir(parents=True, exist_ok=True)
    port = ssh_port()
    for number in range(FIRST, LAST + 1):
        address = f"127.0.0.{number}"
        if not _reserved(address) and _can_bind(address, port):
            _write(address, owner)
            return address, port
    raise SandboxError(
        f"No free loopback address from 127.0.0.{FIRST} to 127.0.0.{LAST}: each is reserved in {ADDRESSES} or has a "
        f"program on port {port}. `firedrill sandbox ls` shows the hosts, `firedrill sandbox down --all` clears them."
    )


def ssh_port() -> int:
    """The port for sshd in hosts: 22, unless a program of this machine holds that on all addresses."""
    for port in SSH_PORTS:
        if _can_bind(_PROBE, port):
            return port
    raise SandboxError(f"Programs of this machine hold ports {SSH_PORTS} on all addresses; free one of them for ssh.")


def release(owner: Path) -> list[str]:
    """Give back what a host directory had reserved."""
    mine = reservations(owner)
    for address in mine:
        (ADDRESSES / address).unlink(missing_ok=True)
    return mine


def reservations(owner: Path) -> list[str]:
    return sorted(entry.name for entry in ADDRESSES.glob("127.*") if _owner(entry) == str(owner))


def owners() -> list[Path]:
    """The host directories that hold an address, whether they still exist or not."""
    return [Path(owner) for entry in ADDRESSES.glob("127.*") if (owner := _owner(entry))]


def _reserved(address: str) -> bool:
    """A reservation whose host directory is gone was left by a machine that lost power; it holds nothing back."""
    owner = _owner(ADDRESSES / address)
    return owner is not None and Path(owner).is_dir()


def _owner(entry: Path) -> str | None:
    try:
        return entry.read_text().strip()
    except FileNotFoundError:
        return None


def _write(address: str, owner: Path) -> None:
    draft = ADDRESSES / f".{address}.{os.getpid()}"
    draft.write_text(f"{owner}\n")
    draft.replace(ADDRESSES / address)


def _can_bind(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
