"""alloy.service: Promtail's successor, made from the same facts. It has not yet been run against a real Alloy."""

from __future__ import annotations

from ..programs.install import program
from ..service import Account, Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from .bot_service import unit_validation

NAME = "alloy.service"
UNIT = f"/etc/systemd/system/{NAME}"
CONFIG = "/etc/alloy/config.alloy"
POSITIONS = "/var/lib/alloy/loki.source.file.bot/positions.yml"
"""Below its storage, by the name of the component in its settings."""


def service(context: Context) -> Service:
    """The service of that name."""
    alloy = program(context, "alloy")
    return Service(
        name="log shipper",
        packages=alloy.packages,
        artifacts=alloy.artifacts,
        vendor=alloy.vendor,
        present=alloy.present,
        accounts=(Account("alloy", groups=("mm-bot",)),),
        directories=(Directory("/etc/alloy", group="alloy", mode=0o750),),
        files=(
            File(CONFIG, render("alloy/config.alloy", context), group="alloy", mode=0o640),
            File(UNIT, render(f"alloy/{NAME}", context, program=alloy.program, config=CONFIG, positions=POSITIONS)),
        ),
        validations=(
            Validation("Alloy's settings", f"{alloy.program} validate {{stage}}{CONFIG}", files=(CONFIG,)),
            unit_validation(NAME, UNIT),
        ),
        units=(
            Unit(
                NAME,
                reads=(CONFIG, UNIT, alloy.program),
                ready_url=f"http://{context.bind_address}:{context.ports.shipper}/-/ready",
                max_exposure=1.0,
            ),
        ),
        ports=(Port(context.ports.shipper, NAME),),
    )
