"""How Grafana is reached on a host, if there is to be one, from the inventory's words. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SETTINGS: dict[str, object] = {
    "grafana": False,
    # Dashboards of the release in a folder, for a Grafana that is on the host already.
    "grafana_import": False,
    # Where it listens; empty: where everything else does, on loopback.
    "grafana_address": "",
    # What people type, behind a proxy or with a name of its own; empty: its address and port.
    "grafana_url": "",
    # Paths on the host; the key may be root's alone.
    "grafana_tls_cert": "",
    "grafana_tls_key": "",
}
"""Data an inventory may set, with what holds where it does not."""


_PATH = re.compile(r"/[\w./@+-]+", re.ASCII)
"""Such a path needs no quoting, in a unit as in a shell."""


@dataclass(frozen=True, slots=True)
class GrafanaSettings:
    """`wanted`: Grafana itself; `dashboards`: the folder it reads, which another Grafana may read as well."""

    wanted: bool
    dashboards: bool
    address: str
    url: str
    tls_cert: str
    tls_key: str

    @property
    def scheme(self) -> str:
        """http or https."""
        return "https" if self.tls_cert else "http"


def grafana_settings(settings: Mapping[str, object], bind_address: str) -> tuple[GrafanaSettings, list[str]]:
    """The settings, and the problems with them, each a sentence with its remedy."""
    text = {name: str(settings.get(name, default)).strip() for name, default in SETTINGS.items()}
    wanted = _yes(text["grafana"])
    chosen = GrafanaSettings(
        wanted=wanted,
        dashboards=wanted or _yes(text["grafana_import"]),
        address=text["grafana_address"] or bind_address,
        url=f"{text['grafana_url'].rstrip('/')}/" if text["grafana_url"] else "",
        tls_cert=text["grafana_tls_cert"],
        tls_key=text["grafana_tls_key"],
    )
    opened = _address_problems(chosen) if text["grafana_address"] else []
    return chosen, [*opened, *_tls_problems(chosen), *_url_problems(chosen)]


def _address_problems(chosen: GrafanaSettings) -> list[str]:
    try:
        loopback = ipaddress.ip_address(chosen.address).is_loopback
    except ValueError:
        return [f"grafana_address={chosen.address!r} is not an IP address; leave it out for loopback"]
    if loopback or chosen.tls_cert:
        return []
    return [
        f"grafana_address={chosen.address} is reachable from outside, and passwords would pass in clear: "
        "name grafana_tls_cert and grafana_tls_key as well, or leave it out and put a TLS proxy before it"
    ]


def _tls_problems(chosen: GrafanaSettings) -> list[str]:
    given = {"grafana_tls_cert": chosen.tls_cert, "grafana_tls_key": chosen.tls_key}
    if any(given.values()) and not all(given.values()):
        missing = next(name for name, path in given.items() if not path)
        return [f"{missing} is missing: a certificate and its key go together"]
    return [
        f"{name}={path!r} is not an absolute path on the host, of letters, digits and ._@+-"
        for name, path in given.items()
        if path and not _PATH.fullmatch(path)
    ]


def _url_problems(chosen: GrafanaSettings) -> list[str]:
    parts = urlsplit(chosen.url)
    if chosen.url and not (parts.scheme in ("http", "https") and parts.hostname):
        return [f"grafana_url={chosen.url!r} is not an http(s) URL; what people type, or empty"]
    return []


def _yes(text: str) -> bool:
    """A switch, from an inventory file or from the command line."""
    return text.lower() in ("true", "1", "yes")
