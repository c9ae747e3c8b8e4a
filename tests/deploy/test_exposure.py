"""Every unit of ours is within its limit of `systemd-analyze security`, whichever log stack a host gets."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.services import alertmanager, bot_service, grafana, log_shipper, log_store
from deploy.settings.contexts import context

SECRETS = {
    "alert_webhook_token": "t",
    "loki_s3_access_key": "a",
    "loki_s3_secret_key": "b",
    "grafana_admin_password": "p",
    "grafana_secret_key": "k",
    "bot_agent_key": "v",
    "hyperliquid_agent_key": f"0x{'1' * 64}",
    "hyperliquid_watchdog_key": f"0x{'2' * 64}",
    "kalshi_private_key": r"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
}
VARIANTS: dict[str, dict[str, object]] = {
    "embedded": {"grafana": True},
    "loki and promtail": {"log_store": "loki"},
    "alloy": {"log_store": "loki", "log_shipper": "alloy"},
    "bucket": {"log_store": "loki", "loki_s3": "https://s3.example/logs"},
    "remote": {"log_store": "remote", "loki_url": "https://loki.example"},
    "remote by alloy": {"log_store": "remote", "loki_url": "https://loki.example", "log_shipper": "alloy"},
    "live": {"bot": {"VENUE": "hyperliquid", "LIVE_TRADING_ENABLED": True}},
    "kalshi": {"bot": {"VENUE": "kalshi", "KALSHI_KEY_ID": "6f6a5307-5e11-4000-8000-bfcff5dd3492"}},
    "wide open": {"alertmanager_egress": "0.0.0.0/0", "bot_egress": "0.0.0.0/0"},
}
DEBIANS = "[Service]\nUser=prometheus\nExecStart=/usr/bin/prometheus-alertmanager $ARGS\n"
"""What of Debian's unit bears on it; ours is a drop-in."""
IMPLIED = "\n[Service]\nPrivateMounts=yes\n"
"""Offline, systemd does not see what its other directives bring along."""


def _score(unit: str, text: str, folder: Path) -> float:
    path = folder / unit
    path.write_text(text + IMPLIED)
    command = ["systemd-analyze", "security", "--no-pager", "--offline=true", str(path)]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    return float(found[1])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze on this machine")
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_unit_is_within_its_limit(variant: str, tmp_path: Path) -> None:
    given = {"alert_webhook_url": "http://127.0.0.1/", "install_source": "present", "bot": {}, **VARIANTS[variant]}
    told = context("bot-1", "prod", given, SECRETS)
    judged = set()
    for module in (alertmanager, bot_service, log_store, log_shipper, grafana):
        service = module.service(told)
        texts = {Path(file.path).name: file.content.decode() for file in service.files}
        if module is alertmanager:
            texts[alertmanager.UNIT] = DEBIANS + texts["mmstack.conf"]
        for unit in service.units:
            if unit.max_exposure is not None:
                assert _score(unit.name, texts[unit.name], tmp_path) <= unit.max_exposure, unit.name
                judged.add(unit.name)
    assert len(judged) >= 3
    assert (bot_service.WATCHDOG in judged) is (variant == "live")
