"""`firedrill hardening` on a real host: what bites, what a careless drop-in opens, and that nothing is disturbed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk

pytestmark = pytest.mark.host

NEEDS_CONTROL_GROUPS = {"reach_outside", "reach_metadata", "listen_elsewhere"}
NOT_IN_A_CONTAINER = {"load_module", "set_clock", "kernel_log", "kernel_setting"}
BROKEN = """[Service]
User=root
# Takes back for one folder what ProtectSystem=strict still promises.
ReadWritePaths=/etc
PrivateTmp=no
"""
DROP_IN = "/run/systemd/system/mm-bot.service.d/careless.conf"
SEEN = (
    "systemctl show -p MainPID,NRestarts,InvocationID mm-bot mm-log-store prometheus-alertmanager",
    "ls -lA /run/mm-bot",
    "ls -A /run /tmp /run/systemd/system",
    "find /sys/fs/cgroup -name 'firedrill-*'",
)


def _harden(desk: Desk, tmp_path: Path) -> tuple[int, str, dict[str, dict[str, Any]]]:
    report = tmp_path / "hardening.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "firedrill", "hardening", "inventory/sandbox.py"),
            *("--host", str(desk.host["name"]), "--json", str(report)),
        ],
        cwd=desk.checkout,
        env=desk.environment,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    (columns,) = json.loads(report.read_text()).values()
    return done.returncode, done.stdout, {column["unit"]: column for column in columns}


def test_all_that_can_bite_does_and_nothing_is_disturbed(desk: Desk, tmp_path: Path) -> None:
    before = desk.ssh("; ".join(SEEN))
    code, said, units = _harden(desk, tmp_path)
    assert code == 0, said
    assert desk.ssh("; ".join(SEEN)) == before
    ours = {name: unit for name, unit in units.items() if not name.endswith(" as shipped")}
    assert set(ours) >= {"mm-bot.service", "mm-log-store.service", "prometheus-alertmanager.service"}
    for unit in ours.values():
        assert unit["score"] <= unit["limit"]
        for act, found in unit["acts"].items():
            if act not in NEEDS_CONTROL_GROUPS | NOT_IN_A_CONTAINER and found["verdict"] != "open":
                assert found["verdict"] == "bites", f"{unit['unit']} {act}: {found}"
    alertmanager = units["prometheus-alertmanager.service"]
    still_open = {act for act, found in alertmanager["acts"].items() if found["verdict"] == "open"}
    assert still_open == {"reach_outside", "share_network"}
    shipped = units["prometheus-alertmanager.service as shipped"]
    assert shipped["score"] > 9
    assert sum(found["verdict"] == "open" for found in shipped["acts"].values()) > 12


def test_a_careless_drop_in_is_seen(desk: Desk, tmp_path: Path) -> None:
    desk.ssh(f"mkdir -p {DROP_IN.rpartition('/')[0]}")
    desk.write(DROP_IN, BROKEN)
    try:
        desk.ssh("systemctl daemon-reload")
        code, said, units = _harden(desk, tmp_path)
    finally:
        desk.ssh(f"rm -r {DROP_IN.rpartition('/')[0]}; systemctl daemon-reload")
    assert code == 1
    assert units["mm-bot.service"]["acts"]["write_etc"]["verdict"] == "DOES NOT BITE"
    assert units["mm-bot.service"]["acts"]["others_tmp"]["verdict"] == "open"
    assert "RED mm-bot.service: it can write to /etc" in said
    assert units["mm-log-store.service"]["problems"] == []
