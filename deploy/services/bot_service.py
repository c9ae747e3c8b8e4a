"""mm-bot.service: the bot as an ordinary unit, its settings in one file, its secrets as systemd credentials.

Beside a bot that trades live on Hyperliquid runs mm-bot-watchdog.service.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..credentials import credential, load_line
from ..host_script import CURRENT
from ..service import Directory, File, Port, Service, Unit, Validation
from ..settings.contexts import Context
from ..templates import render

UNIT = "/etc/systemd/system/mm-bot.service"
WATCHDOG = "mm-bot-watchdog.service"
WATCHDOG_UNIT = f"/etc/systemd/system/{WATCHDOG}"
SETTINGS = "/etc/mm-bot/mm-bot.env"
CREDENTIALS = "/etc/mm-bot/credentials"


def service(context: Context) -> Service:
    """The service of that name."""
    keys = _credentials(context, context.bot_credentials)
    watchdog = _watchdog(context)
    return Service(
        name="bot",
        directories=(
            Directory("/etc/mm-bot", group="mm-bot", mode=0o750),
            Directory(CREDENTIALS, mode=0o700, exclusive=True),
            Directory("/var/log/mm-bot", owner="mm-bot", group="mm-bot", mode=0o750),
            Directory("/var/lib/mm-bot", owner="mm-bot", group="mm-bot", mode=0o700),
        ),
        files=(
            File(SETTINGS, render("mm-bot/mm-bot.env", context), group="mm-bot", mode=0o640),
            *keys.values(),
            File(UNIT, render("mm-bot/mm-bot.service", context, loads=_loads(keys))),
            *watchdog.files,
        ),
        validations=(
            Validation(
                "settings of the bot",
                "{release}/venv/bin/mm-bot check --env {stage}" + SETTINGS,
                files=(SETTINGS,),
                on_release=True,
            ),
            unit_validation("mm-bot.service", UNIT),
            *watchdog.validations,
        ),
        units=(
            Unit(
                "mm-bot.service",
                reads=(CURRENT, SETTINGS, UNIT, *(file.path for file in keys.values())),
                ready_url=f"{context.health_url}/readyz",
                max_exposure=1.5,
            ),
            *watchdog.units,
        ),
        ports=(Port(context.ports.health, "mm-bot.service"),),
    )


def _watchdog(context: Context) -> Service:
    """Beside a bot live on Hyperliquid: a process that cancels when the bot stops breathing, with a key of its own."""
    if not context.trading.watchdog_keys:
        return Service(name="watchdog")
    keys = _credentials(context, context.watchdog_credentials)
    return Service(
        name="watchdog",
        files=(*keys.values(), File(WATCHDOG_UNIT, render(f"mm-bot/{WATCHDOG}", context, loads=_loads(keys)))),
        validations=(unit_validation(WATCHDOG, WATCHDOG_UNIT),),
        units=(
            Unit(
                WATCHDOG,
                reads=(CURRENT, SETTINGS, WATCHDOG_UNIT, *(file.path for file in keys.values())),
                max_exposure=1.5,
            ),
        ),
    )


def _credentials(context: Context, secrets: Mapping[str, str]) -> dict[str, File]:
    return {
        name: credential(context.seal_with, CREDENTIALS, name, value.encode())
        for name, value in sorted(secrets.items())
    }


def _loads(files: Mapping[str, File]) -> list[str]:
    return [load_line(name, file) for name, file in files.items()]


def unit_validation(name: str, path: str) -> Validation:
    """`systemd-analyze verify` on a staged unit, silent or refused. It runs against the release to come."""
    staged = "{stage}/verify/" + name
    return Validation(
        f"unit {name}",
        "mkdir -p {stage}/verify && "
        f"sed 's#/opt/mm-bot/current#{{release}}#g' {{stage}}{path} > {staged} && "
        f"said=$(systemd-analyze verify --man=no --recursive-errors=no {staged} 2>&1) && "
        '{{ [ -z "$said" ] || {{ echo "$said"; false; }}; }} || {{ echo "$said"; false; }}',
        files=(path,),
        on_release=True,
    )
