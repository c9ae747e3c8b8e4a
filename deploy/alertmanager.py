"""Debian's Alertmanager, on loopback, hardened, with our routes. Its bearer token lies in a file of its own."""

from __future__ import annotations

from .contexts import Context
from .service import File, Port, Service, Unit, Validation
from .templates import render

UNIT = "prometheus-alertmanager.service"
CONFIG = "/etc/prometheus/alertmanager.yml"
ARGUMENTS = "/etc/default/prometheus-alertmanager"
HARDENING = f"/etc/systemd/system/{UNIT}.d/mmstack.conf"
TOKEN = "/etc/prometheus/alertmanager-webhook-token"


def service(context: Context) -> Service:
    """The service of that name."""
    return Service(
        name="Alertmanager",
        packages=("prometheus-alertmanager",),
        files=(
            File(CONFIG, render("alertmanager/alertmanager.yml", context, token=TOKEN)),
            File(ARGUMENTS, render("alertmanager/prometheus-alertmanager", context)),
            File(HARDENING, render("alertmanager/hardening.conf", context)),
            File(TOKEN, context.secrets["alert_webhook_token"].encode(), group="prometheus", mode=0o640, secret=True),
        ),
        validations=(Validation("Alertmanager routes", "amtool check-config {stage}" + CONFIG, files=(CONFIG,)),),
        units=(
            Unit(
                UNIT,
                reads=(CONFIG, ARGUMENTS, HARDENING, TOKEN),
                ready_url=f"{context.alertmanager_url}/-/ready",
                max_exposure=1.5,
            ),
        ),
        ports=(Port(context.ports.alertmanager, UNIT),),
    )
