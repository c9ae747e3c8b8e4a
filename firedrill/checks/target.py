"""One host as the operator wants it: the answer of `python -m deploy describe`, typed. Knows no host as it is."""

from __future__ import annotations

from typing import Any

import msgspec

from firedrill.checks import places


class Ssh(msgspec.Struct, frozen=True, kw_only=True):
    """How the host is reached; an empty text means ssh's own default. `sudo`: commands need it to run as root."""

    hostname: str
    port: int = 22
    user: str = ""
    key: str = ""
    known_hosts: str = ""
    sudo: bool = False


class ExpectedPath(msgspec.Struct, frozen=True, kw_only=True):
    """Owner, group and permission bits of a path; content of a file; whether nothing else may lie in a directory.

    `sealed` is the name under which the host keeps the file encrypted; the content is what is inside.
    """

    owner: str
    group: str
    mode: int
    sha256: str | None = None
    secret: bool = False
    sealed: str = ""
    exclusive: bool = False

    @property
    def octal(self) -> str:
        """The mode as four octal digits."""
        return f"{self.mode:04o}"


class ExpectedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that must be enabled and active.

    `reads` are files it reads at start, so its process must be younger than they are; `max_exposure` is the highest
    score of `systemd-analyze security` allowed (None: not judged).
    """

    reads: list[str] = []
    max_exposure: float | None = None


class ExpectedStore(msgspec.Struct, frozen=True, kw_only=True):
    """Who keeps the log and rings the alarms: its unit and its directory of rules, both "" for one on another host.

    `reads_files`: lines that are taken out of a file are gone from the store too. `shipper` is the unit that brings it
    the lines, "" where it reads them itself.
    """

    unit: str = places.STORE
    rules: str = places.RULES
    reads_files: bool = True
    shipper: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the machine must offer."""

    min_free_disk_mib: int = 1024
    max_clock_offset_s: float = 2.0


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """All that a host must be. `ports` maps a TCP port to the unit that owns it, `addresses` one to where it is open if
    that is not the host's bind address, `rules` a rule file to its alerts, `accounts` a name to its other groups,
    `vendor` a package of the vendor's repository to its version."""

    files: dict[str, ExpectedPath]
    directories: dict[str, ExpectedPath] = {}
    units: dict[str, ExpectedUnit] = {}
    ports: dict[str, str] = {}
    addresses: dict[str, str] = {}
    rules: dict[str, list[str]] = {}
    accounts: dict[str, list[str]] = {}
    packages: list[str] = []
    vendor: dict[str, str] = {}
    programs: dict[str, ExpectedPath] = {}
    firewall: str = ""
    limits: Limits = Limits()
    store: ExpectedStore = ExpectedStore()

    @property
    def boards(self) -> list[str]:
        """Folders of dashboards that follow the release."""
        return [places.DASHBOARDS] if f"{places.IMPORT}.timer" in self.units else []

    @property
    def exclusive(self) -> list[str]:
        """Directories in which only the expected files may lie."""
        return sorted(path for path, wanted in self.directories.items() if wanted.exclusive)

    @property
    def services(self) -> list[str]:
        """Units of ours that run a process."""
        return sorted(name for name in self.units if name.endswith(".service"))

    @property
    def hardened(self) -> list[str]:
        """Units whose exposure is judged."""
        return sorted(name for name, unit in self.units.items() if unit.max_exposure is not None)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One host of an inventory; `data` is the inventory's, without secrets."""

    name: str
    ssh: Ssh
    expected: Expected
    data: dict[str, Any] = {}
    inventory: str = "INVENTORY"

    @property
    def bind_address(self) -> str:
        """Address every service of ours listens on, unless a setting opens one of its ports elsewhere."""
        return str(self.data.get("bind_address", "127.0.0.1"))

    def address_of(self, port: int | str) -> str:
        """Where a port of ours is open."""
        return self.expected.addresses.get(str(port), self.bind_address)

    @property
    def webhook_url(self) -> str:
        """Where the host's Alertmanager sends its notifications."""
        return str(self.data.get("alert_webhook_url") or "")

    @property
    def redeploy(self) -> str:
        """The remedy for whatever a deploy repairs."""
        return f"deploy again: pyinfra {self.inventory} deploy.py --limit {self.name}"


class Inventory(msgspec.Struct, frozen=True):
    """What `describe` prints."""

    hosts: list[Target]
