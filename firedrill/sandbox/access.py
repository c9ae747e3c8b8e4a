"""Keys and addresses with which a host is reached over ssh, strict about whose host key answers."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.places import HostPlaces

HOST_KEY = "etc/ssh/ssh_host_ed25519_key"


@dataclass(frozen=True, slots=True)
class Endpoint:
    address: str
    port: int


def make_keys(places: HostPlaces, endpoint: Endpoint) -> None:
    """A client key for us and a host key for it, made before it boots, so nobody has to trust on first use."""
    host_key = places.root / HOST_KEY
    _keygen(places.ssh_key, f"{places.name} operator")
    _keygen(host_key, f"{places.name} host")
    kind, public, _ = host_key.with_suffix(".pub").read_text().split(" ", 2)
    shown = endpoint.address if endpoint.port == 22 else f"[{endpoint.address}]:{endpoint.port}"
    places.known_hosts.write_text(f"{shown} {kind} {public}\n")
    places.ssh_config.write_text(_client_config(places, endpoint))


def _keygen(path: Path, comment: str) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def _client_config(places: HostPlaces, endpoint: Endpoint) -> str:
    return (
        f"Host {places.name} {endpoint.address}\n"
        f"    HostName {endpoint.address}\n"
        f"    Port {endpoint.port}\n"
        "    User root\n"
        f"    IdentityFile {places.ssh_key}\n"
        "    IdentitiesOnly yes\n"
        f"    UserKnownHostsFile {places.known_hosts}\n"
        "    GlobalKnownHostsFile /dev/null\n"
        "    StrictHostKeyChecking yes\n"
        "    PasswordAuthentication no\n"
        "    ConnectTimeout 5\n"
        "    LogLevel ERROR\n"
    )


def ssh_command(places: HostPlaces, words: tuple[str, ...] = ()) -> list[str]:
    """The command line that logs in, or runs `words` there with ssh's own rules for quoting."""
    if not places.ssh_config.exists():
        raise SandboxError(f"There is no host {places.name}. `firedrill sandbox ls` shows which there are.")
    return ["ssh", "-F", str(places.ssh_config), places.name, *words]
