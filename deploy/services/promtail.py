"""promtail.service: carries the bot's log lines to Loki, and loses none while either of them is away."""

from __future__ import annotations

from ..programs.install import program
from ..service import Account, Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from .bot_service import unit_validation

NAME = "promtail.service"
UNIT = f"/etc/systemd/system/{NAME}"
CONFIG = "/etc/promtail/config.yml"
POSITIONS = "/var/lib/promtail/positions.yaml"


def service(context: Context) -> Service:
    """The service of that name."""
    promtail = program(context, "promtail")
    return Service(
        name="log shipper",
        packages=promtail.packages,
        artifacts=promtail.artifacts,
        vendor=promtail.vendor,
        present=promtail.present,
        accounts=(Account("promtail", groups=("mm-bot",)),),
        directories=(Directory("/etc/promtail", group="promtail", mode=0o750),),
        files=(
            File(
                CONFIG,
                render("promtail/config.yml", context, positions=POSITIONS),
                group="promtail",
                mode=0o640,
            ),
            File(
                UNIT, render(f"promtail/{NAME}", context, program=promtail.program, config=CONFIG, positions=POSITIONS)
            ),
        ),
        validations=(
            Validation(
                "Promtail's settings",
                f"{promtail.program} -check-syntax -config.file={{stage}}{CONFIG}",
                files=(CONFIG,),
            ),
            unit_validation(NAME, UNIT),
        ),
        units=(
            Unit(
                NAME,
                reads=(CONFIG, UNIT, promtail.program),
                max_exposure=1.0,
            ),
        ),
        ports=(Port(context.ports.shipper, NAME), Port(context.ports.shipper_grpc, NAME)),
    )
