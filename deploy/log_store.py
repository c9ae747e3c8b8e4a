"""mm-log-store.service: the embedded log store, which reads the bot's files and rings the alarms from `alerts/`."""

from __future__ import annotations

from .bot_service import unit_validation
from .contexts import Context
from .errors import SettingsError
from .host_state import CURRENT
from .service import Directory, File, Port, Service, Unit, Validation
from .templates import ROOT, render

UNIT = "/etc/systemd/system/mm-log-store.service"
RULES = "/etc/mm-log-store/rules"
ARCHIVE = "/var/lib/mm-log-store/archive"
"""Within the unit's StateDirectory, which belongs to the store's user; the store makes it."""


def service(context: Context) -> Service:
    """The service of that name."""
    rules = rule_files(context.host)
    return Service(
        name="log store",
        directories=(Directory("/etc/mm-log-store"), Directory(RULES, exclusive=True)),
        files=(*rules, File(UNIT, _unit(context))),
        validations=(
            Validation(
                "alert rules",
                "{release}/venv/bin/firedrill rules lint {stage}" + RULES,
                files=tuple(file.path for file in rules),
                on_release=True,
            ),
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


def rule_files(host: str) -> tuple[File, ...]:
    """One file of rules a family, as they stand in `alerts/`. Raises SettingsError if none is there or one is empty."""
    sources = sorted((ROOT / "alerts").glob("*/rules.yaml"))
    if not sources:
        raise SettingsError(host, [f"no alert rules below {ROOT / 'alerts'}: a host without alarms is not deployed"])
    empty = [
        f"{source.relative_to(ROOT)} is empty; restore it" for source in sources if not source.read_bytes().strip()
    ]
    if empty:
        raise SettingsError(host, empty)
    return tuple(File(f"{RULES}/{source.parent.name}.yaml", source.read_bytes()) for source in sources)
