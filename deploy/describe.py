"""`python -m deploy describe INVENTORY`: what every host of an inventory should be, as JSON.

`firedrill` reads it to know what to expect, so that the proof comes from the operator's checkout and not from the host.
A process of its own, because reading an inventory imports pyinfra's command line, which patches sockets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import ModuleType

from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.state import State
from pyinfra.context import ctx_state

from .apply import context_of, data_of, wanted_of
from .service import Artifact, File, Wanted
from .services import firewall, log_store
from .settings.contexts import Context


def describe(inventory: str, overrides: Sequence[str], modules: tuple[ModuleType, ...]) -> dict[str, object]:
    """One entry a host: how to reach it, and what it should be. Raises Refused or PyinfraError."""
    return {"hosts": [_host(host, modules) for host in hosts_of(inventory, overrides)]}


def hosts_of(inventory: str, overrides: Sequence[str]) -> list[Host]:
    """The hosts an inventory file names, by name. Raises PyinfraError."""
    from pyinfra_cli.exceptions import UnexpectedExternalError
    from pyinfra_cli.inventory import make_inventory
    from pyinfra_cli.util import parse_cli_arg

    ctx_state.set(State())  # type: ignore[no-untyped-call]
    data = {name: parse_cli_arg(value) for name, _, value in (pair.partition("=") for pair in overrides)}
    try:
        hosts = list(make_inventory(inventory, override_data=data).hosts.values())
    except (UnexpectedExternalError, SyntaxError) as error:
        why = getattr(error, "exception", error)
        raise PyinfraError(f"{inventory} cannot be read as an inventory: {why}") from error
    if not hosts:
        raise PyinfraError(f"{inventory} names no host; add some to it")
    return sorted(hosts, key=lambda host: str(host.name))


def _host(host: Host, modules: tuple[ModuleType, ...]) -> dict[str, object]:
    told = context_of(host)
    wanted = wanted_of(told, modules)
    return {
        "name": host.name,
        "group": told.group,
        "ssh": _ssh(data_of(host), host.name),
        "data": {"bind_address": told.bind_address, "alert_webhook_url": told.alert_webhook_url},
        "expected": _expected(told, wanted),
    }


def _ssh(data: dict[str, object], name: str) -> dict[str, object]:
    return {
        "hostname": data.get("ssh_hostname", name),
        "port": data.get("ssh_port", 22),
        "user": data.get("ssh_user", ""),
        "key": data.get("ssh_key", ""),
        "known_hosts": data.get("ssh_known_hosts_file", ""),
        "sudo": bool(data.get("_sudo", False)),
    }


def _expected(told: Context, wanted: Wanted) -> dict[str, object]:
    return {
        "files": {file.path: _file(file) for file in wanted.files},
        "directories": {
            d.path: {"mode": d.mode, "owner": d.owner, "group": d.group, "exclusive": d.exclusive}
            for d in wanted.directories
        },
        "accounts": {account.name: list(account.groups) for account in wanted.accounts},
        "packages": wanted.packages,
        "vendor": {package.name: package.version for package in wanted.vendor},
        "programs": dict(map(_program, wanted.artifacts)),
        "units": {
            unit.name: {"reads": list(unit.reads), "ready_url": unit.ready_url, "max_exposure": unit.max_exposure}
            for unit in wanted.units
        },
        "ports": {str(port.number): port.unit for port in wanted.ports},
        "addresses": {str(port.number): port.address for port in wanted.ports if port.address},
        "rules": _rules(wanted),
        "store": log_store.found_at(told),
        "firewall": firewall.digest(told),
        "limits": {"min_free_disk_mib": told.min_free_disk_mib, "max_clock_offset_s": told.max_clock_offset_s},
    }


def _program(artifact: Artifact) -> tuple[str, dict[str, object]]:
    """Of one that comes as a folder the hash is not known here: it was packed when it was judged."""
    path = "/".join(filter(None, (artifact.path, artifact.inside)))
    sha256 = None if artifact.inside else artifact.sha256
    return path, {"owner": "root", "group": "root", "mode": 0o755, "sha256": sha256}


def _file(file: File) -> dict[str, object]:
    return {**file.identity, "secret": file.secret, "sealed": file.sealed.name if file.sealed else ""}


def _rules(wanted: Wanted) -> dict[str, list[str]]:
    """Alert names by rule file, in file order."""
    found = {}
    for file in wanted.files:
        names = re.findall(r"(?m)^\s*-\s*alert:\s*(\S+)", file.content.decode())
        if names:
            found[file.path] = names
    return found
