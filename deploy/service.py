"""The vocabulary in which a service says what it wants of a host. Data only; it knows neither pyinfra nor ssh."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

NO_SHELL = "/usr/sbin/nologin"
_OVERRIDING = ("system", "system.control")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Under which name and key `systemd-creds` encrypts a file on the host."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class File:
    """A regular file whose whole content is ours. `secret` content never reaches a screen or a diff.

    Where it is `sealed`, the host keeps it encrypted; `content` and its hash are what is inside.
    """

    path: str
    content: bytes = field(repr=False)
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    secret: bool = False
    sealed: Sealed | None = None

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def identity(self) -> dict[str, str | int]:
        """All that makes it this file, its content by hash: what expectation and comparison go by."""
        return {"sha256": self.sha256, "mode": self.mode, "owner": self.owner, "group": self.group}

    @property
    def traces(self) -> dict[str, str | int]:
        """What may be written down of it: no hash of a secret, from which a weak one could be guessed."""
        return {name: value for name, value in self.identity.items() if not (self.secret and name == "sha256")}


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory; `exclusive` means that a file in it which no service wants is removed."""

    path: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A system account without a login shell. `groups` are supplementary."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that must be enabled and active.

    `reads` are the paths it reads at start: a process older than one of them is restarted.
    `ready_url` is polled until it answers 200 (None: being active is enough).
    `max_exposure` is the highest `systemd-analyze security` score allowed (None: not judged).
    """

    name: str
    reads: tuple[str, ...] = ()
    ready_url: str | None = None
    max_exposure: float | None = None

    @property
    def overrides(self) -> tuple[str, ...]:
        """Directories in which a file would make it another unit, as `systemctl edit` and `set-property` leave them."""
        return tuple(f"{place}/systemd/{kind}/{self.name}.d" for place in ("/etc", "/run") for kind in _OVERRIDING)


@dataclass(frozen=True, slots=True)
class Validation:
    """A command run on the host over the staged files before anything is swapped in.

    `{stage}` in the command is the root of the staged tree, `{release}` the directory of the release to come.
    Exit status 0 means valid. It runs when one of `files` changes, or always if `on_release` and the release changes.
    """

    name: str
    command: str
    files: tuple[str, ...]
    on_release: bool = False


@dataclass(frozen=True, slots=True)
class Port:
    """A listening TCP port and the unit that must own it; `address` "" is the host's own bind address."""

    number: int
    unit: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A program from a release archive: `source` on the operator's side becomes `path` on the host.

    The path names version and content, so another version lies beside it, and going back needs no upload.
    With `inside` it is a tar, and becomes a folder in which the program lies there.
    """

    component: str
    version: str
    path: str
    source: Path
    sha256: str
    inside: str = ""


@dataclass(frozen=True, slots=True)
class VendorPackage:
    """A package from the vendor's own apt repository, at exactly this version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Present:
    """A program that must be on the host already, as somebody else's work, where systemd looks for programs.

    It must say it is `version`, or one of `also`, which were tried as well.
    """

    name: str
    version: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Everything one service wants of a host: install, configure, validate, activate."""

    name: str
    packages: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    vendor: tuple[VendorPackage, ...] = ()
    present: tuple[Present, ...] = ()
    accounts: tuple[Account, ...] = ()
    directories: tuple[Directory, ...] = ()
    files: tuple[File, ...] = ()
    validations: tuple[Validation, ...] = ()
    units: tuple[Unit, ...] = ()
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """All services of a host, in start order, flattened where the order does not matter."""

    services: tuple[Service, ...]

    @property
    def packages(self) -> list[str]:
        """Debian packages, each once, in first-wanted order."""
        return list(dict.fromkeys(name for service in self.services for name in service.packages))

    @property
    def artifacts(self) -> list[Artifact]:
        """Programs from release archives."""
        return [artifact for service in self.services for artifact in service.artifacts]

    @property
    def vendor(self) -> list[VendorPackage]:
        """Packages from the vendor's repository."""
        return [package for service in self.services for package in service.vendor]

    @property
    def present(self) -> list[Present]:
        """Programs that others brought."""
        return [program for service in self.services for program in service.present]

    @property
    def accounts(self) -> list[Account]:
        """System accounts."""
        return [account for service in self.services for account in service.accounts]

    @property
    def directories(self) -> list[Directory]:
        """Directories, parents first."""
        return sorted((d for service in self.services for d in service.directories), key=lambda d: d.path)

    @property
    def files(self) -> list[File]:
        """Files; the order is the start order of their services."""
        return [file for service in self.services for file in service.files]

    @property
    def units(self) -> list[Unit]:
        """Units in start order."""
        return [unit for service in self.services for unit in service.units]

    @property
    def exclusive(self) -> list[str]:
        """Directories in which nothing lies that no service wants."""
        overrides = [path for unit in self.units for path in unit.overrides]
        return [directory.path for directory in self.directories if directory.exclusive] + overrides

    @property
    def validations(self) -> list[Validation]:
        """Validations, in start order."""
        return [validation for service in self.services for validation in service.validations]

    @property
    def ports(self) -> list[Port]:
        """Ports and their owners."""
        return [port for service in self.services for port in service.ports]


def duplicates(paths: Iterable[str]) -> list[str]:
    """Paths named more than once: two services that write one file would undo each other."""
    seen: set[str] = set()
    return sorted({path for path in paths if path in seen or seen.add(path)})  # type: ignore[func-returns-value]
