"""Grafana's service on a real host, with a stand-in for the program: unit, credentials, files, restart, uninstall."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk, Said
from tests.host.stand_in_grafana import PROGRAM

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
UNIT = "grafana-server.service"
PLACE = "/usr/share/grafana/bin/grafana"
TOKENS = ("alert_webhook_token", "grafana_admin_password", "grafana_secret_key")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets") / "desk.env"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}=s3cret-{name}\n" for name in TOKENS))
    return path


@pytest.fixture(scope="module")
def desk(sandbox_host: Callable[..., Any], sandbox_dir: Path, checkout: Path, secrets: Path) -> Desk:
    """A bare host on which somebody has put a Grafana."""
    desk = Desk(checkout, sandbox_dir, sandbox_host(prefix="boards").facts)
    desk.ssh(f"mkdir -p {PLACE.rpartition('/')[0]}")
    desk.write(PLACE, PROGRAM)
    desk.ssh(f"chmod 755 {PLACE}")
    said = _deploy(desk, secrets)
    assert said.code == 0, said.text
    return desk


def _deploy(desk: Desk, secrets: Path, *more: str) -> Said:
    told = ("grafana=true", "install_source=grafana:present", f"secrets_file={secrets}", *more)
    return desk.deploy(*(word for pair in told for word in ("--data", pair)))


def _asked(desk: Desk) -> dict[str, Any]:
    answer = desk.ssh(
        f"python3 -c 'import urllib.request as u; print(u.urlopen(\"http://{desk.address}:3000/api/health\").read().decode())'"
    )
    return dict(json.loads(answer))


def _pid(desk: Desk) -> str:
    return desk.ssh(f"systemctl show -P MainPID {UNIT}").strip()


def test_it_runs_with_all_it_is_told_and_may_write_nothing_else(desk: Desk, until: Until) -> None:
    found = _asked(desk)
    assert str(found["user"]) == desk.ssh("id -u grafana").strip()
    assert found["secrets"] == sorted(TOKENS)
    assert found["provisioned"] == 5
    until(lambda: len(_asked(desk)["dashboards"]) == 5, 10, "five dashboards")
    assert found["writes"] == []
    assert desk.ssh("stat -c '%U %a' /var/lib/grafana").split() == ["grafana", "750"]


def test_a_second_deploy_changes_nothing_and_the_host_is_green(desk: Desk, secrets: Path) -> None:
    again = _deploy(desk, secrets)
    assert (again.code, again.changes) == (0, 0), again.text


def test_it_is_restarted_when_an_alerting_file_changes(desk: Desk, secrets: Path) -> None:
    before = _pid(desk)
    said = _deploy(desk, secrets, "runbook_base_url=https://git.example/desk")
    assert said.code == 0, said.text
    assert "restart" in said.text
    assert _pid(desk) != before
    assert _deploy(desk, secrets).code == 0


def test_no_secret_of_it_is_where_others_can_read(desk: Desk, secrets: Path) -> None:
    said = _deploy(desk, secrets, "runbook_base_url=https://git.example/more")
    assert "s3cret" not in said.text
    assert "s3cret-grafana" not in desk.ssh(f"tr '\\0' ' ' < /proc/{_pid(desk)}/environ")
    readable = desk.ssh(
        "grep -rl --exclude-dir=proc --exclude-dir=sys -- s3cret-grafana /etc /var /run /tmp || true"
    ).split()
    assert readable
    for path in readable:
        assert int(desk.ssh(f"stat -c %a {path}"), 8) & 0o077 == 0 or path.startswith("/run/credentials/"), path


def test_without_its_secrets_nothing_is_touched(desk: Desk, tmp_path: Path) -> None:
    poor = tmp_path / "poor.env"
    poor.touch(mode=0o600)
    poor.write_text("alert_webhook_token=s3cret\n")
    said = _deploy(desk, poor)
    assert said.code != 0
    assert "grafana_admin_password is missing" in said.text
    assert "nothing was changed" in said.text


def test_without_the_setting_it_goes_and_with_it_it_is_back(desk: Desk, secrets: Path) -> None:
    told = [word for name in (f"secrets_file={secrets}",) for word in ("--data", name)]
    said = desk.deploy(*told)
    assert said.code == 0, said.text
    assert desk.ssh(f"systemctl is-active {UNIT} mm-bot-grafana-import.timer", check=False).split() == ["inactive"] * 2
    assert desk.ssh("find /etc/grafana /etc/systemd/system -name '*grafana*' -type f").strip() == ""
    assert desk.deploy(*told).changes == 0
    assert _deploy(desk, secrets).code == 0
    assert _asked(desk)["provisioned"] == 5


def test_an_uninstall_leaves_the_program_that_others_brought(desk: Desk, secrets: Path) -> None:
    said = _deploy(desk, secrets, "action=uninstall", "purge=true")
    assert said.code == 0, said.text
    ours = "/etc/grafana /var/lib/grafana /var/lib/mm-dashboards /etc/systemd/system/grafana*"
    left = f"ls -d {ours} 2>/dev/null; getent passwd grafana || true"
    assert desk.ssh(left).strip() == ""
    assert desk.ssh(f"ls {PLACE}").strip() == PLACE
