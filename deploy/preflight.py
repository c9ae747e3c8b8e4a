"""Reasons not to deploy to a host, all of them at once, found before anything on it is changed. Pure."""

from __future__ import annotations

import ipaddress
import re

from .host_state import HostState, Listener
from .plan import units_of_ours
from .releases import PYTHON_OF
from .service import Wanted
from .settings.contexts import Context

CAP_NET_ADMIN = 1 << 12


def reasons(context: Context, wanted: Wanted, state: HostState, clock: tuple[float, float]) -> list[str]:
    """What stands in the way, each with its remedy; empty when nothing does.

    `clock` is the operator's unix time before and after the host was read: the host's own must lie between, within
    the allowed offset.
    """
    return [
        *_system(state),
        *(["another deploy has been at work on it for minutes; deploy again when it has ended"] if state.busy else []),
        *_disk(context, state),
        *_clock(context, state, clock),
        *_ports(context, wanted, state),
        *_present(wanted, state),
        *_name_servers(context, state),
        *_seals(wanted, state),
        *_filters(context, state),
    ]


def _system(state: HostState) -> list[str]:
    found = []
    name, version = state.os
    if name != "debian" or version not in PYTHON_OF:
        found.append(
            f"the host runs {name or 'an unknown system'} {version}; Debian {' or '.join(PYTHON_OF)} is needed"
        )
    if state.arch != "x86_64":
        found.append(f"the host is {state.arch}; wheels are collected for x86_64 only")
    if state.uid != 0:
        found.append('the deploy is not root there: log in as root, or set "_sudo": True for the host')
    if state.init != "systemd":
        found.append(f"process 1 is {state.init or 'unknown'}, not systemd; boot the host with systemd")
    return found


def _disk(context: Context, state: HostState) -> list[str]:
    return [
        f"{mount} has {free // 1024} MiB free, {context.min_free_disk_mib} (min_free_disk_mib) are needed"
        for mount, free in state.disk_free_kib.items()
        if free < context.min_free_disk_mib * 1024
    ]


def _clock(context: Context, state: HostState, clock: tuple[float, float]) -> list[str]:
    before, after = clock
    offset = max(before - state.clock, state.clock - after, 0.0)
    if offset <= context.max_clock_offset_s:
        return []
    return [f"its clock is {offset:.1f} s away from this machine's; on the wrong one: timedatectl set-ntp true"]


def _ports(context: Context, wanted: Wanted, state: HostState) -> list[str]:
    return [
        f"port {port.number} for {port.unit} is taken by {_owner(listener)} on {listener.address}; stop it or move it"
        for port in wanted.ports
        for listener in state.listeners
        if listener.port == port.number and listener.unit != port.unit
        if _collides(listener, port.address or context.bind_address)
        # A store that makes room for another one is stopped before that one starts.
        if listener.unit not in units_of_ours(state)
    ]


def _present(wanted: Wanted, state: HostState) -> list[str]:
    problems = []
    for program in wanted.present:
        said = state.says.get(program.name)
        if said is None:
            where = "" if program.name.startswith("/") else " in /usr/local/bin or /usr/bin"
            problems.append(
                f"install_source=present, but there is no {program.name}{where}; install it, or name another source"
            )
        elif not {program.version, *program.also} & set(re.findall(r"\d+\.\d+\.\d+(?:-[\w.]+)?", said)):
            problems.append(f"{program.name} says {said!r}, and {program.version} is pinned; install that version")
    return problems


def _name_servers(context: Context, state: HostState) -> list[str]:
    """Some clouds answer names at the very address where they hand out credentials."""
    needed = {
        "alertmanager_egress": True,
        "bot_egress": context.trading.reaches_out,
        "log_egress": context.stack.sends_away,
    }
    return [
        f"its name server {address} is outside {name}, so no name would be found: "
        f'{name} = ["default", "{address}"], or put another server into /etc/resolv.conf'
        for address in state.name_servers
        for name in context.egress.cut_off(address)
        if needed[name]
    ]


def _seals(wanted: Wanted, state: HostState) -> list[str]:
    keys = {file.sealed.key for file in wanted.files if file.sealed}
    if keys and not state.seals:
        return ["it has no systemd-creds to seal secrets with: seal_secrets_with = 'none' leaves them plain"]
    if not state.tpm and any("tpm2" in key for key in keys):
        return ["it has no TPM that systemd could use: seal_secrets_with = 'host'"]
    return []


def _filters(context: Context, state: HostState) -> list[str]:
    if not context.firewall.wanted or state.uid != 0 or state.powers & CAP_NET_ADMIN:
        return []
    return ["it may not filter packets (no CAP_NET_ADMIN, as in a container): firewall = 'none'"]


def _collides(listener: Listener, address: str) -> bool:
    text = listener.address.strip("[]").partition("%")[0]
    if text == "*":
        return True
    bound = ipaddress.ip_address(text)
    return bound.is_unspecified or bound == ipaddress.ip_address(address)


def _owner(listener: Listener) -> str:
    if not listener.pid:
        return "a process that cannot be seen from the host"
    return f"{listener.command} (pid {listener.pid}{', ' + listener.unit if listener.unit else ''})"
