"""How a program comes to a host, by its install source: where it will be, and what has to be brought for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache

from pyinfra import logger

from ..errors import SettingsError
from ..host_script import PROGRAMS
from ..service import Artifact, Present, VendorPackage
from ..settings.contexts import Context
from ..versions import COMPONENTS, Component
from . import artifacts
from .mirror import Unfit


@dataclass(frozen=True, slots=True)
class Installed:
    """`program` is its path on the host; one of the others says how it gets there."""

    program: str
    packages: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    vendor: tuple[VendorPackage, ...] = ()
    present: tuple[Present, ...] = ()


def program(context: Context, name: str) -> Installed:
    """The program of a component on one host. Raises SettingsError when its source cannot have it."""
    component = COMPONENTS[name]
    packaged = component.packaged
    match context.stack.source_of(name):
        case "archive":
            artifact = _artifact(context, component)
            return Installed("/".join(filter(None, (artifact.path, artifact.inside))), artifacts=(artifact,))
        case "vendor":
            return Installed(packaged, vendor=(VendorPackage(component.package, component.vendor_version),))
        case "present":
            # systemd and the shell look for a bare name in /usr/local/bin before /usr/bin.
            name = packaged if component.tree else component.binary
            return Installed(name, present=(Present(name, component.version, component.also),))
        case _:
            other = f"install_source=vendor or archive, or {name}:vendor for it alone"
            raise SettingsError(context.host, [f"Debian has no package of {name}; {other}"])


def _artifact(context: Context, component: Component) -> Artifact:
    """Raises SettingsError where the folder or the mirror does not have it, or has something else."""
    try:
        found = artifacts.obtain(context.stack.artifacts, component, _Told())
    except Unfit as error:
        raise SettingsError(context.host, [str(error)]) from error
    _tell_once(f"{found.component} {found.version} from {context.stack.artifacts or component.url}: {found.checked}")
    path = f"{PROGRAMS}/{component.binary}-{found.version}-{found.sha256[:12]}"
    inside = component.member.partition("/")[2] if component.tree else ""
    return Artifact(found.component, found.version, path, found.file, found.sha256, inside)


@cache
def _tell_once(sentence: str) -> None:
    """How a program was judged is the operator's to know, once a run whatever the number of hosts."""
    logger.info(f"    {sentence}")


class _Told:
    """A line every ten seconds while something comes from a mirror."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def __call__(self, name: str, come: int, size: int) -> None:
        if time.monotonic() - self.at >= 10:
            self.at = time.monotonic()
            logger.info(f"    {name}: {come / 1e6:.0f} of {size / 1e6:.0f} MB")
