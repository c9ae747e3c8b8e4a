"""Who hears of which alarm, asked of the host's own amtool, for every set of channels."""

from __future__ import annotations

from itertools import combinations

import pytest

from deploy import alertmanager
from deploy.channels import CHANNELS
from deploy.contexts import context
from tests.host.desk import Desk

pytestmark = pytest.mark.host

SECRETS = {
    "alert_webhook_token": "t0ken",
    "slack_webhook_url": "https://hooks.example.net/a",
    "pagerduty_routing_key": "0123456789abcdef0123456789abcdef",
    "discord_webhook_url": "https://discord.example.net/api/webhooks/1/a",
}
SETS = [names for size in range(1, len(CHANNELS) + 1) for names in combinations(CHANNELS, size)]
FOLDER = "/tmp/routes"


def _lay(desk: Desk, names: tuple[str, ...]) -> None:
    data = {"alert_webhook_url": "http://127.0.0.1:9/", "alert_channels": list(names)}
    files = {file.path: file for file in alertmanager.service(context("h", "prod", data, SECRETS)).files}
    desk.ssh(f"mkdir -p {FOLDER}")
    for path in (alertmanager.CONFIG, alertmanager.MESSAGES):
        desk.write(f"{FOLDER}/{path.rpartition('/')[2]}", files[path].content.decode())


@pytest.mark.parametrize("names", SETS, ids=["+".join(names) for names in SETS])
def test_every_set_of_channels_is_valid(desk: Desk, names: tuple[str, ...]) -> None:
    _lay(desk, names)
    assert "SUCCESS" in desk.ssh(f"amtool check-config {FOLDER}/alertmanager.yml")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=ETickError severity=critical market=BTC", "page"),
        ("alertname=OrderRejectRateHigh severity=warning market=BTC", "desk"),
        ("alertname=Watchdog severity=none", "watchdog"),
        ("alertname=SomethingNew", "desk"),
    ],
)
def test_severity_decides_who_hears_of_it(desk: Desk, labels: str, receiver: str) -> None:
    _lay(desk, tuple(CHANNELS))
    found = desk.ssh(f"amtool config routes test --config.file {FOLDER}/alertmanager.yml {labels} 2>/dev/null")
    assert found.split() == [receiver]
