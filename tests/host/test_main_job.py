"""The main job on a real host: deployed from bare, proved, broken in ten ways, repaired, and loud when it must be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.host.breakages import BREAKAGES, Breakage
from tests.host.desk import Desk

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]


def test_a_second_deploy_changes_nothing(desk: Desk) -> None:
    said = desk.deploy()
    assert (said.code, said.changes) == (0, 0), said.text


def test_the_whole_host_is_green_and_says_so_to_programs(desk: Desk, tmp_path: Path) -> None:
    said, host = desk.firedrill("--no-drills", "--junit", str(tmp_path / "junit.xml"))
    assert said.code == 0, said.text
    assert len(host["checks"]) >= 25
    assert set(host["checks"][0]) >= {"name", "ok", "found", "expected", "remedy", "ms"}
    assert "<testsuite" in (tmp_path / "junit.xml").read_text()


@pytest.mark.parametrize("breakage", BREAKAGES, ids=[breakage.name for breakage in BREAKAGES])
def test_a_breakage_is_named_and_the_next_deploy_repairs_it(desk: Desk, breakage: Breakage) -> None:
    desk.ssh(breakage.command)
    red = desk.red_checks()
    named = [c for name, c in red.items() if name.startswith(breakage.check) and breakage.names in json.dumps(c)]
    assert named, f"not named among the red checks: {red}"
    assert all(check["remedy"] for check in red.values())
    said = desk.deploy()
    assert said.code == 0, said.text
    assert said.changes > 0
    assert desk.red_checks() == {}


def test_a_killed_bot_is_back_in_time_with_its_position_and_without_orphans(desk: Desk, until: Until) -> None:
    before = desk.ctl("status")
    fills = 'grep \'"action":"FILL"\' /var/log/mm-bot/events.jsonl || true'
    until(lambda: before["run"] in desk.ssh(fills), 60, "a fill in this run")
    killed = time.monotonic()
    desk.ssh("systemctl kill --signal=KILL mm-bot")

    def quoting_again() -> dict[str, Any] | None:
        text = desk.ssh("/opt/mm-bot/current/venv/bin/mm-bot ctl status", check=False)
        status = json.loads(text) if text.startswith("{") else {}
        return status if status.get("ready") and status["pid"] != before["pid"] and status["open_orders"] else None

    after = until(quoting_again, 10, "the bot to quote again")
    assert time.monotonic() - killed < 5
    log = [json.loads(line) for line in desk.ssh("cat /var/log/mm-bot/events.jsonl").splitlines()]
    held = {
        line["market"]: line["position"] for line in log if line["action"] == "FILL" and line["run"] == before["run"]
    }
    kept = {
        line["market"]: line["journal"] for line in log if line["action"] == "position" and line["run"] == after["run"]
    }
    assert held
    assert {market: kept[market] for market in held} == held
    orders = desk.ctl("orders")
    assert {order["cloid"] for order in orders["venue"]} == {order["cloid"] for order in orders["ours"]}


def test_sigterm_leaves_no_order_resting(desk: Desk) -> None:
    desk.ssh("systemctl stop mm-bot")
    last = desk.ssh("tail -n 1 /var/log/mm-bot/events.jsonl")
    desk.ssh("systemctl start mm-bot")
    assert json.loads(last)["action"] == "shutdown"
    assert json.loads(last)["resting"] == 0


def test_reload_obeys_the_kill_switch_without_a_restart(desk: Desk, until: Until) -> None:
    before = desk.ctl("status")["pid"]
    switch = "sed -i 's/DISABLE_NEW_QUOTES=.*/DISABLE_NEW_QUOTES={}/' /etc/mm-bot/mm-bot.env && systemctl reload mm-bot"
    desk.ssh(switch.format("true"))
    until(lambda: desk.ctl("orders")["venue"] == [], 2, "all quotes to be gone")
    desk.ssh(switch.format("false"))
    until(lambda: desk.ctl("orders")["venue"], 5, "quotes to be back")
    assert desk.ctl("status")["pid"] == before


def test_the_kill_switch_survives_a_restart(desk: Desk, until: Until) -> None:
    assert desk.ctl("quotes", "off")
    until(lambda: desk.ctl("orders")["venue"] == [], 2, "all quotes to be gone")
    desk.ssh("systemctl restart mm-bot")
    assert desk.ctl("status")["quotes_enabled"] is False
    desk.ctl("quotes", "on")
    until(lambda: desk.ctl("orders")["venue"], 5, "quotes to be back")


def test_a_stale_process_is_found_and_restarted(desk: Desk) -> None:
    """A deploy cut between switch and restart leaves one: its files are right, the process is older."""
    desk.ssh("touch -c /etc/mm-bot/mm-bot.env")
    said = desk.deploy()
    assert "plan: restart mm-bot.service\n" in said.text
    assert said.changes > 0
    assert desk.deploy().changes == 0


def test_a_closed_day_is_compressed_and_no_line_is_lost(desk: Desk) -> None:
    desk.write("/var/log/mm-bot/events-2020-01-01.jsonl", '{"ts":1577836800.0,"action":"heartbeat"}\n')
    desk.ssh(
        "chown mm-bot: /var/log/mm-bot/events-2020-01-01.jsonl; touch -d '3 days ago' /var/log/mm-bot/events-2020*"
    )
    today = desk.ssh("readlink /var/log/mm-bot/events.jsonl").strip()
    inode = desk.ssh(f"stat -c %i /var/log/mm-bot/{today}")
    desk.ssh("logrotate --force /etc/logrotate.d/mm-bot", check=False)
    listing = desk.ssh("ls /var/log/mm-bot")
    assert "events-2020-01-01.jsonl.1.gz" in listing.split()
    assert "events-2020-01-01.jsonl" not in listing.split()
    assert desk.ssh(f"stat -c %i /var/log/mm-bot/{today}") == inode, "the file being written is never renamed"
    assert "heartbeat" in desk.ssh("zcat /var/log/mm-bot/events-2020-01-01.jsonl.1.gz")
    desk.ssh("rm /var/log/mm-bot/events-2020*")
