"""mm-log-review.service and .timer: every quarter of an hour the log files are compared with Loki, and what it lacks is
sent. On a host that moves to Loki this brings the days from before; the shipper itself starts with the last hour."""

from __future__ import annotations

from dataclasses import replace

from ..service import File, Service, Unit
from ..settings.contexts import Context
from ..templates import render
from .bot_service import unit_validation

NAME = "mm-log-review"
UNIT = f"/etc/systemd/system/{NAME}.service"
TIMER = f"/etc/systemd/system/{NAME}.timer"


def beside(shipper: Service, context: Context, user: str, positions: str) -> Service:
    """The service of a shipper with its review: it runs as the shipper's user, whose positions say what was read."""
    told = {"user": user, "positions": positions, "remembered": f"/var/lib/{user}/reviewed.json"}
    return replace(
        shipper,
        files=(
            *shipper.files,
            File(UNIT, render(f"mm-log-review/{NAME}.service", context, **told)),
            File(TIMER, render(f"mm-log-review/{NAME}.timer", context)),
        ),
        validations=(*shipper.validations, unit_validation(f"{NAME}.service", UNIT)),
        units=(*shipper.units, Unit(f"{NAME}.timer", reads=(UNIT, TIMER))),
    )
