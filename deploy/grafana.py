"""What Grafana reads, rendered: data source, alert rule, contact points and policies, and the folder of the dashboards,
which the release brings itself (`grafana_import`). Pure but for the templates; Grafana is not installed yet.

Grafana reads alerting files at its start only, and keeps what `$__file{...}` names out of the files themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .contexts import Context
from .grafana_import import DASHBOARDS
from .service import File
from .templates import ROOT, render

PROVISIONING = "/etc/grafana/provisioning"
SECRETS = "/etc/grafana/mm-bot"
SOURCES = ROOT / "dashboards" / "json"
_BOARD, _PANEL = "mm-bot-orders.json", "E_TICK"


def files(context: Context) -> tuple[File, ...]:
    """Every file; those that hold a secret are closed to all but Grafana's group and never shown."""
    return (*_provisioning(context), *_secrets(context))


def _provisioning(context: Context) -> Iterator[File]:
    channels = {channel.name: channel for channel in context.channels}
    given: dict[str, dict[str, object]] = {
        "datasources/mm-bot.yaml": {"url": context.grafana_loki_url or context.store_url},
        "dashboards/mm-bot.yaml": {"folder": DASHBOARDS},
        "alerting/mm-bot-etick.yaml": {"panel": _panel_id()},
        "alerting/mm-bot-contact-points.yaml": {
            "channels": channels,
            "files": {name: f"{SECRETS}/{channel.secret}" for name, channel in channels.items()},
        },
        "alerting/mm-bot-policies.yaml": {},
    }
    for name, more in given.items():
        yield File(f"{PROVISIONING}/{name}", render(f"grafana/{name}", context, **more), group="grafana", mode=0o640)


def _secrets(context: Context) -> Iterator[File]:
    for channel in context.channels:
        value = context.secrets[channel.secret].encode()
        yield File(f"{SECRETS}/{channel.secret}", value, group="grafana", mode=0o640, secret=True)


def _panel_id() -> int:
    """The panel that the alert rule points at."""
    board: dict[str, Any] = json.loads(Path(SOURCES / _BOARD).read_text(encoding="utf-8"))
    (found,) = [int(panel["id"]) for panel in board["panels"] if panel["title"] == _PANEL]
    return found
