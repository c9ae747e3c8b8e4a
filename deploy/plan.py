"""The difference between what a host is and what is wanted of it. Pure: two descriptions in, a list of work out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .host_script import CURRENT, RELEASES
from .host_state import HostState, PathState, UnitState
from .service import NO_SHELL, Account, Artifact, Directory, File, Unit, Validation, VendorPackage, Wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """The work, in the order it is done. Empty in every field means that nothing changes."""

    first: bool
    packages: list[str]
    artifacts: list[Artifact]
    vendor: list[VendorPackage]
    accounts: list[Account]
    directories: list[Directory]
    foreign: list[str]
    install: bool
    link: bool
    files: list[File]
    removals: list[str]
    validations: list[Validation]
    unmask: list[str]
    enable: list[str]
    restart: list[Unit]
    retire: list[str]
    release_changed: bool
    stamp: dict[str, object] | None
    prove: bool

    @property
    def switches(self) -> bool:
        """Whether anything is swapped in."""
        return bool(self.files or self.removals or self.link)

    @property
    def works(self) -> bool:
        """Whether files, units or the stamp have to be touched, so that a plan has to be staged."""
        return self.switches or self.activates or self.stamp is not None

    @property
    def changes(self) -> bool:
        """Whether the host is touched at all."""
        brings = self.packages or self.artifacts or self.vendor or self.install
        return bool(brings or self.accounts or self.directories or self.foreign or self.works)

    def words(self, release: str) -> str:
        """The plan in one line for the operator, who reads it before anything is touched."""
        parts = {
            "install": [*self.packages, *(f"{one.name} {one.version}" for one in (*self.vendor, *self._programs))],
            "make accounts": [account.name for account in self.accounts],
            "make directories": [directory.path for directory in self.directories],
            "give back to the bot": self.foreign,
            "unpack release": [release] if self.install else [],
            "point current to": [release] if self.link else [],
            "write": [file.path for file in self.files],
            "remove": self.removals,
            "stop for good": self.retire,
            "enable": self.enable,
            "restart": [unit.name for unit in self.restart],
            "write the stamp": ["of " + release] if self.stamp is not None else [],
            "prove": ["a deploy that was cut"] if self.prove else [],
        }
        return "; ".join(f"{what} {', '.join(names)}" for what, names in parts.items() if names) or "nothing to do"

    @property
    def activates(self) -> bool:
        """Whether systemd has something to do."""
        return bool(self.restart or self.enable or self.unmask or self.retire)

    @property
    def _programs(self) -> list[VendorPackage]:
        return [VendorPackage(artifact.component, artifact.version) for artifact in self.artifacts]


def diff(wanted: Wanted, release: str, stamp: dict[str, object], state: HostState) -> Plan:
    """What has to be done so that `state` becomes `wanted` with `release`, leaving `stamp` behind."""
    before = state.paths.get(CURRENT)
    before_target = before.target if before else ""
    install = state.releases.get(release, ("", ""))[0] != "whole"
    link = install or before_target != f"{RELEASES.rpartition('/')[2]}/{release}"
    directories = [d for d in wanted.directories if not _is_directory(state.paths.get(d.path), d)]
    replaced = {d.path for d in directories if d.path in state.paths and state.paths[d.path].kind != "directory"}
    files = [f for f in wanted.files if not _is(state.paths.get(f.path), f) or _folder(f.path) in replaced]
    left = _left_behind(state)
    removals = sorted({*_strays(wanted, state), *(set(left.files) - {file.path for file in wanted.files})})
    # In reverse start order: a shipper can hand over its last lines only while Loki is there.
    retire = [name for name in left.units[::-1] if name not in {unit.name for unit in wanted.units}]
    changed = {file.path for file in files} | set(removals) | ({CURRENT} if link else set())
    return Plan(
        first=not state.releases and not state.stamp,
        packages=[name for name in wanted.packages if name not in state.packages],
        artifacts=[one for one in wanted.artifacts if state.programs.get(one.path) != one.sha256],
        vendor=vendor_lacking(wanted, state),
        accounts=[account for account in wanted.accounts if not _has(state, account)],
        directories=directories,
        foreign=list(state.foreign),
        install=install,
        link=link,
        files=files,
        removals=removals,
        validations=[v for v in wanted.validations if changed & set(v.files) or (link and v.on_release)],
        unmask=[u.name for u in wanted.units if _unit(state, u).enabled.startswith("masked")],
        enable=[u.name for u in wanted.units if _unit(state, u).enabled != "enabled"],
        restart=[unit for unit in wanted.units if _needs_start(unit, state, changed)],
        retire=retire,
        release_changed={_stamped(state).get("release"), state.release_to_go_back_to} - {None, "", release} != set(),
        stamp=stamp if _differs(state, stamp, release) else None,
        prove=state.unproved,
    )


def vendor_lacking(wanted: Wanted, state: HostState) -> list[VendorPackage]:
    """Packages that have to come from the vendor, because they are not there at their version."""
    return [one for one in wanted.vendor if not _is_version(state.packages.get(one.name, ""), one.version)]


def _is(found: PathState | None, file: File) -> bool:
    if found is None or found.kind != "file":
        return False
    return all(getattr(found, name) == value for name, value in file.identity.items())


def _is_directory(found: PathState | None, directory: Directory) -> bool:
    return found is not None and (found.kind, found.mode, found.owner, found.group) == (
        "directory",
        directory.mode,
        directory.owner,
        directory.group,
    )


def _folder(path: str) -> str:
    """What was seen below a link is not what lies in the directory that will replace it."""
    return path.rpartition("/")[0]


def _is_version(found: str, pinned: str) -> bool:
    """A package's version is the program's, perhaps with the packager's own revision behind it."""
    return found == pinned or found.startswith((f"{pinned}-", f"{pinned}+", f"{pinned}~"))


def _has(state: HostState, account: Account) -> bool:
    groups, shell = state.accounts.get(account.name, (set(), ""))
    return {account.name, *account.groups} <= groups and shell == NO_SHELL


def _strays(wanted: Wanted, state: HostState) -> list[str]:
    ours = {file.path for file in wanted.files} | {directory.path for directory in wanted.directories}
    return sorted(path for path in state.entries if path not in ours)


def _needs_start(unit: Unit, state: HostState, changed: set[str]) -> bool:
    found = _unit(state, unit)
    overridden = any(path.rpartition("/")[0] in unit.overrides for path in changed)
    if found.active != "active" or overridden or changed & set(unit.reads):
        return True
    read = [state.paths[path].ctime for path in unit.reads if path in state.paths]
    return found.needs_reload or found.started < max(read, default=0.0)


def _unit(state: HostState, unit: Unit) -> UnitState:
    return state.units.get(unit.name, UnitState("not-found", "inactive", "dead", "", False, 0, 0, 0.0, ""))


def _differs(state: HostState, wanted: dict[str, object], release: str) -> bool:
    """The time of the deploy is not part of what a host is; the digest of the release is the host's own word."""
    there = _stamped(state)
    there.pop("deployed_at", None)
    digest = there.pop("release_sha256", None)
    return bool(there != wanted or digest != state.releases.get(release, ("", ""))[1])


def units_of_ours(state: HostState) -> list[str]:
    """Units that deploys have brought to a host."""
    return _left_behind(state).units


@dataclass(frozen=True, slots=True)
class _Left:
    """What deploys left on a host, or a deploy that was cut has begun to leave."""

    files: list[str]
    units: list[str]


def _left_behind(state: HostState) -> _Left:
    stamp, cut = _stamped(state), _table(state.cut)
    begun = [path for path, backup in dict(cut.get("paths") or {}).items() if not backup]
    return _Left(
        files=[*dict(stamp.get("files") or {}), *begun],
        units=list(dict.fromkeys([*_names(stamp.get("units")), *_names(cut.get("born"))])),
    )


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _stamped(state: HostState) -> dict[str, Any]:
    """What the last deploy left, proved or not; empty where there was none or it is damaged."""
    return _table(state.stamp)


def _table(text: str) -> dict[str, Any]:
    try:
        there = json.loads(text)
    except ValueError:
        return {}
    return there if isinstance(there, dict) else {}
