"""`firedrill hardening` on a real host: what bites, what a careless drop-in opens, and that nothing is disturbed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.host.desk import Desk

pytestmark = pytest.mark.host

NEEDS_CONTROL_GROUPS = {"reach_outside", "reach_metadata", "listen_elsewhere", "use_device"}
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
    "ls -lAd /run/mm-bot/* /var/lib/mm-bot /var/log/mm-bot /var/lib/mm-log-store /var/lib/prometheus",
    "stat -c '%n %U %G %a' /var/lib/mm-bot/* /var/log/mm-bot/*",
    "ls -A /run /tmp /run/systemd/system",
    "find /sys/fs/cgroup -name 'firedrill-*'",
)


def refusals(units: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """By unit of ours: what its directives claim to forbid; each bites, or it cannot be tried in a container."""
    claimed: dict[str, set[str]] = {}
    for name, unit in units.items():
        if name.endswith(" as shipped"):
            continue
        assert unit["score"] <= unit["limit"]
        claimed[name] = {act for act, found in unit["acts"].items() if found["verdict"] != "open"}
        for act in claimed[name] - NEEDS_CONTROL_GROUPS - NOT_IN_A_CONTAINER:
            assert unit["acts"][act]["verdict"] == "bites", f"{name} {act}: {unit['acts'][act]}"
    return claimed


def test_all_that_can_bite_does_and_nothing_is_disturbed(desk: Desk) -> None:
    before = desk.ssh("; ".join(SEEN))
    said, units = desk.hardening()
    assert said.code == 0, said.text
    assert desk.ssh("; ".join(SEEN)) == before
    claimed = refusals(units)
    assert set(claimed) >= {"mm-bot.service", "mm-log-store.service", "prometheus-alertmanager.service"}
    alertmanager = units["prometheus-alertmanager.service"]["acts"]
    assert set(alertmanager) - claimed["prometheus-alertmanager.service"] == {"reach_outside", "share_network"}
    shipped = units["prometheus-alertmanager.service as shipped"]
    assert shipped["score"] > 9
    assert sum(found["verdict"] == "open" for found in shipped["acts"].values()) > 12


def test_a_careless_drop_in_is_seen(desk: Desk) -> None:
    before = desk.ssh("; ".join(SEEN))
    desk.ssh(f"mkdir -p {DROP_IN.rpartition('/')[0]}")
    desk.write(DROP_IN, BROKEN)
    try:
        desk.ssh("systemctl daemon-reload")
        said, units = desk.hardening()
    finally:
        desk.ssh(f"rm -r {DROP_IN.rpartition('/')[0]}; systemctl daemon-reload")
    assert desk.ssh("; ".join(SEEN)) == before, "the bot's directories are still its own"
    assert said.code == 1
    assert units["mm-bot.service"]["acts"]["write_etc"]["verdict"] == "DOES NOT BITE"
    assert units["mm-bot.service"]["acts"]["others_tmp"]["verdict"] == "open"
    assert "RED mm-bot.service: it can write to /etc" in said.text
    assert units["mm-log-store.service"]["problems"] == []


def test_two_at_once_do_not_mix(desk: Desk) -> None:
    desk.ssh("systemd-run --quiet --unit holder flock /run/firedrill-attempt.lock sleep 60")
    try:
        said = subprocess.run(
            [sys.executable, "-m", "firedrill", "hardening", "inventory/sandbox.py", "--host", str(desk.host["name"])],
            cwd=desk.checkout,
            env=desk.environment,
            capture_output=True,
            text=True,
        )
    finally:
        desk.ssh("systemctl stop holder; rm -f /run/firedrill-attempt.lock")
    assert said.returncode == 2
    assert "another firedrill hardening is at work on it; try again when it has ended" in said.stderr
