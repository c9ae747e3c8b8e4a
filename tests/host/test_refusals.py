"""Bad input on a real host: a clear sentence, exit status 1 or 2, and nothing half-done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.host.desk import Desk, Said

pytestmark = pytest.mark.host


@pytest.fixture
def untouched(desk: Desk) -> Iterator[Desk]:
    """The deployed host; afterwards not a file of it and not a process may have changed."""
    before = _snapshot(desk)
    yield desk
    assert _snapshot(desk) == before


def _snapshot(desk: Desk) -> str:
    files = "find /etc /opt /usr/local /var/lib/mmstack -not -path '*/releases/*' -printf '%p %C@ %m\\n' | sort"
    release = "ls /opt/mm-bot/releases; readlink /opt/mm-bot/current"
    processes = "systemctl show -p MainPID mm-bot mm-log-store prometheus-alertmanager"
    return desk.ssh(f"{files}; {release}; {processes}")


@pytest.fixture
def elsewhere(untouched: Desk, tmp_path: Path) -> Desk:
    """The same host, deployed from a copy of the checkout that may be spoilt."""
    shutil.copytree(untouched.checkout, tmp_path / "mmstack", symlinks=True)
    return Desk(tmp_path / "mmstack", untouched.sandbox_dir, untouched.host)


def _refused(said: Said, *words: str) -> None:
    assert said.code != 0
    for word in words:
        assert word in said.text, said.text
    assert "Traceback" not in said.text


def _spoil(desk: Desk, name: str, old: str, new: str) -> None:
    path = desk.checkout / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_unknown_setting_of_the_deploy(untouched: Desk) -> None:
    _refused(untouched.deploy("--data", "bind_addres=127.0.0.1"), "unknown setting bind_addres", "bind_address")


def test_a_full_disk(untouched: Desk) -> None:
    _refused(untouched.deploy("--data", "min_free_disk_mib=99999999"), "MiB free, 99999999 (min_free_disk_mib)")


def test_an_undefined_name_in_a_template(elsewhere: Desk) -> None:
    _spoil(elsewhere, "templates/mm-bot/mm-bot.env.j2", "host.bind_address", "host.bind_addres")
    _refused(elsewhere.deploy(), "templates/mm-bot/mm-bot.env.j2 line 8", "bind_addres")


def test_an_empty_rule_file(elsewhere: Desk) -> None:
    (elsewhere.checkout / "alerts/orders/rules.yaml").write_text("")
    _refused(elsewhere.deploy(), "alerts/orders/rules.yaml is empty")


@pytest.fixture
def valid(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """As `elsewhere`, for faults that only validation on the host can see: the release is unpacked, nothing else."""
    services = "systemctl show -p MainPID mm-bot mm-log-store prometheus-alertmanager; readlink /opt/mm-bot/current"
    configs = "find /etc -printf '%p %C@ %m\\n' | sort"
    before = desk.ssh(f"{services}; {configs}")
    shutil.copytree(desk.checkout, tmp_path / "mmstack", symlinks=True)
    yield Desk(tmp_path / "mmstack", desk.sandbox_dir, desk.host)
    assert desk.ssh(f"{services}; {configs}") == before


def test_a_broken_rule_file(valid: Desk) -> None:
    _spoil(valid, "alerts/pipeline/rules.yaml", "vector(1)", "vectr(1)")
    _refused(valid.deploy(), "alert rules refused", "pipeline", "nothing was changed on this host")


def test_an_unknown_setting_of_the_bot(valid: Desk) -> None:
    _spoil(valid, "inventory/group_data/all.py", '"MAX_MARKETS_TO_TRADE"', '"MAX_MARKETS_TO_TRAD"')
    _refused(valid.deploy(), "settings of the bot refused", "MAX_MARKETS_TO_TRAD", "MAX_MARKETS_TO_TRADE")


def test_an_impossible_value(valid: Desk) -> None:
    _spoil(valid, "inventory/group_data/all.py", '"MAX_MARKETS_TO_TRADE": 3', '"MAX_MARKETS_TO_TRADE": -3')
    _refused(valid.deploy(), "settings of the bot refused", "MAX_MARKETS_TO_TRADE")


def test_live_trading_is_refused_while_there_is_no_venue_for_it(valid: Desk) -> None:
    _spoil(valid, "inventory/group_data/all.py", '"LIVE_TRADING_ENABLED": False', '"LIVE_TRADING_ENABLED": True')
    _refused(valid.deploy(), "settings of the bot refused", "LIVE_TRADING_ENABLED")


def test_a_broken_unit(valid: Desk) -> None:
    _spoil(valid, "templates/mm-bot/mm-bot.service.j2", "WatchdogSec=10", "WatchdogSec=ten")
    _refused(valid.deploy(), "unit mm-bot.service refused", "mm-bot.service:19: Failed to parse sec value")


def test_a_broken_route(valid: Desk) -> None:
    _spoil(
        valid, "templates/alertmanager/alertmanager.yml.j2", "receiver: desk\n  group_by", "receiver: desks\n  group_by"
    )
    _refused(valid.deploy(), "Alertmanager routes refused", "desks")


def test_a_port_that_somebody_else_holds(desk: Desk) -> None:
    desk.ssh("systemctl stop mm-bot")
    held = f"systemd-run --unit squatter --quiet python3 -m http.server --bind {desk.address} 9180"
    desk.ssh(held)
    try:
        desk.ssh(f"for i in $(seq 100); do ss -Hltn | grep -q '{desk.address}:9180' && break; sleep 0.05; done")
        _refused(desk.deploy(), "port 9180 for mm-bot.service is taken by python3", "squatter.service")
    finally:
        desk.ssh("systemctl stop squatter; systemctl start mm-bot")


def test_a_host_that_cannot_be_reached(desk: Desk, tmp_path: Path) -> None:
    facts = {**desk.host, "address": "127.0.0.254", "ssh_port": 1, "name": "gone-1"}
    (tmp_path / "hosts/gone-1").mkdir(parents=True)
    (tmp_path / "hosts/gone-1/host.json").write_text(json.dumps(facts))
    gone = Desk(desk.checkout, tmp_path, facts)
    _refused(gone.deploy(), "gone-1")
    said, _ = gone.firedrill("--no-drills")
    assert said.code == 2
    assert "gone-1" in said.text
    assert "Traceback" not in said.text


def test_an_inventory_without_hosts(desk: Desk, tmp_path: Path) -> None:
    said, _ = Desk(desk.checkout, tmp_path, desk.host).firedrill("--no-drills")
    assert said.code == 2
    assert "firedrill sandbox up" in said.text
