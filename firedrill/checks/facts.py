"""One host as it is: what the probe read, typed. A fact that could not be read raises when a check looks at it."""

from __future__ import annotations

from typing import Any

import msgspec

UNREAD: Any = msgspec.UNSET


class Unreadable(Exception):
    """The host could not answer one question; the checks that need it are red."""


class Path(msgspec.Struct, kw_only=True):
    """A path: `kind` is file, directory, link, socket or other; `ctime` in unix seconds."""

    kind: str
    mode: str
    owner: str
    group: str
    size: int
    ctime: float
    sha256: str | None = None
    target: str | None = None


class Unit(msgspec.Struct, kw_only=True, rename="pascal"):
    """Properties as `systemctl show` names them; `errors` are journal lines, `files` those the unit is made of."""

    load_state: str
    active_state: str
    sub_state: str
    unit_file_state: str
    n_restarts: int = msgspec.field(name="NRestarts", default=0)
    result: str = "success"
    need_daemon_reload: str = "no"
    fragment_path: str = ""
    main_pid: int = msgspec.field(name="MainPID", default=0)
    errors: list[str] = msgspec.field(name="errors", default_factory=list)
    files: dict[str, Path | None] = msgspec.field(name="files", default_factory=dict)


class Process(msgspec.Struct, kw_only=True):
    """A process of a unit: `started` in unix seconds; `releases` it has mapped files of, `deleted` ones among them."""

    pid: int
    program: str
    user: str
    started: float
    releases: list[str] = []
    deleted: list[str] = []


class Listener(msgspec.Struct, kw_only=True):
    """A listening TCP socket; unit, pid and program are None when the owner is no service of this host."""

    address: str
    port: int
    unit: str | None = None
    pid: int | None = None
    program: str | None = None


class Sockets(msgspec.Struct, kw_only=True):
    """Processes by unit, and every listening socket."""

    processes: dict[str, list[Process]]
    listeners: list[Listener]


class Http(msgspec.Struct, kw_only=True):
    """Answer to one GET; `status` None when there was none, and then `error` says why."""

    status: int | None
    body: str = ""
    error: str | None = None
    ms: float = 0.0

    def json(self) -> Any:
        """The body as JSON; None when it is not."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    def __str__(self) -> str:
        return self.error or f"{self.status}: {' '.join(self.body[:200].split())}"


class Release(msgspec.Struct, kw_only=True):
    """Where `current` leads, and the digest of that tree."""

    target: str | None
    digest: str | None
    error: str | None = None


class Log(msgspec.Struct, kw_only=True):
    """The end of the event log; see `firedrill.checks.probe.eventlog`."""

    target: str | None
    error: str | None = None
    lines: int = 0
    heartbeat_ts: float | None = None
    release: str | None = None
    run: str | None = None
    ended: str = ""
    invalid: list[str] = []
    gaps: list[str] = []


class Account(msgspec.Struct, kw_only=True):
    """A user of the host."""

    shell: str
    uid: int
    groups: list[str] = []


class Exposure(msgspec.Struct, kw_only=True):
    """Score of `systemd-analyze security`, or why there is none."""

    score: float | None
    error: str | None = None


class Disk(msgspec.Struct, kw_only=True):
    """A file system: bytes and inodes."""

    free: int
    total: int
    inodes_free: int
    inodes_total: int


class Memory(msgspec.Struct, kw_only=True):
    """Bytes."""

    total: int
    available: int


class Clock(msgspec.Struct, kw_only=True):
    """Whether the kernel says its clock is kept in step."""

    synchronised: bool


class StampedFile(msgspec.Struct, kw_only=True):
    """A file as the last deploy left it."""

    sha256: str | None = None
    mode: str | int | None = None
    owner: str | None = None
    group: str | None = None


class Stamp(msgspec.Struct, kw_only=True):
    """What the last deploy says it left on the host."""

    release: str
    commit: str
    release_sha256: str
    deployed_at: str | float = ""
    files: dict[str, StampedFile] = {}


class Facts(msgspec.Struct, kw_only=True):
    """Everything the probe read. Reading a fact that is named in `errors` raises Unreadable.

    `clock_start` and `clock_end` are the host's clock around the probe, `asked` and `answered` the operator's
    around the same (all unix s).
    """

    errors: dict[str, str]
    clock_start: float
    clock_end: float
    asked: float = 0.0
    answered: float = 0.0
    paths: dict[str, Path | None] = UNREAD
    entries: dict[str, list[str]] = UNREAD
    texts: dict[str, str] = UNREAD
    md5: dict[str, str | None] = UNREAD
    units: dict[str, Unit] = UNREAD
    exposure: dict[str, Exposure] = UNREAD
    failed_units: list[str] = UNREAD
    timers: list[str] = UNREAD
    packages: dict[str, str] = UNREAD
    held: list[str] = UNREAD
    sockets: Sockets = UNREAD
    http: dict[str, Http] = UNREAD
    bot: dict[str, Any] = UNREAD
    release: Release = UNREAD
    stamp: Stamp = UNREAD
    log: Log = UNREAD
    writable: dict[str, bool] = UNREAD
    accounts: dict[str, Account | None] = UNREAD
    rotation: dict[str, tuple[int, str]] = UNREAD
    dashboards: dict[str, list[str]] = UNREAD
    disks: dict[str, Disk | None] = UNREAD
    memory: Memory = UNREAD
    container: bool = UNREAD
    clock: Clock = UNREAD
    firewall: str = UNREAD

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if value is msgspec.UNSET:
            raise Unreadable(f"{name}: {self.errors.get(name, 'the host did not answer this question')}")
        return value


def decode(text: bytes) -> Facts:
    """The probe's answer. Raises msgspec.DecodeError when it is not one."""
    return msgspec.json.decode(text, type=Facts, strict=False)
