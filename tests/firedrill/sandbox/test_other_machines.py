"""Machines unlike this one: the next Debian in a host, an sshd that holds port 22, an init that is systemd itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from firedrill.sandbox import image, places
from tests.conftest import REPOSITORY

_ON_PORT = """
from firedrill.sandbox import addresses
from firedrill.sandbox.command import command
addresses.SSH_PORTS = (2222,)
command(["up", "--name", "other"])
"""


@pytest.mark.host
def test_a_host_answers_on_another_port_where_22_is_taken(sandbox_dir, sandbox_command):
    subprocess.run([sys.executable, "-c", _ON_PORT], cwd=REPOSITORY, check=True, capture_output=True)
    listening = sandbox_command("ssh", "other-1", "ss -Htln sport = :2222").stdout
    assert "127.0.0." in listening
    assert "]:2222 ssh-ed25519" in (sandbox_dir / "hosts/other-1/known_hosts").read_text()
    sandbox_command("down", "other-1")


@pytest.mark.host
@pytest.mark.thorough
def test_trixie_boots_as_well(sandbox_host):
    with sandbox_host(release="trixie", prefix="trixie") as host:
        assert host.ssh("systemctl is-system-running").stdout == "running\n"
        assert "VERSION_CODENAME=trixie" in host.ssh("cat /etc/os-release").stdout


_INNER = "cd /src && MMSTACK_SANDBOX_DIR=/run/inner python3 -m firedrill sandbox"


@pytest.mark.host
@pytest.mark.thorough
def test_under_systemd_every_host_gets_a_scope_of_its_own(sandbox_host):
    with sandbox_host(prefix="outer") as outer:
        become_a_sandbox_machine(outer)
        assert outer.ssh(f"{_INNER} up --hosts 2").stdout.count("ready in") == 2
        assert len(scopes(outer)) == 2
        assert "powered off, removed" in outer.ssh(f"{_INNER} down sandbox-1").stdout
        assert outer.ssh(f"{_INNER} ssh sandbox-2 systemctl is-active ssh dbus").stdout.split() == ["active"] * 2
        outer.ssh(f"{_INNER} down --all")
        assert scopes(outer) == []
        assert outer.ssh("ls -A /run/inner; grep /run/inner /proc/mounts", check=False).stdout == ""


def scopes(host) -> list[str]:
    return host.ssh("systemctl list-units --all --no-legend --plain 'mmstack-*'").stdout.splitlines()


def become_a_sandbox_machine(host) -> None:
    """Give it our source, the one library the sandbox needs, the tools, and the cached image."""
    packages = "systemd-container mmdebstrap openssh-client"
    host.ssh(f"apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {packages}")
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "firedrill", host.root / "src/firedrill", ignore=skip)
    shutil.copytree(Path(click.__file__).parent, host.root / "src/click", ignore=skip)
    base = places.cache_dir() / "base/bookworm" / image.stamp("bookworm")
    target = host.root / "var/cache/mmstack/base/bookworm"
    target.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(base), str(target)], check=True)
