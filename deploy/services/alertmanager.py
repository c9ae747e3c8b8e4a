"""Alertmanager, Debian's unless another is asked for, on loopback, hardened, with our routes and channels."""

from __future__ import annotations

from ..credentials import credential, load_line
from ..service import Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from .alertmanager_program import UNIT_FILE, brought

UNIT = "prometheus-alertmanager.service"
CONFIG = "/etc/prometheus/alertmanager.yml"
ARGUMENTS = "/etc/default/prometheus-alertmanager"
MESSAGES = "/etc/prometheus/mm-bot.tmpl"
CREDENTIALS = "/etc/prometheus/credentials"
HARDENING = f"/etc/systemd/system/{UNIT}.d/mmstack.conf"


def service(context: Context) -> Service:
    """The service of that name."""
    come = brought(context)
    secrets = {
        channel.secret: credential(
            context.seal_with, CREDENTIALS, channel.secret, context.secrets[channel.secret].encode()
        )
        for channel in context.channels
        if channel.file
    }
    loads = [load_line(name, file) for name, file in secrets.items()]
    return Service(
        name="Alertmanager",
        packages=come.packages,
        artifacts=come.artifacts,
        present=come.present,
        accounts=come.accounts,
        directories=(*come.directories, Directory(CREDENTIALS, mode=0o700, exclusive=True)),
        files=(
            *come.files,
            # Closed to others and never in a diff: a channel without a file of its own has its secret in here.
            File(CONFIG, _routes(context), group="prometheus", mode=0o640, secret=True),
            File(MESSAGES, render("alertmanager/mm-bot.tmpl", context)),
            File(ARGUMENTS, render("alertmanager/prometheus-alertmanager", context)),
            File(HARDENING, render("alertmanager/hardening.conf", context, loads=loads)),
            *secrets.values(),
        ),
        validations=(
            Validation("Alertmanager routes", f"{come.amtool} check-config {{stage}}{CONFIG}", (CONFIG, MESSAGES)),
        ),
        units=(
            Unit(
                UNIT,
                reads=(
                    *(CONFIG, MESSAGES, ARGUMENTS, HARDENING, UNIT_FILE, *come.programs),
                    *(file.path for file in secrets.values()),
                ),
                ready_url=f"{context.alertmanager_url}/-/ready",
                max_exposure=1.0,
            ),
        ),
        ports=(Port(context.ports.alertmanager, UNIT),),
    )


def _routes(context: Context) -> bytes:
    channels = {channel.name: channel for channel in context.channels}
    return render("alertmanager/alertmanager.yml", context, channels=channels)
