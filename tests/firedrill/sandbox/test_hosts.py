"""Real hosts: side by side, strict about keys, listed truthfully, gone without a trace."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.firedrill.sandbox.traces import groups_of, left_of

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def pair(sandbox_host):
    """Two hosts that share everything a careless start would let them share."""
    with sandbox_host(prefix="pair") as one, sandbox_host(prefix="pair") as two:
        yield one, two


def test_a_host_is_a_running_bare_debian(pair):
    one, _ = pair
    assert one.ssh("systemctl is-system-running").stdout.strip() == "running"
    assert one.ssh("systemctl list-units --failed --no-legend").stdout == ""
    assert one.ssh("hostname").stdout.strip() == one.name
    assert one.ssh("ls -A /opt /srv /home /usr/local/bin").stdout.split() == [
        "/home:",
        "/opt:",
        "/srv:",
        "/usr/local/bin:",
    ]


def test_hosts_have_identities_of_their_own(pair):
    one, two = pair
    assert one.address != two.address
    for command in ("cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub", "cat /root/.ssh/authorized_keys"):
        assert one.ssh(command).stdout != two.ssh(command).stdout
    assert one.ssh("ls /etc/ssh/ssh_host_*_key").stdout.split() == ["/etc/ssh/ssh_host_ed25519_key"]


def test_a_wrong_host_key_is_refused(pair):
    one, two = pair
    known = ["-o", f"UserKnownHostsFile={two.facts['known_hosts']}"]
    done = subprocess.run(["ssh", "-F", one.ssh_config, *known, one.name, "true"], capture_output=True, text=True)
    assert done.returncode == 255
    assert "verification failed" in done.stderr


def test_secrets_of_a_host_are_its_owners_alone(pair):
    key = Path(pair[0].facts["ssh_key"])
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700


def test_ls_gives_the_facts_others_read(pair, sandbox_command):
    listed = {facts["name"]: facts for facts in json.loads(sandbox_command("ls", "--json").stdout)}
    for host in pair:
        published = json.loads((host.ssh_config.parent / "host.json").read_text())
        assert listed[host.name] == {**published, "state": "ready"}
        assert {"name", "address", "ssh_port", "release", "ssh_key", "known_hosts", "pid"} <= published.keys()


@pytest.mark.parametrize("code", [0, 7, 255])
def test_ssh_passes_the_exit_code_through(pair, sandbox_command, code):
    assert sandbox_command("ssh", pair[0].name, f"exit {code}", check=False).returncode == code


def test_ssh_passes_options_and_output_through(pair, sandbox_command):
    assert sandbox_command("ssh", pair[0].name, "head", "-c", "4", "/etc/os-release").stdout == "PRET"


def test_no_process_of_a_host_is_in_a_control_group_of_another(pair):
    for host in pair:
        for pid in everyone_in(int(host.facts["pid"])):
            groups = Path(f"/proc/{pid}/cgroup").read_text()
            assert f"/mmstack-{host.name}-" in groups, f"process {pid} of {host.name}: {groups}"


def everyone_in(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(inner for child in children for inner in everyone_in(child))]


def test_stopping_one_host_leaves_the_services_of_the_other_running(sandbox_host, sandbox_dir):
    with sandbox_host(prefix="stays") as stays:
        question = "systemctl show -p MainPID -p ActiveState ssh dbus systemd-journald"
        before = stays.ssh(question).stdout
        with sandbox_host(prefix="leaves") as leaves:
            assert groups_of(leaves.name)
        assert stays.ssh(question).stdout == before
        assert before.count("ActiveState=active") == 3
        assert not groups_of(leaves.name)
    assert not [line for line in left_of(sandbox_dir) if "stays" in line or "leaves" in line]


def test_a_host_whose_container_died_is_listed_as_dead_and_replaced_by_reuse(sandbox_host, sandbox_command, until):
    host = sandbox_host(prefix="dies")
    os.kill(int(host.facts["pid"]), signal.SIGKILL)
    until(lambda: state(sandbox_command, host.name) == "dead", 5, f"{host.name} is listed as dead")
    done = sandbox_command("up", "--reuse", "--name", "dies")
    assert state(sandbox_command, host.name) == "ready"
    again = sandbox_command("up", "--reuse", "--name", "dies")
    assert "already ready" in again.stdout
    assert "removed" in done.stdout
    assert "removed" in sandbox_command("down", host.name).stdout
    assert "was not there" in sandbox_command("down", host.name).stdout


def state(sandbox_command, name: str) -> str:
    listed = json.loads(sandbox_command("ls", "--json").stdout)
    return {facts["name"]: facts["state"] for facts in listed}[name]
