"""Ways to break a host by hand, each with the check that must name it. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breakage:
    """`command` breaks the host; a red check whose name begins with `check` must mention `names`."""

    name: str
    command: str
    check: str
    names: str


TODAY = "$(readlink -f /var/log/mm-bot/events.jsonl)"

BREAKAGES = (
    Breakage(
        "config edited",
        "sed -i 's/MARKETS=BTC,ETH,SOL/MARKETS=BTC/' /etc/mm-bot/mm-bot.env",
        "file_",
        "/etc/mm-bot/mm-bot.env",
    ),
    Breakage(
        "secret readable by all",
        "chmod 644 /etc/prometheus/credentials/alert_webhook_token.host",
        "file_",
        "/etc/prometheus/credentials/alert_webhook_token.host",
    ),
    Breakage("unit stopped", "systemctl stop mm-log-store", "unit_is_active", "mm-log-store.service"),
    Breakage("unit disabled", "systemctl disable mm-bot", "unit_is_enabled", "mm-bot.service"),
    Breakage(
        "unit file deleted",
        "rm /etc/systemd/system/mm-bot.service",
        "file_",
        "/etc/systemd/system/mm-bot.service",
    ),
    Breakage(
        "rule file emptied",
        "truncate -s 0 /etc/mm-log-store/rules/orders.yaml",
        "file_",
        "/etc/mm-log-store/rules/orders.yaml",
    ),
    Breakage(
        "link to an old release",
        "mkdir -p /opt/mm-bot/releases/0.0.1+0ld0ld0 && ln -sfn releases/0.0.1+0ld0ld0 /opt/mm-bot/current",
        "current_is_the_stamped_release",
        "0.0.1+0ld0ld0",
    ),
    Breakage(
        "log not writable",
        f"chown root:root {TODAY} && chmod 600 {TODAY}",
        "log_",
        "/var/log/mm-bot/events",
    ),
    Breakage(
        "Alertmanager route changed",
        "sed -i 's/repeat_interval: 1h/repeat_interval: 99h/' /etc/prometheus/alertmanager.yml",
        "file_",
        "/etc/prometheus/alertmanager.yml",
    ),
    Breakage(
        "binary of the release damaged",
        "printf x >> /opt/mm-bot/current/venv/bin/mm-bot",
        "release_is_undamaged",
        "",
    ),
    Breakage(
        "unit overridden",
        "mkdir -p /etc/systemd/system/mm-bot.service.d && cd /etc/systemd/system/mm-bot.service.d && "
        "printf '[Service]\\nRestart=no\\n' > override.conf && systemctl daemon-reload",
        "process_is_newer_than_its_files",
        "override.conf",
    ),
    Breakage("account with a shell", "usermod --shell /bin/bash mm-bot", "account_cannot_log_in", "/bin/bash"),
    Breakage(
        "directory behind a link",
        "mv /etc/mm-log-store/rules /srv && ln -s /srv/rules /etc/mm-log-store/rules",
        "directory_is_as_declared",
        "link",
    ),
)
