"""What a host is now, read in one round trip by a POSIX shell script that needs nothing installed.

pyinfra reads files, units and packages one command at a time (106 commands for a small host, 2 s);
this reads all of it at once. `firedrill` looks with eyes of its own (`firedrill.checks.probe`), so that a
mistake here cannot hide from the proof. Pure: builds a script and parses its output.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

RELEASES = "/opt/mm-bot/releases"
CURRENT = "/opt/mm-bot/current"
MARKERS = "/var/lib/mmstack/releases"
STAMP = "/var/lib/mmstack/stamp.json"
WHEELHOUSE = "/var/lib/mmstack/wheelhouse"
LOCK = "/var/lib/mmstack/lock"
"""Held by every step on the host: a step of a deploy whose operator vanished goes on alone, and is waited for."""
LOCK_WITHIN_S = 150
KEPT = "/var/lib/mmstack/previous/kept.json"
"""Exists from a switch until the host has proved itself: what would be put back."""
STAGE = "/var/lib/mmstack/stage"
"""Exists from staging until the host has proved itself, also where there is nothing to go back to."""

BOT_DIRECTORIES = ("/var/log/mm-bot", "/var/lib/mm-bot")
"""Every file in these must be the bot's own and writable for it, or it goes blind (`foreign` lists the others)."""

UNIT_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,NRestarts,MainPID,ExecMainStartTimestamp,"
    "ActiveEnterTimestamp,Result"
)

FINGERPRINT = r"find . -printf '%P %y %s %C@ %m %U %G %l\n' | LC_ALL=C sort | sha256sum | cut -c1-64"
"""Cheap identity of a release directory: any write, chmod or replacement moves a ctime (30 ms for 3,000 files)."""

_SCRIPT = r"""
LC_ALL=C; export LC_ALL; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
t=$(printf '\t')
[ -r @LOCK@ ] && { flock -w @LOCKWITHIN@ 9 || echo "busy$t@LOCK@"; } 9<@LOCK@
echo "clock$t$(date +%s.%N)"
( . /etc/os-release; echo "os$t$ID$t$VERSION_ID" )
echo "arch$t$(uname -m)"
echo "user$t$(id -u)"
echo "init$t$(cat /proc/1/comm)"
python=$(readlink -f /usr/bin/python3 2>/dev/null); echo "python$t${python##*/python}"
df -Pk / /opt /var 2>/dev/null | awk -v OFS="$t" 'NR > 1 { print "disk", $6, $4 }'
for path in @PATHS@; do
  stat --printf 'path\t%n\t%F\t%a\t%U\t%G\t%.9Z\n' -- "$path" 2>/dev/null
  [ -L "$path" ] && echo "link$t$path$t$(readlink -- "$path")"
done
for path in @FILES@; do [ -f "$path" ] && [ ! -L "$path" ] && printf '%s\n' "$path"; done |
  tr '\n' '\0' | xargs -0 -r sha256sum -- | sed "s/^/sum$t/; s/  /$t/"
for directory in @EXCLUSIVE@; do
  find "$directory" -mindepth 1 -maxdepth 1 -printf 'entry\t%p\n' 2>/dev/null
done
# Before there is an account, what lies there was kept by an uninstall, and is nobody's.
if id mm-bot >/dev/null 2>&1; then set -- ! -user mm-bot -o; else set -- -true -o; fi
for directory in @OWNED@; do
  find "$directory" -maxdepth 1 -type f \( "$@" ! -perm -u=rw \) -printf 'foreign\t%p\n' 2>/dev/null
done
for name in @ACCOUNTS@; do
  getent passwd "$name" >/dev/null && echo "account$t$name$t$(id -nG "$name")$t$(getent passwd "$name" | cut -d: -f7)"
done
dpkg-query -W -f 'package\t${Package}\t${db:Status-Status}\t${Version}\n' @PACKAGES@ 2>/dev/null
systemctl show --timestamp=us+utc -p @PROPERTIES@ @UNITS@ 2>/dev/null | sed "s/^/unit$t/"
ss -Hltnp 2>/dev/null | while read -r _ _ _ local _ users; do
  pid=$(printf '%s' "$users" | sed -n 's/.*pid=\([0-9]*\).*/\1/p'); unit=; command=
  if [ -n "$pid" ]; then
    unit=$(sed -n 's#.*/\([^/]*\.service\).*#\1#p' "/proc/$pid/cgroup" | head -n 1); command=$(cat "/proc/$pid/comm")
  fi
  echo "listen$t$local$t$pid$t$command$t$unit"
done
for directory in @RELEASES@/*/; do
  [ -d "$directory" ] || continue
  name=$(basename "$directory"); verdict=unfinished; marker=@MARKERS@/$name
  if [ -s "$marker" ]; then
    verdict=kept
    case " @WHOLE@ " in *" $name "*)
      [ "$(cd "$directory" && @FINGERPRINT@)" = "$(sed -n 1p "$marker")" ] && verdict=whole || verdict=damaged ;;
    esac
  fi
  echo "release$t$name$t$verdict$t$(sed -n 2p "$marker" 2>/dev/null)"
done
for directory in @WHEELHOUSE@/*/; do [ -d "$directory" ] && echo "wheels$t$(basename "$directory")"; done
[ -d @STAGE@ ] && echo "unproved$t"
[ -f @KEPT@ ] && echo "unproved$t$(sed -n 's#.*"link": "releases/\([^"]*\)".*#\1#p' @KEPT@)"
[ -f @STAMP@ ] && echo "stamp$t$(tr -d '\n' < @STAMP@)"
:
"""


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
    busy: bool = False
    unproved: bool = False
    release_to_go_back_to: str = ""
    stamp: str = ""


def script(
    *,
    files: Iterable[str] = (),
    others: Iterable[str] = (),
    exclusive: Iterable[str] = (),
    units: Iterable[str] = (),
    packages: Iterable[str] = (),
    accounts: Iterable[str] = (),
    releases: Iterable[str] = (),
) -> str:
    """The script that reads a host. `files` are hashed, `others` only looked at (directories, links);
    the content of `releases` is compared with the fingerprint taken when they were installed."""
    files, quoted = list(files), shlex.join
    values = {
        "PATHS": quoted([*files, *others]),
        "FILES": quoted(files),
        "EXCLUSIVE": quoted(exclusive),
        "OWNED": quoted(BOT_DIRECTORIES),
        "ACCOUNTS": quoted(accounts),
        "PACKAGES": quoted(packages),
        "UNITS": quoted(units),
        "PROPERTIES": UNIT_PROPERTIES,
        "RELEASES": RELEASES,
        "MARKERS": MARKERS,
        "WHOLE": " ".join(releases),
        "FINGERPRINT": FINGERPRINT,
        "STAMP": STAMP,
        "WHEELHOUSE": WHEELHOUSE,
        "KEPT": KEPT,
        "STAGE": STAGE,
        "LOCK": LOCK,
        "LOCKWITHIN": str(LOCK_WITHIN_S),
    }
    return re.sub(r"@([A-Z]+)@", lambda match: values[match[1]], _SCRIPT)


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
