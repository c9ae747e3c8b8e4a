"""Where everything of a sandbox lies. Holds names only; touches no file."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from firedrill.sandbox.errors import SandboxError

# One for the whole machine, whatever the sandbox directory: addresses and ports are the machine's.
RUN = Path("/run/mmstack")
MACHINE_LOCK = RUN / "lock"
ADDRESSES = RUN / "addresses"

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")


def cache_dir() -> Path:
    """Base images and downloaded packages; safe to delete while no host runs."""
    return _plain(os.environ.get("MMSTACK_CACHE_DIR", "/var/cache/mmstack"), "MMSTACK_CACHE_DIR")


def sandbox_dir() -> Path:
    """The directory whose `hosts/` holds one directory for each host."""
    return _plain(os.environ.get("MMSTACK_SANDBOX_DIR", "/var/lib/mmstack-sandbox"), "MMSTACK_SANDBOX_DIR")


def _plain(text: str, variable: str) -> Path:
    if not text.startswith("/") or re.search(r"[,:\\\s]", text):
        raise SandboxError(
            f"{variable}={text!r} will not do: it becomes a mount option, so give an absolute path without "
            "commas, colons, backslashes or spaces."
        )
    return Path(text)


@dataclass(frozen=True, slots=True)
class HostPlaces:
    """The files of one host. Everything below `directory` belongs to it and goes with it."""

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def identity(self) -> str:
        """Unique on this machine: two sandbox directories may both hold a sandbox-1."""
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:8]
        return f"mmstack-{self.name}-{digest}"

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    @property
    def upper(self) -> Path:
        return self.directory / "upper"

    @property
    def work(self) -> Path:
        return self.directory / "work"

    @property
    def root(self) -> Path:
        return self.directory / "root"

    @property
    def ssh_key(self) -> Path:
        return self.directory / "ssh_key"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.directory / "ssh_config"

    @property
    def facts(self) -> Path:
        return self.directory / "host.json"

    @property
    def pid(self) -> Path:
        return self.directory / "pid"

    @property
    def console(self) -> Path:
        return self.directory / "console.log"


def host_called(name: str) -> HostPlaces:
    """The places of a host by name; a name that would lead elsewhere is refused, for `down` deletes what it is told."""
    if not NAME.fullmatch(name):
        raise SandboxError(f"{name!r} is no host name. `firedrill sandbox ls` shows which hosts there are.")
    return HostPlaces(sandbox_dir() / "hosts" / name)


def hosts_of(directory: Path) -> list[HostPlaces]:
    """The hosts of a sandbox directory, in the order of their numbers."""
    try:
        found = [entry for entry in (directory / "hosts").iterdir() if entry.is_dir()]
    except FileNotFoundError:
        return []
    return [HostPlaces(entry) for entry in sorted(found, key=_natural)]


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.name)]
