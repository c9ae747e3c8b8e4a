"""Who hears of which alarm, asked of the host's own amtool, for every set of channels."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from deploy.services import alertmanager
from deploy.settings.channels import CHANNELS
from deploy.settings.contexts import context
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


RUNBOOKS = "https://git.example.net/desk"
ALERT = {
    "status": "firing",
    "labels": {"alertname": "ETickError", "host": "bot-1", "market": "SOL"},
    "annotations": {
        "summary": "2 order(s) on SOL refused",
        "release": "1.4.0+abc1234",
        "query": "etick",
        "runbook": "alerts/orders/ETickError.md",
    },
}
MESSAGE = {"status": "firing", "alerts": [ALERT], "commonLabels": ALERT["labels"]}


def _lay(desk: Desk, names: tuple[str, ...]) -> None:
    data = {
        "alert_webhook_url": "http://127.0.0.1:9/",
        "alert_channels": list(names),
        "runbook_base_url": RUNBOOKS,
    }
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


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ("title", ["[FIRING] ETickError SOL on bot-1"]),
        (
            "text",
            [
                "2 order(s) on SOL refused",
                "Host: bot-1, release 1.4.0+abc1234",
                "Look: firedrill query etick",
                "Runbook: https://git.example.net/desk/alerts/orders/ETickError.md",
            ],
        ),
    ],
)
def test_people_read_what_happened_where_and_where_to_look(desk: Desk, part: str, read: list[str]) -> None:
    _lay(desk, ("slack",))
    desk.write(f"{FOLDER}/message.json", json.dumps(MESSAGE))
    template = '{{ template "mm-bot.' + part + '" . }}'
    glob, data = f"--template.glob={FOLDER}/mm-bot.tmpl", f"--template.data={FOLDER}/message.json"
    said = desk.ssh(f"amtool template render {glob} {data} --template.text='{template}'")
    assert said.splitlines() == read
