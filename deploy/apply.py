"""Brings one host to what its services want: read once, refuse early, then stage, validate, switch, activate, prove.

The order is the safety: nothing is swapped in before everything is validated, nothing is restarted that did not
change, and the stamp (what this deploy left) is put back with everything else when the host does not prove itself.
"""

from __future__ import annotations

import socket
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from pyinfra import logger
from pyinfra.api.facts import FactBase
from pyinfra.api.host import Host
from pyinfra.context import host

from . import operations, operators, preflight, releases
from .errors import Refused, SettingsError
from .host_script import CURRENT, script
from .host_state import HostState, parse
from .plan import Plan, diff, vendor_lacking
from .programs import vendor
from .releases import RELEASE_ID
from .service import Service, Wanted, duplicates
from .settings.contexts import Context, context
from .settings.secrets import read as read_secrets
from .templates import ROOT
from .uninstall import uninstall


class ReadHost(FactBase[HostState]):
    """Everything about the host that the deploy compares, in one round trip."""

    def command(self, text: str) -> str:
        """The script is `deploy.host_script.script`'s."""
        return text

    def process(self, output: list[str]) -> HostState:
        """See `deploy.host_state.parse`."""
        return parse(output)


class TryVendor(FactBase[list[str]]):
    """Why packages of the vendor's repository cannot be had, found without a change to the host."""

    def command(self, text: str) -> str:
        """The script is `deploy.programs.vendor.trial`'s."""
        return text

    def process(self, output: list[str]) -> list[str]:
        """A sentence a line."""
        return [line for line in output if line.strip()]


def apply(*modules: ModuleType) -> None:
    """Deploy the services of `modules`, in start order, to the host pyinfra is working on."""
    told = context_of(host)
    for warning in told.warnings:
        logger.warning(f"{host.print_prefix}{warning}")
    leaves = data_of(host).get("action") == "uninstall"
    wanted = wanted_of(told.without_sources() if leaves else told, modules)
    _send_small_packets_at_once()
    operators.take(host, sudo=bool(data_of(host).get("_sudo")))
    if leaves:
        uninstall(wanted, host.get_fact(ReadHost, text=query_of(wanted)), data_of(host))
        return
    release, state = _read(told, wanted)
    _carry_out(told, wanted, release, state, diff(wanted, release.id, stamp_of(told, wanted, release), state))


def context_of(target: Host) -> Context:
    """The checked context of one host of the inventory. Raises SettingsError."""
    data = data_of(target)
    path = secrets_path(target)
    try:
        secrets = read_secrets(target.name, path, generate=bool(data.get("secrets_generate")))
    except SettingsError as error:
        return context(target.name, group_of(target), data, None, error.reasons)
    return context(target.name, group_of(target), data, secrets)


def secrets_path(target: Host) -> Path:
    """Where the operator keeps the secrets of a host."""
    return ROOT / str(data_of(target).get("secrets_file", f"inventory/secrets/{group_of(target)}.env"))


def data_of(target: Host) -> dict[str, object]:
    """The inventory's data of a host, with what the command line overrides."""
    return dict(target.data.dict())  # type: ignore[no-untyped-call]


def group_of(target: Host) -> str:
    """The first group of a host beside `all`: prod, sandbox, fleet."""
    return next((group for group in target.groups if group != "all"), "all")


def wanted_of(told: Context, modules: tuple[ModuleType, ...]) -> Wanted:
    """What all services together want. Raises SettingsError when two want the same file."""
    services: list[Service] = [module.service(told) for module in modules]
    services.insert(0, vendor.service(told, Wanted(tuple(services)).vendor))
    wanted = Wanted(tuple(services))
    twice = duplicates(file.path for file in wanted.files)
    if twice:
        raise SettingsError(told.host, [f"{path} is written by two services" for path in twice])
    return wanted


def stamp_of(told: Context, wanted: Wanted, release: releases.Release) -> dict[str, object]:
    """What a deploy leaves on the host about itself: release, commit, and the hash of every file.

    The host adds `release_sha256` (content of the release's directory) and `deployed_at` as it writes it.
    """
    return {
        "release": release.id,
        "commit": release.commit,
        "group": told.group,
        "units": [unit.name for unit in wanted.units],
        "files": {file.path: file.traces for file in wanted.files},
        "directories": [directory.path for directory in wanted.directories],
        "programs": {artifact.path: artifact.sha256 for artifact in wanted.artifacts},
    }


def query_of(wanted: Wanted, *whole: str) -> str:
    """The script that reads what a host has of `wanted`; the content of the releases `whole` is looked at too."""
    return script(
        files=[file.path for file in wanted.files],
        sealed={file.path: file.sealed.name for file in wanted.files if file.sealed},
        others=[CURRENT, *(directory.path for directory in wanted.directories)],
        exclusive=wanted.exclusive,
        units=[unit.name for unit in wanted.units],
        packages=[*wanted.packages, *(package.name for package in wanted.vendor)],
        artifacts=[artifact.path for artifact in wanted.artifacts],
        present=[program.name for program in wanted.present],
        accounts=[account.name for account in wanted.accounts],
        releases=whole,
    )


def _read(told: Context, wanted: Wanted) -> tuple[releases.Release, HostState]:
    """One round trip, unless the release is known only from what the host keeps."""
    data = data_of(host)
    asked = str(data.get("release") or "")
    release = None if RELEASE_ID.fullmatch(asked) else releases.resolve(told.host, data, {})
    before = time.time()
    state = host.get_fact(ReadHost, text=query_of(wanted, release.id if release else asked))
    problems = preflight.reasons(told, wanted, state, (before, time.time()))
    if not problems and (lacking := vendor_lacking(wanted, state)):
        names = ", ".join(f"{package.name} {package.version}" for package in lacking)
        logger.info(f"    {host.print_prefix}asking {told.stack.vendor_url} for {names}")
        tried = vendor.trial(vendor.repository(told, wanted.vendor), lacking)
        problems = host.get_fact(TryVendor, text=tried)
    if problems:
        raise Refused(told.host, problems)
    return release or releases.resolve(told.host, data, state.releases), state


def _carry_out(told: Context, wanted: Wanted, release: releases.Release, state: HostState, plan: Plan) -> None:
    """The operations, by names that are the same on every host, so that pyinfra runs each on all hosts at once."""
    logger.info(f"    {host.print_prefix}plan: {plan.words(release.id)}")
    bundle = releases.build(host.name, release, releases.PYTHON_OF[state.os[1]]) if plan.install else None
    operations.remember(name="Note what was there before", plan=plan)
    operations.install_packages(name="Install packages", names=plan.packages)
    operations.install_programs(name="Install programs from release archives", artifacts=plan.artifacts)
    operations.make_accounts(name="Make accounts", accounts=plan.accounts)
    operations.install_vendor(
        name="Install packages from the vendor's repository",
        script=vendor.installation(vendor.repository(told, wanted.vendor), plan.vendor) if plan.vendor else "",
    )
    operations.make_directories(name="Make directories", directories=plan.directories, foreign=plan.foreign)
    operations.install_release(
        name="Unpack the release beside the running one",
        release=release.id,
        bundle=bundle,
        wheels_there=bundle is not None and bundle.wheels in state.wheelhouses,
    )
    operations.stage(name="Stage files", plan=plan, wanted=wanted, release=release.id)
    operations.validate(
        name="Validate everything before anything is swapped in", validations=plan.validations, release=release.id
    )
    operations.switch(name="Swap in what changed", plan=plan)
    operations.activate(name="Restart what reads it, and wait until it is ready", plan=plan)
    operations.leave_stamp(name="Leave the stamp", plan=plan)
    operations.prove(name="Prove the host (firedrill run)", plan=plan, arguments=_arguments())


def _arguments() -> list[str]:
    """Inventory and --data of this run of pyinfra, which keeps them to itself, as `firedrill run` takes them."""
    words = sys.argv[1:]
    inventory = next((word for word in words if word.endswith(".py")), "")
    pairs = [after for word, after in pairwise(words) if word == "--data"]
    pairs += [word.partition("=")[2] for word in words if word.startswith("--data=")]
    return [inventory, *(f"--data={pair}" for pair in pairs)]


def _send_small_packets_at_once() -> None:
    """Paramiko leaves Nagle's algorithm on: 48 ms for a command that takes 4."""
    client = getattr(host.connector, "client", None)
    transport = client.get_transport() if client else None
    if transport:
        transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
