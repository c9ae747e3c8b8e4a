"""What a hardened service must not get away with: act by act, the directive that forbids it, and that directive alone.

Pure. The acts themselves are in `on_host/attempts.py`, by the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Directives = Mapping[str, Sequence[str]]
"""A unit's [Service] lines: name -> values, in order."""

CALLS = ("SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "SystemCallErrorNumber=EPERM")


@dataclass(frozen=True, slots=True)
class Act:
    """One forbidden act.

    `directive` forbids it; `alone` are the lines under which it is tried with nothing else (as `user`, "" is root),
    beside the same without them: so it is known whether the directive does anything on this host. `asked` says of a
    unit's lines whether they claim to forbid it.
    """

    name: str
    words: str
    directive: str
    alone: tuple[str, ...]
    asked: Callable[[Directives], bool]
    user: str = ""


_BOOLEAN = {"true": "yes", "on": "yes", "1": "yes"}


def _has(name: str, *values: str) -> Callable[[Directives], bool]:
    """The directive is given, with one of `values` last where any are named."""
    return lambda lines: (
        bool(lines.get(name)) and (not values or _BOOLEAN.get(lines[name][-1], lines[name][-1]) in values)
    )


def _simple(name: str, words: str, line: str, user: str = "") -> Act:
    directive, _, value = line.partition("=")
    return Act(name, words, directive, (line,), _has(directive, value), user)


def _system(name: str, words: str, *values: str) -> Act:
    return Act(name, words, "ProtectSystem", ("ProtectSystem=strict",), _has("ProtectSystem", *values))


def _call(name: str, words: str) -> Act:
    return Act(name, words, "SystemCallFilter", CALLS, _has("SystemCallFilter"))


def _family(name: str, words: str, family: str) -> Act:
    def asked(lines: Directives) -> bool:
        allowed = " ".join(lines.get("RestrictAddressFamilies", ())).split()
        return bool(allowed) and family not in allowed

    return Act(name, words, "RestrictAddressFamilies", ("RestrictAddressFamilies=AF_INET AF_INET6",), asked)


def _outside(lines: Directives) -> bool:
    allowed = " ".join(lines.get("IPAddressAllow", ())).split()
    return "any" in lines.get("IPAddressDeny", ()) and set(allowed) <= {"localhost"}


ACTS = (
    _system("write_usr", "write to /usr", "yes", "full", "strict"),
    _system("write_etc", "write to /etc", "full", "strict"),
    _system("write_var", "write to /var beyond its own", "strict"),
    _simple("read_home", "look into /home", "ProtectHome=yes"),
    _simple("others_tmp", "see others' /tmp", "PrivateTmp=yes"),
    _simple("others_processes", "see others' processes", "ProtectProc=invisible", user="nobody"),
    _simple("kernel_facts", "read /proc beyond processes", "ProcSubset=pid"),
    _simple("open_device", "see a device", "PrivateDevices=yes"),
    _simple("use_device", "open a device", "DevicePolicy=closed"),
    _simple("make_device", "make a device node", "CapabilityBoundingSet="),
    _simple("give_away_file", "give a file to another user", "CapabilityBoundingSet="),
    _simple("raw_socket", "open a raw socket", "CapabilityBoundingSet="),
    _simple("setuid_file", "make a setuid file", "RestrictSUIDSGID=yes"),
    _simple("gain_privileges", "gain root by a setuid program", "NoNewPrivileges=yes", user="nobody"),
    Act(
        "world_readable_file",
        "leave a file for all to read",
        "UMask",
        ("UMask=0077",),
        lambda lines: bool(lines.get("UMask")) and lines["UMask"][-1].endswith("7"),
    ),
    _call("mount", "mount a file system"),
    _call("trace_process", "trace a process"),
    _call("reboot", "reboot"),
    _call("raise_priority", "raise its priority"),
    _simple("load_module", "load or unload a kernel module", "ProtectKernelModules=yes"),
    _simple("set_clock", "set the clock", "ProtectClock=yes"),
    _simple("set_hostname", "set the host's name", "ProtectHostname=yes"),
    _simple("kernel_log", "read the kernel's log", "ProtectKernelLogs=yes"),
    _simple("kernel_setting", "change a kernel setting", "ProtectKernelTunables=yes"),
    _simple("make_control_group", "make a control group", "ProtectControlGroups=yes"),
    _simple("other_personality", "change its personality", "LockPersonality=yes"),
    _simple("new_namespace", "make a user namespace", "RestrictNamespaces=yes"),
    _simple("realtime", "run in real time", "RestrictRealtime=yes"),
    _simple("writable_code", "write code and run it", "MemoryDenyWriteExecute=yes"),
    _simple("foreign_calls", "call by the 32-bit door", "SystemCallArchitectures=native"),
    _simple("share_ipc", "share System V IPC", "PrivateIPC=yes"),
    _simple("share_network", "share the network", "PrivateNetwork=yes"),
    _simple("share_users", "share the user namespace", "PrivateUsers=yes"),
    _family("packet_socket", "open a packet socket", "AF_PACKET"),
    _family("netlink_socket", "open a netlink socket", "AF_NETLINK"),
    _family("local_socket", "open a local socket", "AF_UNIX"),
    Act(
        "reach_outside",
        "send beyond this host",
        "IPAddressDeny",
        ("IPAddressDeny=any", "IPAddressAllow=localhost"),
        _outside,
    ),
    Act(
        "reach_metadata", "ask a cloud for credentials", "IPAddressDeny", ("IPAddressDeny=any",), _has("IPAddressDeny")
    ),
    Act(
        "listen_elsewhere", "listen on another port", "SocketBindDeny", ("SocketBindDeny=any",), _has("SocketBindDeny")
    ),
)
WORKS = "own_state"
"""The act that must go through."""

NOT_PROBED = {
    "AmbientCapabilities": "empty is the default; it is written down so that a drop-in is seen",
    "KeyringMode": "private is what system services get anyway; it is written down so that a drop-in is seen",
    "RemoveIPC": "acts when the service ends; the copy leaves it off, or it would take the running service's",
    "IPAddressAllow": "the other half of IPAddressDeny",
    "SocketBindAllow": "the other half of SocketBindDeny",
    "SystemCallErrorNumber": "says how a call is refused, not which",
}
"""Hardening directives of our units that no act tries, and why."""


def directives(text: str) -> dict[str, list[str]]:
    """The [Service] lines of a unit with its drop-ins, as `systemctl cat` prints them; an empty value is kept."""
    section, found = "", dict[str, list[str]]()
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == "Service" and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.setdefault(name.strip(), []).append(value.strip())
    return found
