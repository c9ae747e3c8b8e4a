"""How a program comes to a host, by its install source: where it will be, and what has to be brought for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .contexts import Context
from .errors import SettingsError
from .host_script import PROGRAMS
from .service import Artifact, Present, VendorPackage
from .versions import COMPONENTS, Component


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
    packaged = f"/usr/bin/{component.binary}"
    match context.stack.source_of(name):
        case "archive":
            artifact = _artifact(context, component)
            return Installed(artifact.path, artifacts=(artifact,))
        case "vendor":
            return Installed(packaged, vendor=(VendorPackage(component.package, component.vendor_version),))
        case "present":
            return Installed(packaged, present=(Present(packaged, component.version),))
        case _:
            other = f"install_source=vendor or archive, or {name}:vendor for it alone"
            raise SettingsError(context.host, [f"Debian has no package of {name}; {other}"])


def _artifact(context: Context, component: Component) -> Artifact:
    folder = context.stack.artifacts
    if not folder:
        reason = (
            f"install_source=archive takes {component.name} from a folder or a mirror; name it: --data artifacts=DIR"
        )
        raise SettingsError(context.host, [reason])
    source = Path(folder, component.binary)
    if not source.is_file():
        raise SettingsError(context.host, [f"artifacts={folder} holds no {component.binary}"])
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = f"{PROGRAMS}/{component.binary}-{component.version}-{digest[:12]}"
    return Artifact(component.name, component.version, path, source, digest)
