"""The pinned version of every program that Debian does not bring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """A program, its pin, and what it is called where it comes from.

    `sha256` is that of `archive` as upstream published it, "" where it could not be established: then the SHA256SUMS
    beside it is what it is held to. `package` and `vendor_version` are those of the vendor's apt repository.
    """

    name: str
    version: str
    binary: str
    archive: str
    url: str
    sha256: str
    package: str
    vendor_version: str


COMPONENTS = {
    component.name: component
    for component in (
        Component("loki", "3.6.15", "loki", "loki-linux-amd64.zip", "", "", "loki", "3.6.15"),
        Component("promtail", "3.6.15", "promtail", "promtail-linux-amd64.zip", "", "", "promtail", "3.6.11"),
        Component("alloy", "1.12.0", "alloy", "alloy-linux-amd64.zip", "", "", "alloy", "1.12.0"),
        Component("grafana", "12.3.0", "grafana", "grafana-12.3.0.linux-amd64.tar.gz", "", "", "grafana", "12.3.0"),
    )
}
