"""Compresses and deletes the event log's closed days. The file being written is never touched, none is ever renamed
under a reader: the bot names its files by day, and a shipper has read a day to its end before it is compressed."""

from __future__ import annotations

from ..service import File, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render
from . import log_shipper

CONFIG = "/etc/logrotate.d/mm-bot"


def service(context: Context) -> Service:
    """The service of that name."""
    return Service(
        name="logrotate",
        packages=("logrotate",),
        files=(File(CONFIG, render("logrotate/mm-bot", context, positions=log_shipper.positions(context))),),
        validations=(
            # --debug changes nothing, and exits 0 even when it skips a broken section: what counts is what it says.
            Validation(
                "log rotation",
                "said=$(logrotate --debug {stage}" + CONFIG + " 2>&1); "
                'case "$said" in *error:*) echo "$said" | grep error: ; false ;; esac',
                files=(CONFIG,),
            ),
        ),
        units=(Unit("logrotate.timer"),),
    )
