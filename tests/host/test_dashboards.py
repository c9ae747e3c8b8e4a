"""mm-bot-grafana-import on a real host, which has no Grafana: dashboards follow the release, forward and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk, Said
from tests.host.repository import copy_working_tree, git, tag

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
FOLDER = "/var/lib/mm-dashboards"
SERVICE = "mm-bot-grafana-import.service"
ORDERS = "dashboards/json/mm-bot-orders.json"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sandbox_host: Callable[..., Any], sandbox_dir: Path) -> Desk:
    """A host that runs v1.0.0; v1.1.0 has a dashboard fewer and one renamed, v1.2.0 a broken one."""
    root = copy_working_tree(tmp_path_factory.mktemp("boards") / "mmstack")
    whole = (root / ORDERS).read_text()
    tag(root, "1.0.0")
    (root / ORDERS).write_text(json.dumps({**json.loads(whole), "title": "Orders, anew"}))
    git(root, "rm", "-q", "dashboards/json/mm-bot-rotation.json")
    tag(root, "1.1.0")
    (root / ORDERS).write_text("{")
    tag(root, "1.2.0")
    git(root, "checkout", "-q", "v1.0.0")
    desk = Desk(root, sandbox_dir, sandbox_host(prefix="boards").facts)
    said = _deploy(desk, "1.0.0")
    assert said.code == 0, said.text
    return desk


def _deploy(desk: Desk, release: str) -> Said:
    base = "https://git.example/100%25/$desk"
    told = ("grafana_import=true", f"runbook_base_url={base}", f"release=v{release}")
    return desk.deploy(*(word for pair in told for word in ("--data", pair)))


def _boards(desk: Desk) -> dict[str, str]:
    """Titles by file name."""
    texts = desk.ssh(
        f"cd {FOLDER} && for board in *.json; do text=$(cat $board | tr -d '\\n'); echo \"$board $text\"; done"
    )
    return {line.partition(" ")[0]: json.loads(line.partition(" ")[2])["title"] for line in texts.splitlines()}


def _journal(desk: Desk) -> str:
    return desk.ssh("journalctl -q -o cat -t mm-bot-grafana-import")


def test_a_deploy_imports_them_and_a_second_one_changes_nothing(desk: Desk, until: Until) -> None:
    until(lambda: len(_boards(desk)) == 5, 10, "five dashboards")
    text = desk.ssh(f"cat {FOLDER}/mm-bot-orders.json")
    assert '"https://git.example/100%25/$desk/"' in text
    again = _deploy(desk, "1.0.0")
    assert (again.code, again.changes) == (0, 0), again.text
    before = desk.ssh(f"stat -c '%n %Z' {FOLDER}/*")
    desk.ssh(f"systemctl start {SERVICE}")
    assert f"{FOLDER}: 0 changed" in _journal(desk).splitlines()[-1]
    assert desk.ssh(f"stat -c '%n %Z' {FOLDER}/*") == before


def test_they_follow_the_release_forward_and_back(desk: Desk, until: Until) -> None:
    before = _boards(desk)
    assert _deploy(desk, "1.1.0").code == 0
    until(lambda: _boards(desk).get("mm-bot-orders.json") == "Orders, anew", 10, "the new release's title")
    until(lambda: "mm-bot-rotation.json" not in _boards(desk), 10, "a dashboard to go")
    assert {"changed mm-bot-orders.json", "removed mm-bot-rotation.json"} <= set(_journal(desk).splitlines())
    assert _deploy(desk, "1.0.0").code == 0
    until(lambda: _boards(desk) == before, 10, "the older dashboards")


def test_a_release_with_a_broken_dashboard_is_refused(desk: Desk) -> None:
    before = _boards(desk)
    said = _deploy(desk, "1.2.0")
    assert said.code != 0
    assert "dashboards of the release refused" in said.text
    assert "mm-bot-orders.json is no dashboard" in said.text
    assert "nothing was changed on this host" in said.text
    assert _boards(desk) == before


def test_a_broken_dashboard_on_the_host_leaves_the_folder_as_it_is(desk: Desk) -> None:
    before = _boards(desk)
    (board,) = desk.ssh(f"ls /opt/mm-bot/current/venv/lib/python3*/site-packages/{ORDERS}").split()
    desk.ssh(f"cp {board} /root/kept; echo '{{' > {board}; ! systemctl start {SERVICE}")
    assert "is no dashboard" in _journal(desk)
    assert _boards(desk) == before
    desk.ssh(f"cp /root/kept {board}; rm /root/kept; systemctl start {SERVICE}")


def test_dashboards_that_are_not_the_releases_are_red(desk: Desk) -> None:
    desk.ssh(f"rm {FOLDER}/mm-bot-orders.json; echo '{{}}' > {FOLDER}/stray.json")
    told = [word for name in ("grafana_import=true", "release=v1.0.0") for word in ("--data", name)]
    _, host = desk.firedrill("--no-drills", "--settle", "0", *told)
    (red,) = [check for check in host["checks"] if check["name"].startswith("dashboards_are_those_of_the_release")]
    assert not red["ok"]
    assert "mm-bot-orders.json is missing" in str(red["found"])
    desk.ssh(red["remedy"].partition(" on ")[0])
    _, host = desk.firedrill("--no-drills", *told)
    assert [c["ok"] for c in host["checks"] if c["name"] == red["name"]] == [True]


def test_the_import_may_do_nothing_else(desk: Desk) -> None:
    score = desk.ssh(f"systemd-analyze security --no-pager {SERVICE} | tail -n 1")
    assert float(score.split(":")[1].split()[0]) <= 1.0, score
    assert desk.ssh(f"stat -c '%U %a' {FOLDER}").split() == ["mm-dashboards", "755"]


def test_an_uninstall_takes_them_away(desk: Desk) -> None:
    said = desk.deploy("--data", "action=uninstall", "--data", "grafana_import=true", "--data", "purge=true")
    assert said.code == 0, said.text
    left = f"ls -d {FOLDER} /etc/systemd/system/mm-bot-grafana* 2>/dev/null; getent passwd mm-dashboards || true"
    assert desk.ssh(left).strip() == ""
