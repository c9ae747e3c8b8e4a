"""The vendor's apt repository: a key from the operator's side, one source, and pins that let in only what is wanted.

Before anything on the host changes, `trial` shows in folders of its own that the repository can be reached, is signed
with that key, and gives each package at its pinned version. apt installs in the same way, so a deploy that is refused
later leaves no trace of the source; its files are swapped in with all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import SettingsError
from ..service import File, Service, VendorPackage
from ..settings.contexts import Context
from ..templates import ROOT, render
from ..versions import VENDOR_KEY, VENDOR_KEY_URL

KEYRING = "/etc/apt/keyrings/mmstack-vendor.asc"
SOURCE = "/etc/apt/sources.list.d/mmstack-vendor.sources"
PINS = "/etc/apt/preferences.d/mmstack-vendor"
FILES = (KEYRING, SOURCE, PINS)
_ON_HOST = Path(__file__).parents[1] / "on_host"
_ARMOUR = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


@dataclass(frozen=True, slots=True)
class Repository:
    """All that a host's apt must know of it."""

    url: str
    key_file: str
    key: bytes
    source: bytes
    pins: bytes


def repository(context: Context, packages: Sequence[VendorPackage]) -> Repository:
    """The repository for these packages. Raises SettingsError where the key is not on the operator's side."""
    stack = context.stack
    origin = urlsplit(stack.vendor_url).hostname
    return Repository(
        url=stack.vendor_url,
        key_file=stack.vendor_key,
        key=_key(context),
        source=render("vendor/mmstack-vendor.sources", context, keyring=KEYRING),
        pins=render("vendor/mmstack-vendor", context, origin=origin, packages=packages),
    )


def service(context: Context, packages: Sequence[VendorPackage]) -> Service:
    """What stays on the host, so that its apt knows where the packages came from, and takes no other version."""
    if not packages:
        return Service("vendor repository")
    found = repository(context, packages)
    contents = (found.key, found.source, found.pins)
    return Service("vendor repository", files=tuple(map(File, FILES, contents)))


def trial(found: Repository, packages: Iterable[VendorPackage]) -> str:
    """A script that says, a line each, why these packages cannot be had; silent when they can."""
    return f"{_script(found)}\nvendor_try {_words(packages)}\n"


def installation(found: Repository, packages: Iterable[VendorPackage]) -> str:
    """A script that installs these packages and holds them against upgrades by anybody else."""
    packages = list(packages)
    install = (_ON_HOST / "install_packages.sh").read_text()
    names = " ".join(package.name for package in packages)
    return f"{_script(found)}\nvendor_prepare\nset -- {_words(packages)}\n{install}\napt-mark hold -q {names}\n"


def _script(found: Repository) -> str:
    values = {
        "URL": found.url,
        "ORIGIN": found.url.partition("://")[2],
        "KEYFILE": found.key_file,
        "KEY": found.key.decode(),
        "SOURCE": found.source.decode(),
        "PINS": found.pins.decode(),
    }
    text = (_ON_HOST / "vendor_apt.sh").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value.rstrip("\n"))
    return text


def _words(packages: Iterable[VendorPackage]) -> str:
    return " ".join(f"{package.name}={package.version}" for package in packages)


def _key(context: Context) -> bytes:
    path = ROOT / context.stack.vendor_key
    name = context.stack.vendor_key
    get = f"curl -fsSLo {name} {VENDOR_KEY_URL}; gpg --show-keys {name} # must name {VENDOR_KEY}"
    try:
        key = path.read_bytes()
    except OSError as error:
        reason = (
            f"{name} cannot be read ({error.strerror}), and install_source=vendor trusts no other key; get it: {get}"
        )
        raise SettingsError(context.host, [reason]) from error
    if not key.startswith(_ARMOUR):
        raise SettingsError(context.host, [f"{name} is not an armoured public key (BEGIN PGP PUBLIC KEY BLOCK): {get}"])
    return key
