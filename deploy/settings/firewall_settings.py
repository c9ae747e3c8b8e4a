"""Whether a host gets a packet filter of ours, and who may reach what a setting opened. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("none", "nftables")
SETTINGS: dict[str, object] = {
    "firewall": "none",
    # Networks that may reach what a setting opened, such as Grafana beyond loopback; empty: everybody.
    "firewall_from": (),
}
"""Data an inventory may set, with what holds where it does not."""


@dataclass(frozen=True, slots=True)
class FirewallSettings:
    """`sources` are networks in CIDR notation, by version of IP."""

    wanted: bool
    four: tuple[str, ...]
    six: tuple[str, ...]


def firewall_settings(settings: Mapping[str, object]) -> tuple[FirewallSettings, list[str]]:
    """The settings, and what is wrong with them, each a sentence."""
    kind, given = str(settings.get("firewall", "none")), settings.get("firewall_from", ())
    words = filter(None, given.split(",") if isinstance(given, str) else map(str, given))  # type: ignore[call-overload]
    problems = [] if kind in KINDS else [f"firewall={kind!r} is unknown; it is {' or '.join(KINDS)}"]
    found: dict[int, list[str]] = {4: [], 6: []}
    for word in words:
        try:
            network = ipaddress.ip_network(word)
        except ValueError as error:
            problems.append(f"firewall_from: {error}; name networks such as 10.1.0.0/16")
            continue
        found[network.version].append(str(network))
    return FirewallSettings(kind == "nftables", tuple(found[4]), tuple(found[6])), problems
