"""Which log stack a host gets: where its log lines go, who carries them, and where the programs come from. Pure.

Embedded: our own store reads the bot's files, so nobody carries them. Loki, here or elsewhere, needs a shipper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..versions import VENDOR_URL

STORES = ("embedded", "loki", "remote")
SHIPPERS = ("none", "promtail", "alloy")
SOURCES = ("package", "vendor", "archive", "present")
FROM_DEBIAN = ("alertmanager", "amtool")
"""Components Debian packages; a word for all components does not mean these."""
WITH = {"amtool": "alertmanager"}
"""Components that come with another one, from wherever that comes."""

SETTINGS: dict[str, object] = {
    "log_store": "embedded",
    "log_shipper": "",
    "loki_url": "",
    "loki_s3": "",
    "loki_s3_region": "us-east-1",
    "install_source": "vendor",
    "artifacts": "",
    "vendor_apt_url": VENDOR_URL,
    "vendor_apt_key": "inventory/keys/grafana.asc",
}
"""Data an inventory may set, with what holds where it does not."""

PROMTAIL_HAS_ENDED = (
    "Promtail gets no fixes since 2026-03-02; it is pinned to the last release that has it, and log_shipper=alloy is "
    "its successor"
)
RULES_ELSEWHERE = (
    "log_store=remote: its own ruler has to be given the rules in alerts/ (lokitool rules load); this deploy does not"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where Loki keeps its chunks by the S3 protocol instead of on the host's own disk."""

    host: str
    name: str
    region: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Stack:
    """`loki_url` is set for a remote store only; `sources` names components that differ from `source`."""

    store: str
    shipper: str
    loki_url: str
    bucket: Bucket | None
    source: str
    sources: Mapping[str, str]
    artifacts: str
    vendor_url: str
    vendor_key: str

    @property
    def sends_away(self) -> bool:
        """Whether log lines or chunks leave the host."""
        return self.store == "remote" or self.bucket is not None

    def source_of(self, component: str) -> str:
        """package, vendor, archive or present."""
        component = WITH.get(component, component)
        return self.sources.get(component, "package" if component in FROM_DEBIAN else self.source)


def stack(settings: Mapping[str, object], components: tuple[str, ...]) -> tuple[Stack, list[str], list[str]]:
    """The stack, the problems with it, and what the operator should know, each a sentence."""
    text = {name: str(settings.get(name, default)) for name, default in SETTINGS.items()}
    source, sources, problems = _sources(text["install_source"], components)
    shipper = text["log_shipper"] or ("none" if text["log_store"] == "embedded" else "promtail")
    chosen = Stack(
        store=text["log_store"],
        shipper=shipper,
        loki_url=text["loki_url"].rstrip("/"),
        bucket=_bucket(text["loki_s3"], text["loki_s3_region"]),
        source=source,
        sources=sources,
        artifacts=text["artifacts"].rstrip("/"),
        vendor_url=text["vendor_apt_url"].rstrip("/"),
        vendor_key=text["vendor_apt_key"],
    )
    problems = [*_choice_problems(chosen), *problems]
    if text["loki_s3"] and not (chosen.bucket and chosen.store == "loki"):
        problems.append(f"loki_s3={text['loki_s3']!r} is not https://HOST/BUCKET with log_store=loki")
    warnings = [PROMTAIL_HAS_ENDED] if shipper == "promtail" else []
    return chosen, problems, [*warnings, *([RULES_ELSEWHERE] if chosen.store == "remote" else [])]


def _choice_problems(chosen: Stack) -> list[str]:
    problems = []
    if chosen.store not in STORES:
        problems.append(f"log_store={chosen.store!r} is unknown; it is {', '.join(STORES)}")
    if chosen.shipper not in SHIPPERS:
        problems.append(f"log_shipper={chosen.shipper!r} is unknown; it is {', '.join(SHIPPERS)}")
    if chosen.store == "embedded" and chosen.shipper in SHIPPERS[1:]:
        problems.append(f"the embedded store reads the files itself: log_shipper={chosen.shipper} would send to nobody")
    if chosen.store in STORES[1:] and chosen.shipper == "none":
        problems.append(f"log_store={chosen.store} gets no line without a shipper; log_shipper=promtail or alloy")
    if chosen.store == "remote" and not is_url(chosen.loki_url):
        problems.append(f"loki_url={chosen.loki_url!r} is not an http(s) URL, and log_store=remote sends there")
    if chosen.store != "remote" and chosen.loki_url:
        problems.append(f"loki_url={chosen.loki_url} is used by log_store=remote only; leave it out")
    if not is_url(chosen.vendor_url) or set(chosen.vendor_url) & set("'\"\\#$` \t\n"):
        problems.append(f"vendor_apt_url={chosen.vendor_url!r} is not an http(s) URL; the vendor's, or a mirror of it")
    return problems


def _sources(text: str, components: tuple[str, ...]) -> tuple[str, dict[str, str], list[str]]:
    """ "archive,alertmanager:package" as the word for all, the exceptions, and what is wrong."""
    source, sources, problems = str(SETTINGS["install_source"]), {}, []
    for word in filter(None, (part.strip() for part in text.split(","))):
        component, colon, name = word.rpartition(":")
        if name not in SOURCES:
            problems.append(f"install_source={word!r} is unknown; it is {', '.join(SOURCES)}")
        elif colon and component not in components:
            problems.append(f"install_source names {component!r}; components are {', '.join(components)}")
        elif colon:
            sources[component] = name
        else:
            source = name
    return source, sources, problems


def _bucket(url: str, region: str) -> Bucket | None:
    parts, name = urlsplit(url), urlsplit(url).path.strip("/")
    if not is_url(url) or not name or "/" in name:
        return None
    return Bucket(parts.netloc, name, region, encrypted=parts.scheme == "https")


def is_url(text: str) -> bool:
    """Whether a text is an http or https URL with a host in it."""
    parts = urlsplit(text)
    return bool(parts.scheme in ("http", "https") and parts.hostname)
