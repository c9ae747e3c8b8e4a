"""Where Alertmanager comes from: Debian's package, or upstream's program under a unit of our own of the same name."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import SettingsError
from ..programs.install import program
from ..service import Account, Artifact, Directory, File, Present
from ..settings.contexts import Context
from ..templates import render

UNIT_FILE = "/etc/systemd/system/prometheus-alertmanager.service"
"""In the way of Debian's, which lies elsewhere and goes on to be there."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a host needs for it beside settings. `amtool` and `programs` are paths on the host."""

    amtool: str = "amtool"
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    present: tuple[Present, ...] = ()
    accounts: tuple[Account, ...] = ()
    directories: tuple[Directory, ...] = ()
    files: tuple[File, ...] = ()


def brought(context: Context) -> Brought:
    """By the host's install source. Raises SettingsError where that has no Alertmanager."""
    source = context.stack.source_of("alertmanager")
    if source == "package":
        return Brought(packages=("prometheus-alertmanager",))
    if source == "vendor":
        reason = "the vendor's apt repository has no Alertmanager; alertmanager:package or alertmanager:archive"
        raise SettingsError(context.host, [reason])
    server, amtool = program(context, "alertmanager"), program(context, "amtool")
    unit = render("alertmanager/prometheus-alertmanager.service", context, program=server.program)
    return Brought(
        amtool=amtool.program,
        programs=(server.program,),
        artifacts=(*server.artifacts, *amtool.artifacts),
        present=(*server.present, *amtool.present),
        accounts=(Account("prometheus"),),
        directories=(Directory("/etc/prometheus"),),
        files=(File(UNIT_FILE, unit),),
    )
