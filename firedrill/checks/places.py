"""Where things are on a host. These places never change, so a host of any release can be checked."""

from __future__ import annotations

BOT = "mm-bot.service"
STORE = "mm-log-store.service"
"""The embedded store; a host may have Loki in its place (`Expected.store`)."""
ALERTMANAGER = "prometheus-alertmanager.service"
ROTATION_TIMER = "logrotate.timer"
IMPORT = "mm-bot-grafana-import"
"""Keeps the dashboards in step with the release, where a Grafana reads them."""

BOT_USER = "mm-bot"
STORE_USER = "mm-store"

RELEASES = "/opt/mm-bot/releases"
CURRENT = "/opt/mm-bot/current"
VENV = f"{CURRENT}/venv"
SETTINGS = "/etc/mm-bot/mm-bot.env"
CREDENTIALS = "/etc/mm-bot/credentials"
LOGS = "/var/log/mm-bot"
LOG_LINK = f"{LOGS}/events.jsonl"
STATE = "/var/lib/mm-bot"
JOURNAL = f"{STATE}/journal*.sqlite"
"""Each account the bot has traded has its own."""
CONTROL_SOCKET = "/run/mm-bot/control.sock"
RULES = "/etc/mm-log-store/rules"
ALERTMANAGER_CONFIG = "/etc/prometheus/alertmanager.yml"
WEBHOOK_TOKEN = "/run/credentials/prometheus-alertmanager.service/alert_webhook_token"
FIREWALL_TABLE = "inet mmstack"
DASHBOARDS = "/var/lib/mm-dashboards"
STAMP = "/var/lib/mmstack/stamp.json"

HEALTH_PORT = 9180
STORE_PORT = 3100
SHIPPER_PORT = 9080
ALERTMANAGER_PORT = 9093
RECEIVER_PORT = 9190

DRILL_FILES = "-drill-"
"""Part of the name of every log file a drill writes."""
DRILL_TIMERS = "firedrill-restore-*.timer"
"""Units that would undo a drill whose operator vanished; see `firedrill.drills.engine`."""
