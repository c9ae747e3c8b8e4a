"""Secrets on a real host: on no disk in clear, in no output, in no process but their own; and they rotate."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.desk import Desk

pytestmark = pytest.mark.host

NAME = "bot_agent_key"
WHERE = {
    NAME: "/run/credentials/mm-bot.service",
    "alert_webhook_token": "/run/credentials/prometheus-alertmanager.service",
}
WATCH = "firedrill-watch.service"
SEEN = "/run/firedrill-watch"
PROCESSES = 'while :; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; sleep 0.05; done'


class SecretsFile:
    """The operator's file, as an operator edits it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def values(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.path.read_text().splitlines() if line)

    def put(self, name: str, value: str) -> str:
        text = "".join(f"{n}={v}\n" for n, v in {**self.values(), name: value}.items())
        self.path.write_text(text)
        return value


@pytest.fixture
def secrets_file(desk: Desk) -> Iterator[SecretsFile]:
    path = desk.checkout / "inventory" / "secrets" / "sandbox.env"
    before = path.read_text()
    yield SecretsFile(path)
    path.write_text(before)
    assert desk.deploy().code == 0


@pytest.fixture
def processes(desk: Desk) -> Iterator[None]:
    """Arguments and environment of every process of the host are written down as long as the test runs."""
    desk.ssh(f"systemd-run --quiet --unit {WATCH} -p StandardOutput=file:{SEEN} sh -c '{PROCESSES}'")
    yield
    desk.ssh(f"systemctl stop {WATCH}; rm -f {SEEN}")


def _holders(desk: Desk, value: str) -> list[str]:
    """Files on the host's disk, of whatever was written since the image was made, that hold a value."""
    upper = Path(str(desk.host["root"])).with_name("upper")
    assert (upper / "etc").is_dir(), "this is where the host's changes lie"
    done = subprocess.run(["grep", "-rlF", "-f", "-", str(upper)], input=value, capture_output=True, text=True)
    return sorted(line.removeprefix(str(upper)) for line in done.stdout.splitlines())


def _in_memory(desk: Desk, name: str) -> str:
    return desk.ssh(f"cat {WHERE[name]}/{name}")


def test_a_new_secret_reaches_its_service_and_nothing_else(
    desk: Desk, secrets_file: SecretsFile, processes: None
) -> None:
    value = secrets_file.put(NAME, secrets.token_hex(24))
    token = secrets_file.values()["alert_webhook_token"]
    deployed = desk.deploy("-vvv", "--diff")
    assert deployed.code == 0, deployed.text
    again = desk.deploy()
    assert again.changes == 0, "sealing gives other bytes every time; what counts is what is inside"
    checked, report = desk.firedrill("--no-drills")
    assert checked.code == 0, checked.text
    assert {name: _in_memory(desk, name) for name in WHERE} == {NAME: value, "alert_webhook_token": token}

    said = {
        "the deploys": deployed.text + again.text,
        "the checks": checked.text + json.dumps(report),
        "processes and their environment": desk.ssh(f"cat {SEEN}"),
        "the journal": desk.ssh("journalctl --no-pager --output=json"),
        "the stamp": desk.ssh("cat /var/lib/mmstack/stamp.json"),
        "the units": desk.ssh("systemctl show --all mm-bot prometheus-alertmanager; systemctl cat mm-bot"),
    }
    for where, text in said.items():
        assert len(text) > 100, where
        for secret in (value, token):
            assert secret not in text, f"a secret is in {where}"
            if where != "the deploys":  # -vvv shows what a host answers, hashes too
                assert hashlib.sha256(secret.encode()).hexdigest()[:12] not in text, f"its hash is in {where}"
    assert "H4sI" not in deployed.text, "the upload itself, a gzip in base64, was printed"
    assert [_holders(desk, value), _holders(desk, token)] == [[], []]
    assert re.findall(r"bot_agent_key\S*", desk.ssh("ls /etc/mm-bot/credentials")) == [f"{NAME}.host"]


def test_a_secret_rotates_with_one_restart(desk: Desk, secrets_file: SecretsFile) -> None:
    old = secrets_file.put(NAME, secrets.token_hex(24))
    assert desk.deploy().code == 0
    new = secrets_file.put(NAME, secrets.token_hex(24))
    said = desk.deploy()
    assert f"plan: write /etc/mm-bot/credentials/{NAME}.host; restart mm-bot.service\n" in said.text
    assert _in_memory(desk, NAME) == new
    assert desk.deploy().changes == 0
    assert [_holders(desk, old), _holders(desk, new)] == [[], []]


def test_a_secret_that_the_host_cannot_open_is_sealed_anew(desk: Desk) -> None:
    desk.ssh("echo nonsense > /etc/prometheus/credentials/alert_webhook_token.host")
    report, host = desk.firedrill("--no-drills", "--settle", "0")
    red = {check["name"]: check for check in host["checks"] if not check["ok"]}
    (name,) = [name for name in red if "alert_webhook_token" in name and "file_is" in name]
    assert "cannot open" in str(red[name])
    assert report.code == 1
    assert desk.deploy().code == 0
    assert desk.deploy().changes == 0


def test_a_desk_may_leave_them_plain(desk: Desk) -> None:
    """Where a host cannot seal: plain on the disk, root's only, and still in no environment."""
    assert desk.deploy("--data", "seal_secrets_with=none").code == 0
    plain = desk.ssh("stat -c '%a %U %n' /etc/prometheus/credentials/*")
    assert plain == "600 root /etc/prometheus/credentials/alert_webhook_token\n"
    assert desk.deploy("--data", "seal_secrets_with=none").changes == 0
    assert desk.deploy().code == 0
    assert desk.ssh("ls /etc/prometheus/credentials") == "alert_webhook_token.host\n"
    assert _holders(desk, _in_memory(desk, "alert_webhook_token")) == []
