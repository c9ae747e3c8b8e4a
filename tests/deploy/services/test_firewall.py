"""The packet filter: rules for one host, and what they do in network namespaces of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy import preflight
from deploy.errors import SettingsError
from deploy.service import Wanted
from deploy.services import firewall
from deploy.settings.contexts import Context, context
from tests.deploy.hosts import deployed

SECRETS = {"alert_webhook_token": "x", "grafana_admin_password": "y", "grafana_secret_key": "z"}
GRAFANA = {
    "grafana": True,
    "install_source": "present",
    "grafana_address": "10.77.0.1",
    "grafana_tls_cert": "/c",
    "grafana_tls_key": "/k",
}
NOBODY = "65534"
HERE, PEER = "10.77.0.1", "10.77.0.2"
HERE6 = "fd77::1"
SERVE = """
import socket, sys
servers = []
for port in sys.argv[1:]:
    servers.append(socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True))
print("ready", flush=True)
sys.stdin.read()
"""
REACH = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()"


def _context(**data: object) -> Context:
    given = {"alert_webhook_url": "http://127.0.0.1/", "firewall": "nftables", "bot": {}, **data}
    return context("bot-1", "prod", given, SECRETS)


def _rules(**data: object) -> str:
    files = {file.path: file.content.decode() for file in firewall.service(_context(**data)).files}
    return files[firewall.RULES]


def test_none_is_the_default_and_wants_nothing() -> None:
    told = _context(firewall="none")
    assert firewall.service(told).units == ()
    assert firewall.service(told).files == ()
    assert firewall.digest(told) == ""


def test_every_port_of_the_host_is_closed_to_others() -> None:
    assert "tcp dport { 3100, 9093, 9180 } counter reject" in _rules()
    loki = _rules(log_store="loki", install_source="present")
    assert "tcp dport { 3100, 9080, 9081, 9093, 9096, 9180 }" in loki
    assert "meta skuid { mm-store, loki, promtail }" in loki
    remote = _rules(log_store="remote", loki_url="https://loki.example", install_source="present")
    assert "meta skuid { mm-store }" in remote, "a shipper that sends elsewhere must"


def test_what_a_setting_opens_is_open_to_whom_it_says() -> None:
    assert "3000" not in _rules(**GRAFANA), "to everybody, unless networks are named"
    rules = _rules(**GRAFANA, firewall_from="10.0.0.0/8,192.0.2.7")
    assert "tcp dport 3000 ip saddr != { 10.0.0.0/8, 192.0.2.7/32 } counter reject" in rules
    assert "meta nfproto ipv6 tcp dport 3000 counter reject" in rules


def test_other_rules_call_themselves_otherwise() -> None:
    assert firewall.digest(_context()) in _rules()
    assert firewall.digest(_context()) != firewall.digest(_context(**GRAFANA, firewall_from="10.0.0.0/8"))


def test_a_word_that_is_no_network_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"(?s)firewall='ufw' is unknown.*firewall_from: 'office'"):
        _context(firewall="ufw", firewall_from=["office"])


def test_a_host_that_may_not_filter_is_refused_before_anything_is_installed() -> None:
    state, clock = deployed(), (1_999.9, 2_000.1)
    (reason,) = preflight.reasons(_context(), Wanted(()), state, clock)
    assert "no CAP_NET_ADMIN, as in a container): firewall = 'none'" in reason
    assert preflight.reasons(_context(firewall="none"), Wanted(()), state, clock) == []
    state.powers = 0x1FFFFFFFFFF
    assert preflight.reasons(_context(), Wanted(()), state, clock) == []


def test_the_unit_is_what_systemd_understands(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze") or not Path("/usr/sbin/nft").exists():
        pytest.skip("needs systemd-analyze and /usr/sbin/nft on this machine")
    unit = tmp_path / firewall.NAME
    unit.write_bytes(next(file.content for file in firewall.service(_context()).files if file.path == firewall.UNIT))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


class Nets:
    """Two network namespaces with a cable between them: the host's own, and another machine's."""

    def __init__(self, here: int, peer: int) -> None:
        self._pids = {"here": here, "peer": peer}

    def run(self, where: str, *command: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        line = ["nsenter", "--net", "--target", str(self._pids[where]), *command]
        return subprocess.run(line, input=stdin, capture_output=True, text=True, check=check)

    def serve(self, *ports: int) -> subprocess.Popen[str]:
        """Listens everywhere on these ports, as a service of ours should not."""
        line = ["nsenter", "--net", "--target", str(self._pids["here"]), sys.executable, "-c", SERVE, *map(str, ports)]
        server = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        return server

    def reaches(self, where: str, address: str, port: int, user: str = "0") -> bool:
        command = ["setpriv", "--reuid", user, "--clear-groups", "/usr/bin/python3", "-c", REACH, address, str(port)]
        return self.run(where, *command, check=False).returncode == 0

    def load(self, rules: str) -> None:
        """As the unit starts."""
        for name in ("mm-store", "loki", "promtail"):
            rules = rules.replace(f" {name}", f" {NOBODY}")  # accounts that this machine lacks
        self.run("here", "nft", "-f", "-", stdin=rules)

    def tables(self) -> str:
        return self.run("here", "nft", "list", "ruleset").stdout


@pytest.fixture
def nets(until: Callable[..., object]) -> Iterator[Nets]:
    if os.geteuid() != 0 or not all(map(shutil.which, ("nft", "unshare", "nsenter", "ip", "setpriv"))):
        pytest.skip("needs root, and the programs nft, unshare, nsenter, ip and setpriv")
    try:
        subprocess.run(["unshare", "--net", "nft", "list", "ruleset"], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no packet filter of its own is to be had here: {error.stderr.decode().strip()}")
    holders = [subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE) for _ in range(2)]
    try:
        pids = [holder.pid for holder in holders]
        until(lambda: not {_net(os.getpid())} & {_net(pid) for pid in pids}, 10, "two networks of their own")
        yield _wired(*pids)
    finally:
        for holder in holders:
            holder.communicate()


def _net(pid: int) -> str:
    return os.readlink(f"/proc/{pid}/ns/net")


def _wired(here: int, peer: int) -> Nets:
    nets = Nets(here, peer)
    nets.run("here", "ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(peer))
    for where, four, six in (("here", HERE, HERE6), ("peer", PEER, "fd77::2")):
        for command in (f"addr add {four}/24 dev cable", f"addr add {six}/64 dev cable nodad"):
            nets.run(where, "ip", *command.split())
        for device in ("lo", "cable"):
            nets.run(where, "ip", "link", "set", device, "up")
    return nets


def test_other_machines_do_not_reach_our_ports(nets: Nets, until: Callable[..., object]) -> None:
    with nets.serve(9093, 8022) as server:
        until(lambda: nets.reaches("peer", HERE, 9093), 10, "the cable carries")
        until(lambda: nets.reaches("peer", HERE6, 9093), 10, "the cable carries IPv6")
        nets.load(_rules())
        assert not nets.reaches("peer", HERE, 9093)
        assert not nets.reaches("peer", HERE6, 9093)
        assert nets.reaches("here", "127.0.0.1", 9093)
        assert nets.reaches("here", HERE, 9093), "its own address, from itself"
        assert nets.reaches("peer", HERE, 8022), "what is not ours is none of our business"
        server.communicate()


def test_what_a_setting_opened_is_reached_from_where_it_says(nets: Nets, until: Callable[..., object]) -> None:
    with nets.serve(3000) as server:
        nets.load(_rules(**GRAFANA))
        until(lambda: nets.reaches("peer", HERE, 3000), 10, "Grafana is open to everybody")
        nets.load(_rules(**GRAFANA, firewall_from=f"{PEER}/32"))
        assert nets.reaches("peer", HERE, 3000)
        assert not nets.reaches("peer", HERE6, 3000)
        nets.load(_rules(**GRAFANA, firewall_from="192.0.2.0/24"))
        assert not nets.reaches("peer", HERE, 3000)
        server.communicate()


def test_services_without_business_outside_stay_inside(nets: Nets, until: Callable[..., object]) -> None:
    with nets.serve(8022) as server:
        nets.load(_rules())
        # From the peer's side of the cable the rules do not hold; from here, what leaves is judged by its owner.
        nets.run("peer", "nft", "-f", "-", stdin=_rules().replace("mm-store", NOBODY))
        until(lambda: nets.reaches("peer", HERE, 8022), 10, "root reaches the other machine")
        assert not nets.reaches("peer", HERE, 8022, user=NOBODY)
        assert nets.reaches("here", "127.0.0.1", 8022, user=NOBODY)
        server.communicate()


def test_only_our_table_comes_and_goes(nets: Nets) -> None:
    nets.run("here", "nft", "add table inet theirs; add chain inet theirs input { type filter hook input priority 0; }")
    theirs = nets.tables()
    nets.load(_rules())
    once = nets.tables()
    assert f'comment "{firewall.digest(_context())}"' in once
    nets.load(_rules())
    assert nets.tables() == once, "loading twice is loading once"
    unit = next(file.content.decode() for file in firewall.service(_context()).files if file.path == firewall.UNIT)
    (stop,) = [line.removeprefix("ExecStop=-") for line in unit.splitlines() if line.startswith("ExecStop=")]
    nets.run("here", *stop.split())
    assert nets.tables() == theirs
