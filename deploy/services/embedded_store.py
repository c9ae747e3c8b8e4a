"""mm-log-store.service: the embedded log store, which reads the bot's files and rings the alarms from `alerts/`."""

from __future__ import annotations

from ..host_script import CURRENT
from ..service import Directory, File, Port, Service, Unit
from ..settings.contexts import Context
from ..templates import render
from .alert_rules import lint, rule_files
from .bot_service import unit_validation

NAME = "mm-log-store.service"
UNIT = f"/etc/systemd/system/{NAME}"
RULES = "/etc/mm-log-store/rules"
ARCHIVE = "/var/lib/mm-log-store/archive"
"""Within the unit's StateDirectory, which belongs to the store's user; the store makes it."""


def service(context: Context) -> Service:
    """The service of that name."""
    rules = rule_files(context.host, RULES)
    return Service(
        name="log store",
        directories=(Directory("/etc/mm-log-store"), Directory(RULES, exclusive=True)),
        files=(*rules, File(UNIT, _unit(context))),
        validations=(
            lint(RULES, rules),
            unit_validation("mm-log-store.service", UNIT),
        ),
        units=(
            Unit(
                "mm-log-store.service",
                reads=(CURRENT, UNIT, RULES, *(file.path for file in rules)),
                ready_url=f"{context.store_url}/ready",
                max_exposure=1.0,
            ),
        ),
        ports=(Port(context.ports.store, "mm-log-store.service"),),
    )


def _unit(context: Context) -> bytes:
    return render("mm-log-store/mm-log-store.service", context, rules=RULES, archive=ARCHIVE)
