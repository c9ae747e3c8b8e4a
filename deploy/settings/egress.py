"""Which networks a service that must reach the world may send to: all but where a machine's own secrets are. Pure.

A cloud gives whoever asks from a machine the machine's credentials, at link-local addresses and a few others. None of
ours has business there. `IPAddressDeny=any` with everything else allowed keeps them away from them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT = "default"
"""The word for every network but the closed ones."""

SETTINGS: dict[str, object] = {
    "alertmanager_egress": (DEFAULT,),
    "bot_egress": (DEFAULT,),
    # Of a shipper whose Loki is elsewhere, and of a Loki whose chunks are.
    "log_egress": (DEFAULT,),
}
"""Data an inventory may set: networks, or the word `default` for all but the closed ones."""

_OPEN = ("0.0.0.0/0", "2000::/3", "fc00::/7")
"""IPv6: global and unique local addresses, nothing else is routed."""

_CLOSED = (
    "0.0.0.0/8",  # this network
    "127.0.0.0/8",  # allowed as localhost, by name
    "169.254.0.0/16",  # link-local: 169.254.169.254 at AWS, Azure, Google, Hetzner, DigitalOcean, Oracle
    "100.100.100.200/32",  # the same at Alibaba
    "224.0.0.0/3",  # multicast, reserved, broadcast
    "fd00:ec2::/32",  # AWS's metadata and name servers by IPv6
)


@dataclass(frozen=True, slots=True)
class Egress:
    """The networks each service may send to beside loopback, in the words of systemd."""

    alertmanager: tuple[str, ...]
    bot: tuple[str, ...]
    log: tuple[str, ...]

    def cut_off(self, address: str) -> list[str]:
        """Settings that keep their service from an address, such as that of a name server."""
        given = {"alertmanager_egress": self.alertmanager, "bot_egress": self.bot, "log_egress": self.log}
        return [name for name, networks in given.items() if not reaches(networks, address)]


def egress(settings: Mapping[str, object]) -> tuple[Egress, list[str]]:
    """What the settings allow, and what is wrong with them, each a sentence."""
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for name in SETTINGS:
        asked = settings.get(name, SETTINGS[name])
        words = asked.split(",") if isinstance(asked, str) else [str(word) for word in asked]  # type: ignore[attr-defined]
        try:
            found[name] = allowed(words)
        except ValueError as error:
            found[name] = ()
            problems.append(f"{name}: {error}; name networks such as 10.1.0.0/16, or {DEFAULT}")
    return Egress(found["alertmanager_egress"], found["bot_egress"], found["log_egress"]), problems


def allowed(asked: Sequence[str]) -> tuple[str, ...]:
    """The networks in the words of systemd, loopback left out. Raises ValueError naming the word that is none."""
    found: list[Network] = []
    for word in asked:
        found += _default() if word == DEFAULT else [ipaddress.ip_network(word)]
    four = ipaddress.collapse_addresses(n for n in found if isinstance(n, ipaddress.IPv4Network))
    six = ipaddress.collapse_addresses(n for n in found if isinstance(n, ipaddress.IPv6Network))
    return (*map(str, four), *map(str, six))


def reaches(networks: Iterable[str], address: str) -> bool:
    """Whether an address is loopback or lies in one of `networks`."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_loopback or any(found in ipaddress.ip_network(network) for network in networks)


def _default() -> list[Network]:
    open_ones = [ipaddress.ip_network(text) for text in _OPEN]
    for closed in map(ipaddress.ip_network, _CLOSED):
        open_ones = [part for network in open_ones for part in _without(network, closed)]
    return open_ones


def _without(network: Network, closed: Network) -> list[Network]:
    if network.version != closed.version or not network.overlaps(closed):
        return [network]
    if network.subnet_of(closed):  # type: ignore[arg-type]  # of one family, as was just asked
        return []
    return list(network.address_exclude(closed))  # type: ignore[arg-type]
