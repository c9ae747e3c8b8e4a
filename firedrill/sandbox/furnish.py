"""What a bare image needs to become one particular host: its name, its sshd, this machine's way to the network."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

from firedrill.sandbox.access import HOST_KEY, Endpoint
from firedrill.sandbox.places import HostPlaces

_SSHD = """\
# The network is shared with the machine below, so sshd keeps to this host's own address.
ListenAddress {address}
Port {port}
HostKey /{host_key}
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
"""


def furnish(places: HostPlaces, endpoint: Endpoint) -> None:
    """Write into the mounted, not yet booted root."""
    root = places.root
    (root / "etc/hostname").write_text(f"{places.name}\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n::1 localhost\n{endpoint.address} {places.name}\n")
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    sshd = _SSHD.format(address=endpoint.address, port=endpoint.port, host_key=HOST_KEY)
    (root / "etc/ssh/sshd_config.d/sandbox.conf").write_text(sshd)
    _authorize(root, places.ssh_key.with_suffix(".pub").read_text())
    _share_network(root)


def _authorize(root: Path, public_key: str) -> None:
    folder = root / "root/.ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    keys = folder / "authorized_keys"
    keys.write_text(public_key)
    keys.chmod(0o600)


def _share_network(root: Path) -> None:
    """Name servers and apt proxy are the machine's: without them apt inside finds nothing."""
    resolver = Path("/etc/resolv.conf")
    if resolver.exists():
        (root / "etc/resolv.conf").write_text(resolver.read_text())
    if lines := _apt_proxies():
        (root / "etc/apt/apt.conf.d/90machine-proxy").write_text("".join(f"{line}\n" for line in lines))


def _apt_proxies() -> list[str]:
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True).stdout.splitlines()
    lines = [line for line in dump if line.startswith(("Acquire::http::Proxy ", "Acquire::https::Proxy "))]
    for scheme in ("http", "https"):
        proxy = os.environ.get(f"{scheme}_proxy")
        if proxy and '"' not in proxy and not any(line.startswith(f"Acquire::{scheme}::") for line in lines):
            lines.append(f'Acquire::{scheme}::Proxy "{proxy}";')
    return lines
