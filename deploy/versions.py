"""The pinned version of every program that Debian does not bring. Data only; never "latest".

To move a pin, change a component's lines here, all of them, and deploy: the programs of both pins lie side by side on a
host, so going back is the same again. `firedrill artifacts verify DIR` says whether a folder has what is pinned.
"""

from __future__ import annotations

from dataclasses import dataclass

LOKI = "https://github.com/grafana/loki/releases/download"
ALLOY = "https://github.com/grafana/alloy/releases/download"
GRAFANA = "https://dl.grafana.com/grafana/release"
ALERTMANAGER = "https://github.com/prometheus/alertmanager/releases/download"

VENDOR_URL = "https://apt.grafana.com"
VENDOR_KEY_URL = f"{VENDOR_URL}/gpg.key"
VENDOR_KEY = "B53AE77BADB630A683046005963FA27710458545"
"""The fingerprint under which the vendor's key is known; its subkeys are renewed, the last time in December 2025."""


@dataclass(frozen=True, slots=True)
class Component:
    """A program, its pin, and what it is called where it comes from.

    `archive` is the file that upstream publishes at `url`, `member` the program inside it, `sha256` the archive's own
    digest; "" where it could not be established: then a SHA256SUMS beside it is what it is held to.
    `package` and `vendor_version` are those of the vendor's apt repository; both "" where it has none.
    `also` are further versions that a plain binary may say it is, because they were tried with this repository.
    `tree` says that the program needs the files beside it, and comes as a folder; `installed` where its
    package puts the program, if that is not /usr/bin.
    """

    name: str
    version: str
    binary: str
    member: str
    archive: str
    url: str
    sha256: str
    package: str = ""
    vendor_version: str = ""
    note: str = ""
    also: tuple[str, ...] = ()
    tree: bool = False
    installed: str = ""

    @property
    def packaged(self) -> str:
        """Where its package puts the program."""
        return self.installed or f"/usr/bin/{self.binary}"


COMPONENTS = {
    component.name: component
    for component in (
        Component(
            name="loki",
            version="3.6.15",
            binary="loki",
            member="loki-linux-amd64",
            archive="loki-linux-amd64.zip",
            url=f"{LOKI}/v3.6.15/loki-linux-amd64.zip",
            sha256="91de08b33c450b24862a2628050a3ef904ab840d7f9774d3deced414a4b9bf15",
            package="loki",
            vendor_version="3.6.15",
            note="the vendor packaged 3.6.12 and later weeks after the release, or not at all [unsure]",
        ),
        Component(
            name="promtail",
            version="3.6.11",
            binary="promtail",
            member="promtail-linux-amd64",
            archive="promtail-linux-amd64.zip",
            url=f"{LOKI}/v3.6.11/promtail-linux-amd64.zip",
            sha256="f87d72358531cc7008a23667cc68cc726e75115cd08829507215e49b4ca921ec",
            package="promtail",
            vendor_version="3.6.11",
            note="the last one that upstream built; a binary made of 3.6.15's source is taken too",
            also=("3.6.15",),
        ),
        Component(
            name="alloy",
            version="1.18.1",
            binary="alloy",
            member="alloy-linux-amd64",
            archive="alloy-linux-amd64.zip",
            url=f"{ALLOY}/v1.18.1/alloy-linux-amd64.zip",
            sha256="fac853cbc3983a50a2368f9a685b31f74392ae86dd6155461b11a911c07b483c",
            package="alloy",
            vendor_version="1.18.1-1",
            note="its configuration was never run by a real Alloy",
        ),
        Component(
            name="grafana",
            version="13.2.2",
            binary="grafana",
            member="grafana-13.2.2/bin/grafana",
            archive="grafana_13.2.2_34846740809_linux_amd64.tar.gz",
            url=f"{GRAFANA}/13.2.2/grafana_13.2.2_34846740809_linux_amd64.tar.gz",
            sha256="9662c838a09824fdb072e5f6fbdd45b62cf541b20f3d609ea5011e6e5f544c8f",
            package="grafana",
            vendor_version="13.2.2",
            installed="/usr/share/grafana/bin/grafana",
            tree=True,
        ),
        Component(
            name="alertmanager",
            version="0.33.1",
            binary="alertmanager",
            member="alertmanager-0.33.1.linux-amd64/alertmanager",
            archive="alertmanager-0.33.1.linux-amd64.tar.gz",
            url=f"{ALERTMANAGER}/v0.33.1/alertmanager-0.33.1.linux-amd64.tar.gz",
            sha256="93d802cba6a8d27239d747ce117df7648d326ab67394e32247540b030e9842ba",
            note="Debian's own package is what is used unless install_source has the word alertmanager:archive",
            also=("0.25.0", "0.28.1"),
        ),
        Component(
            name="amtool",
            version="0.33.1",
            binary="amtool",
            member="alertmanager-0.33.1.linux-amd64/amtool",
            archive="alertmanager-0.33.1.linux-amd64.tar.gz",
            url=f"{ALERTMANAGER}/v0.33.1/alertmanager-0.33.1.linux-amd64.tar.gz",
            sha256="93d802cba6a8d27239d747ce117df7648d326ab67394e32247540b030e9842ba",
            note="checks Alertmanager's settings, and comes from where that comes",
            also=("0.25.0", "0.28.1"),
        ),
    )
}
