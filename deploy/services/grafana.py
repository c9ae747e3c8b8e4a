"""grafana-server.service: Grafana on loopback or behind TLS, all it shows and rings provisioned from files.

It reads alerting files at its start only, so it is restarted when one changes; dashboards come with the release
(`grafana_import`). Passwords and channel secrets reach it as systemd credentials, and stand in no file that it can
read by itself. The unit was never run with a real Grafana by this repository's tests, only with a stand-in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..credentials import credential, load_line
from ..errors import SettingsError
from ..programs.install import program
from ..service import Account, Directory, File, Port, Service, Unit, Validation
from ..settings import egress
from ..settings.contexts import Context
from ..templates import ROOT, render
from .bot_service import unit_validation
from .grafana_import import DASHBOARDS

NAME = "grafana-server.service"
UNIT = f"/etc/systemd/system/{NAME}"
HOME = "/etc/grafana/mm-bot"
CONFIG = f"{HOME}/grafana.ini"
PROVISIONING = f"{HOME}/provisioning"
SECRETS = f"{HOME}/credentials"
"""Root's alone; systemd hands them to the unit under the names below."""
CREDENTIALS = f"/run/credentials/{NAME}"
OWN = {
    "grafana_admin_password": "the first password of the user admin",
    "grafana_secret_key": "what Grafana encrypts its database with, such as `openssl rand -hex 32` makes",
}
SOURCES = ROOT / "dashboards" / "json"
_BOARD, _PANEL = "mm-bot-orders.json", "E_TICK"
_KINDS = ("access-control", "alerting", "dashboards", "datasources", "plugins")
"""Folders that Grafana looks into, and complains about when one is missing."""


def service(context: Context) -> Service:
    """The service of that name; nothing where no Grafana is wanted. Raises SettingsError without its secrets."""
    if not context.grafana.wanted:
        return Service(name="Grafana")
    _refuse_without_secrets(context)
    grafana, written = program(context, "grafana"), files(context)
    return Service(
        name="Grafana",
        packages=grafana.packages,
        artifacts=grafana.artifacts,
        vendor=grafana.vendor,
        present=grafana.present,
        accounts=(Account("grafana"),),
        directories=(
            Directory(HOME, group="grafana", mode=0o750),
            Directory(SECRETS, mode=0o700, exclusive=True),
            Directory(PROVISIONING, group="grafana", mode=0o750),
            *(Directory(f"{PROVISIONING}/{kind}", group="grafana", mode=0o750, exclusive=True) for kind in _KINDS),
        ),
        files=(*written, File(UNIT, _unit_file(context, grafana.program))),
        validations=(*_certificate(context), unit_validation(NAME, UNIT)),
        units=(_unit(context, written),),
        ports=(_port(context),),
    )


def _unit_file(context: Context, program: str) -> bytes:
    return render(
        f"grafana/{NAME}",
        context,
        program=program,
        config=CONFIG,
        loads=[load_line(name, file) for name, file in _credentials(context).items()],
        networks=egress.allowed([egress.DEFAULT]),
    )


def _unit(context: Context, written: tuple[File, ...]) -> Unit:
    """With a certificate, in which the address need not stand, systemd's own word that it is ready counts."""
    url = f"http://{context.grafana.address}:{context.ports.grafana}/api/health"
    return Unit(
        NAME,
        reads=(UNIT, *(file.path for file in written)),
        ready_url=None if context.grafana.tls_cert else url,
        max_exposure=1.4,
    )


def _port(context: Context) -> Port:
    elsewhere = context.grafana.address != context.bind_address
    return Port(context.ports.grafana, NAME, context.grafana.address if elsewhere else "")


def files(context: Context) -> tuple[File, ...]:
    """Every file Grafana is told by; those that hold a secret are root's and never shown."""
    return (
        File(CONFIG, _settings(context), group="grafana", mode=0o640),
        *_provisioning(context),
        *_credentials(context).values(),
    )


def _refuse_without_secrets(context: Context) -> None:
    missing = [
        f"secret {name} is missing ({purpose}); add it" for name, purpose in OWN.items() if not _has(context, name)
    ]
    if missing:
        raise SettingsError(context.host, [f"{reason} to the secrets file, or set grafana=false" for reason in missing])


def _has(context: Context, name: str) -> bool:
    return bool(context.secrets.get(name))


def _settings(context: Context) -> bytes:
    return render(
        "grafana/grafana.ini",
        context,
        provisioning=PROVISIONING,
        credentials=CREDENTIALS,
        url=context.grafana.url or f"{context.grafana.scheme}://{context.grafana.address}:{context.ports.grafana}/",
    )


def _certificate(context: Context) -> Iterator[Validation]:
    for path in filter(None, (context.grafana.tls_cert, context.grafana.tls_key)):
        there = f"[ -s {path} ] || {{{{ echo {path} is missing or empty on this host; false; }}}}"
        yield Validation(f"TLS of Grafana, {path}", there, files=(CONFIG, UNIT))


def _provisioning(context: Context) -> Iterator[File]:
    channels = {channel.name: channel for channel in context.channels}
    given: dict[str, dict[str, object]] = {
        "datasources/mm-bot.yaml": {"url": context.grafana_loki_url or context.store_url},
        "dashboards/mm-bot.yaml": {"folder": DASHBOARDS},
        "alerting/mm-bot-etick.yaml": {"panel": _panel_id()},
        "alerting/mm-bot-contact-points.yaml": {
            "channels": channels,
            "files": {name: f"{CREDENTIALS}/{channel.secret}" for name, channel in channels.items()},
        },
        "alerting/mm-bot-policies.yaml": {},
    }
    for name, more in given.items():
        yield File(f"{PROVISIONING}/{name}", render(f"grafana/{name}", context, **more), group="grafana", mode=0o640)


def _secrets(context: Context) -> dict[str, str]:
    """Its own and those of the channels, by name."""
    names = {*OWN, *(channel.secret for channel in context.channels)}
    return {name: context.secrets[name] for name in sorted(names) if _has(context, name)}


def _credentials(context: Context) -> dict[str, File]:
    given = _secrets(context).items()
    return {name: credential(context.seal_with, SECRETS, name, value.encode()) for name, value in given}


def _panel_id() -> int:
    """The panel that the alert rule points at."""
    board: dict[str, Any] = json.loads(Path(SOURCES / _BOARD).read_text(encoding="utf-8"))
    (found,) = [int(panel["id"]) for panel in board["panels"] if panel["title"] == _PANEL]
    return found
