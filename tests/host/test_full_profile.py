"""The full profile on a real host: real Loki and Promtail out of MMSTACK_ARTIFACTS, from bare to alarms that ring.

Skips, saying why, where that folder is not there. What it measured is printed (`pytest -s`).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk
from tests.host.inbox import Inbox, listening
from tests.host.test_hardening import refusals
from tests.real_loki import artifact

pytestmark = pytest.mark.host

Until = Callable[[Callable[[], Any], float, str], Any]
LOKI = ("--data", "log_store=loki", "--data", "install_source=archive", "--data")
"""The folder comes behind it."""
ROUNDS = 12


@pytest.fixture(scope="module")
def profile() -> tuple[str, ...]:
    artifact("promtail")
    return (*LOKI, f"artifacts={artifact('loki').parent}")


@pytest.fixture(scope="module")
def full(
    profile: tuple[str, ...], sandbox_host: Callable[..., Any], sandbox_dir: Path, checkout: Path
) -> Iterator[Desk]:
    """A host of its own that had nothing on it."""
    with sandbox_host(prefix="full") as host:
        desk = Desk(checkout, sandbox_dir, host.facts)
        said = desk.deploy(*profile)
        assert said.code == 0, said.text
        _tell(f"bare host to green, Loki and Promtail from archives: {said.seconds:.1f} s")
        yield desk


@pytest.fixture
def inbox(full: Desk) -> Iterator[Inbox]:
    with listening(full.address, 9190) as inbox:
        yield inbox


def test_a_second_deploy_changes_nothing_and_the_whole_host_is_green(full: Desk, profile: tuple[str, ...]) -> None:
    said = full.deploy(*profile)
    assert (said.code, said.changes) == (0, 0), said.text
    _tell(f"second deploy: {said.seconds:.2f} s, nothing changed")
    assert said.text.count("Promtail gets no fixes since 2026-03-02") == 1
    checked, host = full.firedrill("--no-drills", *profile)
    assert checked.code == 0, checked.text
    assert len(host["checks"]) > 125


def test_no_unit_gets_away_with_what_it_must_not_do(full: Desk, profile: tuple[str, ...]) -> None:
    said, units = full.hardening(*profile)
    assert said.code == 0, said.text
    assert set(refusals(units)) >= {"loki.service", "promtail.service", "mm-bot.service"}
    for name in ("loki.service", "promtail.service"):
        _tell(f"{name}: exposure {units[name]['score']}, as its vendor ships it {units[f'{name} as shipped']['score']}")


def test_a_line_is_queryable_and_rings_soon(full: Desk, inbox: Inbox, until: Until) -> None:
    queryable, rung = [], []
    for number in range(ROUNDS):
        market = f"PROBE-{number}"
        written = _reject(full, market)
        until(lambda market=market: _count(full, f'|= "{market}"') == 1, 20, f"{market} in Loki")
        queryable.append(time.time() - written)
        until(lambda market=market: inbox.heard("ETickError", market=market), 30, f"an alarm of {market}")
        rung.append(inbox.heard("ETickError", market=market) - written)
    _tell(f"line to queryable: median {statistics.median(queryable):.2f} s, worst {max(queryable):.2f} s")
    _tell(f"line to webhook: median {statistics.median(rung):.1f} s, worst {max(rung):.1f} s of {ROUNDS}")
    assert max(rung) < 60


def test_one_stray_file_is_named_and_the_rules_load_again(full: Desk, profile: tuple[str, ...]) -> None:
    """Real Loki reports a successful reload all the same, and loads no rule any more."""
    full.ssh("echo notes > /etc/loki/rules/fake/notes.txt")
    _, host = full.firedrill("--no-drills", "--settle", "0", *profile)
    red = [check["name"] for check in host["checks"] if not check["ok"]]
    assert "directory_has_no_strays[/etc/loki/rules/fake]" in red
    assert full.deploy(*profile).code == 0
    checked, _ = full.firedrill("--no-drills", *profile)
    assert checked.code == 0, checked.text


def test_a_new_build_of_loki_comes_and_goes(full: Desk, profile: tuple[str, ...], tmp_path: Path, until: Until) -> None:
    """Another pin is another path; the one before lies ready, so going back uploads nothing."""
    for name in ("loki", "promtail"):
        (tmp_path / name).write_bytes(artifact(name).read_bytes() + (b"\0" if name == "loki" else b""))
        (tmp_path / name).chmod(0o755)
    there = full.ssh("systemctl show -p ExecStart loki")
    newer = full.deploy(*profile[:-1], f"artifacts={tmp_path}")
    assert newer.code == 0, newer.text
    assert full.ssh("systemctl show -p ExecStart loki") != there
    back = full.deploy(*profile)
    assert back.code == 0, back.text
    assert full.ssh("ls /opt/mmstack/bin | grep -c loki-") == "2\n"
    _tell(f"Loki to another build {newer.seconds:.1f} s, back {back.seconds:.1f} s")


def test_the_shipper_killed_while_loki_is_away_loses_no_line_and_doubles_none(full: Desk, until: Until) -> None:
    """Its unit sends what it had read and could give to nobody, and what it had not read, before it starts again."""
    log, noted = "/var/log/mm-bot/events-$(date -u +%F)-numbered.jsonl", "/var/lib/promtail/positions.yaml"
    line = (
        """'{"ts":'$(date +%s)'.%06d,"level":"info","run":"numbered","n":%d,"release":"1","action":"quote_place"}\\n'"""
    )
    full.ssh("systemctl stop loki")
    full.ssh(f"umask 027; printf {line} $(seq 3000 | sed p) > {log}; chown mm-bot:mm-bot {log}")
    until(lambda: full.ssh(f"test {noted} -nt {log} && echo yes", check=False), 20, "Promtail has noted what it read")
    full.ssh("systemctl kill --signal=KILL promtail; systemctl start loki")
    until(lambda: full.ssh("systemctl is-active promtail", check=False).strip() == "active", 60, "Promtail runs again")
    until(lambda: _count(full, '|= "numbered"') == 3000, 30, "every line in Loki, once")
    full.ssh(f"rm {log}")


def test_the_move_to_files_and_back_keeps_every_line_and_the_alarms(
    full: Desk, profile: tuple[str, ...], until: Until
) -> None:
    moved = full.deploy()
    assert moved.code == 0, moved.text
    _reject(full, "WHILE-EMBEDDED")
    before = _lines_in_files(full)
    back = full.deploy(*profile)
    assert back.code == 0, back.text
    until(lambda: _count(full, '|= "WHILE-EMBEDDED"') == 1, 60, "the line written while the files were the store")
    until(lambda: _count(full, "") >= before, 60, f"{before} lines in Loki")
    _tell(f"Loki to the embedded store {moved.seconds:.1f} s, back {back.seconds:.1f} s")


def test_what_it_needs_of_memory(full: Desk) -> None:
    for unit in ("mm-bot", "loki", "promtail", "prometheus-alertmanager"):
        pid = full.ssh(f"systemctl show -p MainPID --value {unit}").strip()
        kib = int(full.ssh(f"awk '/^VmRSS/ {{ print $2 }}' /proc/{pid}/status"))
        _tell(f"{unit}: {kib / 1024:.0f} MiB")
        assert kib < 600 * 1024


def _reject(desk: Desk, market: str) -> float:
    """Appends an order that was refused for its tick to the bot's log; the unix time of it."""
    line = {"level": "warning", "run": "probe", "n": 1, "release": "0", "action": "order_reject", "market": market}
    text = json.dumps({**line, "code": "E_TICK", "reason": "Price must be divisible by tick size. asset=0"})
    at = desk.ssh(
        f"at=$(date +%s.%6N); printf '{{\"ts\": %s, %s\\n' $at '{text[1:]}' "
        f">> /var/log/mm-bot/events-$(date -u +%F)-probe.jsonl; chown mm-bot: /var/log/mm-bot/*-probe.jsonl; echo $at"
    )
    return float(at)


def _count(desk: Desk, filters: str) -> int:
    """Lines that Loki has, by a metric query over the last day."""
    query = urllib.parse.urlencode({"query": f'sum(count_over_time({{job="bot"}} {filters} [24h]))'})
    with urllib.request.urlopen(f"http://{desk.address}:3100/loki/api/v1/query?{query}", timeout=10) as answer:
        found = json.load(answer)["data"]["result"]
    return int(found[0]["value"][1]) if found else 0


def _lines_in_files(desk: Desk) -> int:
    return int(desk.ssh("cat /var/log/mm-bot/events-*.jsonl | wc -l"))


def _tell(text: str) -> None:
    sys.stdout.write(f"    measured: {text}\n")
