"""What a host is now, as the script of `host_script` tells it. Pure: parses its output.

`firedrill` looks with eyes of its own (`firedrill.checks.probe`), so that a mistake here cannot hide from the proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class PathState:
    """One path as it is: `kind` is file, directory, link or other; `ctime` in unix seconds (a rename moves it)."""

    kind: str
    mode: int
    owner: str
    group: str
    ctime: float
    sha256: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit as systemd shows it; `started` in unix seconds, of a timer when it became active; 0: it never did."""

    load: str
    active: str
    sub: str
    enabled: str
    needs_reload: bool
    restarts: int
    pid: int
    started: float
    result: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; `pid` 0 and empty names when the owner is not visible from the host."""

    address: str
    port: int
    pid: int
    command: str
    unit: str


@dataclass(slots=True)
class HostState:
    """All that the script read. A path, unit, package or account that is missing here is missing there."""

    clock: float = 0.0
    os: tuple[str, str] = ("", "")
    arch: str = ""
    uid: int = -1
    init: str = ""
    powers: int = 0
    seals: bool = False
    tpm: bool = False
    name_servers: list[str] = field(default_factory=list)
    python: str = ""
    disk_free_kib: dict[str, int] = field(default_factory=dict)
    paths: dict[str, PathState] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    accounts: dict[str, tuple[set[str], str]] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    releases: dict[str, tuple[str, str]] = field(default_factory=dict)
    wheelhouses: list[str] = field(default_factory=list)
    programs: dict[str, str] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    busy: bool = False
    unproved: bool = False
    release_to_go_back_to: str = ""
    cut: str = ""
    stamp: str = ""


def parse(lines: Iterable[str]) -> HostState:
    """The script's output as a HostState. Raises ValueError naming the first line it cannot read."""
    state = HostState()
    units: list[dict[str, str]] = []
    for line in lines:
        tag, *values = line.rstrip("\n").split("\t")
        if not any(take(state, units, tag, values) for take in (_take_host, _take_path, _take_service, _take_deploy)):
            raise ValueError(f"the host answered a line that was not asked for: {line!r}")
    state.units = {block["Id"]: _unit(block) for block in units if "Id" in block}
    return state


def _take_host(state: HostState, _units: list[dict[str, str]], tag: str, values: list[str]) -> bool:
    match tag, values:
        case "clock", [seconds]:
            state.clock = float(seconds)
        case "os", [name, version]:
            state.os = (name, version)
        case "arch", [arch]:
            state.arch = arch
        case "user", [uid]:
            state.uid = int(uid)
        case "init", [name]:
            state.init = name
        case "powers", [mask]:
            state.powers = int(mask, 16)
        case "seals", [tpm]:
            state.seals, state.tpm = True, tpm == "tpm2"
        case "nameserver", [address]:
            state.name_servers.append(address)
        case "python", [version]:
            state.python = version
        case "disk", [mount, free]:
            state.disk_free_kib[mount] = int(free)
        case _:
            return False
    return True


def _take_path(state: HostState, _units: list[dict[str, str]], tag: str, values: list[str]) -> bool:
    """A path is told before its link target and its hash; one that appeared in between is not there yet."""
    match tag, values:
        case "path", [path, kind, mode, owner, group, ctime]:
            state.paths[path] = PathState(_KINDS.get(kind, "other"), int(mode, 8), owner, group, float(ctime))
        case "link", [path, target]:
            if path in state.paths:
                state.paths[path] = replace(state.paths[path], target=target)
        case "sum", [digest, path]:
            if path in state.paths:
                state.paths[path] = replace(state.paths[path], sha256=digest)
        case "entry", [path]:
            state.entries.append(path)
        case "foreign", [path]:
            state.foreign.append(path)
        case _:
            return False
    return True


def _take_service(state: HostState, units: list[dict[str, str]], tag: str, values: list[str]) -> bool:
    match tag, values:
        case "account", [name, groups, shell]:
            state.accounts[name] = (set(groups.split()), shell)
        case "package", [name, status, version]:
            if status == "installed":
                state.packages[name] = version
        case "listen", [local, pid, command, unit]:
            address, _, port = local.rpartition(":")
            state.listeners.append(Listener(address, int(port), int(pid or 0), command, unit))
        case "unit", [pair]:
            key, _, value = pair.partition("=")
            if key == "" or not units or key in units[-1]:
                units.append({})
            if key:
                units[-1][key] = value
        case _:
            return False
    return True


def _take_deploy(state: HostState, _units: list[dict[str, str]], tag: str, values: list[str]) -> bool:
    match tag, values:
        case "release", [name, verdict, digest]:
            state.releases[name] = (verdict, digest)
        case "wheels", [name]:
            state.wheelhouses.append(name)
        case "program", [path, digest]:
            state.programs[path] = digest
        case "says", [path, text]:
            state.says[path] = text
        case "cut", [text]:
            state.cut = text
        case "busy", [_]:
            state.busy = True
        case "unproved", [release]:
            state.unproved, state.release_to_go_back_to = True, release
        case "stamp", [_, *_]:
            state.stamp = "\t".join(values)
        case _:
            return False
    return True


_KINDS = {
    "regular file": "file",
    "regular empty file": "file",
    "directory": "directory",
    "symbolic link": "link",
}


def _unit(block: dict[str, str]) -> UnitState:
    return UnitState(
        load=block["LoadState"],
        active=block["ActiveState"],
        sub=block["SubState"],
        enabled=block["UnitFileState"],
        needs_reload=block["NeedDaemonReload"] == "yes",
        restarts=int(block.get("NRestarts") or 0),
        pid=int(block.get("MainPID") or 0),
        started=_seconds(block.get("ExecMainStartTimestamp", block.get("ActiveEnterTimestamp", ""))),
        result=block.get("Result", ""),
    )


def _seconds(timestamp: str) -> float:
    """ "Sat 2026-11-21 11:44:14.123456 UTC" as unix seconds; "" and "n/a" are 0."""
    if timestamp in ("", "n/a"):
        return 0.0
    return datetime.strptime(timestamp.split(" ", 1)[1], "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC).timestamp()
