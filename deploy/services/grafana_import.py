"""mm-bot-grafana-import.service and .timer: the dashboards of the current release, in a folder that a Grafana reads.

The release brings its dashboards along, so a rollback brings the older ones back. Restarting the timer runs the import
at once: that is what a deploy does when the release changes. No Grafana has to be there.
"""

from __future__ import annotations

from ..host_script import CURRENT
from ..service import Account, Directory, File, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from .bot_service import unit_validation

ACCOUNT = "mm-dashboards"
DASHBOARDS = "/var/lib/mm-dashboards"
NAME = "mm-bot-grafana-import"
UNIT = f"/etc/systemd/system/{NAME}.service"
TIMER = f"/etc/systemd/system/{NAME}.timer"
_TRY = (
    "for brought in {release}/venv/lib/python3*/site-packages/dashboards/json; do "
    '[ ! -d "$brought" ] || {{ to=$(mktemp -d) && {release}/venv/bin/firedrill dashboards import --to "$to"; '
    'said=$?; rm -rf "$to"; exit $said; }}; done'
)
"""An older release that brings none is no worse for it: its dashboards stay those that are there."""


def service(context: Context) -> Service:
    """The service of that name; nothing where no Grafana is to read them."""
    if not context.grafana.dashboards:
        return Service(name="dashboards")
    runbooks = _literal(context.runbook_base_url)
    return Service(
        name="dashboards",
        accounts=(Account(ACCOUNT),),
        directories=(Directory(DASHBOARDS, owner=ACCOUNT, group=ACCOUNT),),
        files=(
            File(UNIT, render(f"mm-bot/{NAME}.service", context, folder=DASHBOARDS, runbooks=runbooks)),
            File(TIMER, render(f"mm-bot/{NAME}.timer", context)),
        ),
        validations=(
            Validation("dashboards of the release", _TRY, files=(), on_release=True),
            unit_validation(f"{NAME}.service", UNIT),
        ),
        units=(Unit(f"{NAME}.timer", reads=(CURRENT, UNIT, TIMER)),),
    )


def _literal(text: str) -> str:
    """A word of a command line that systemd takes as it stands."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
