"""Uninstalling: a host is what it was before its first deploy, but for what the operator asked to keep."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.host.desk import Desk
from tests.real_loki import artifact

pytestmark = pytest.mark.host

DATA = ("/var/log/mm-bot", "/var/lib/mm-bot", "/var/lib/mm-log-store", "/var/lib/loki", "/var/lib/promtail")
HISTORY = ("/var/log/apt/", "/var/log/dpkg.log", "/etc/group-", "/etc/gshadow-", "/etc/passwd-", "/etc/shadow-")
"""What Debian itself writes down about every change, and ours to leave alone."""
HOST_KEY = "/var/lib/systemd/credential.secret"
OTHERS_UNIT = "/etc/systemd/system/others.service"
LOOK = r"""
export LC_ALL=C
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/cache \
  -o -path /var/lib/apt/lists -o -path /var/log/journal \) -prune -o -printf 'path %p %y %m %u %g %l\n'
find /etc /usr /opt -xdev -type f -print0 | xargs -0 sha256sum | sed 's/^\([^ ]*\)  \(.*\)/content \2 \1/'
getent passwd | sed 's/^/user /'
getent group | sed 's/^/group /'
dpkg-query -W -f 'package ${Package} ${db:Status-Status} ${Version}\n'
systemctl list-unit-files --no-legend --no-pager | sed 's/^/unit /'
"""


@pytest.fixture
def bare(sandbox_host: Callable[..., Any], sandbox_dir: Path, checkout: Path) -> Iterator[Desk]:
    """A host of its own, before its first deploy."""
    with sandbox_host(prefix="leaving") as host:
        yield Desk(checkout, sandbox_dir, host.facts)


def _look(desk: Desk) -> set[str]:
    """Everything that could be left behind, a line each; the machine's own history is not ours."""
    lines = desk.ssh(LOOK).splitlines()
    return {line for line in lines if not line.split()[1].startswith(HISTORY)}


def _of_others(desk: Desk) -> str:
    return desk.ssh(f"find $(ls -d {' '.join(DATA)} 2>/dev/null) ! -user root").strip()


def _listens(desk: Desk) -> str:
    return desk.ssh(f"ss -Hltn src {desk.address} | awk '{{ print $4 }}' | grep -v ':22$' || true")


def _uninstall(desk: Desk, *more: str) -> str:
    said = desk.deploy("--data", "action=uninstall", *more)
    assert said.code == 0, said.text
    return said.text


def _backups(desk: Desk) -> list[Path]:
    return sorted((desk.checkout / "backups").glob(f"{desk.host['name']}-*.tar.gz"))


def test_a_host_is_left_as_it_was_found(bare: Desk) -> None:
    before = _look(bare)
    assert bare.deploy().code == 0
    _uninstall(bare)
    left = _look(bare) ^ before
    assert {line.split()[1] for line in left if not line.split()[1].startswith(DATA)} == set()
    assert _of_others(bare) == "", "what is kept belongs to root"
    assert _listens(bare) == ""
    (backup,) = _backups(bare)
    inside = subprocess.run(["tar", "-tzf", backup], capture_output=True, text=True, check=True).stdout
    assert {"var/lib/mm-bot/journal.sqlite", "var/lib/mm-log-store/"} <= set(inside.split())
    assert "token" not in inside
    assert "credentials" not in inside
    _, _, token = (bare.checkout / "inventory/secrets/sandbox.env").read_text().strip().partition("=")
    unpacked = subprocess.run(["tar", "-xOzf", backup], capture_output=True, check=True).stdout
    assert len(unpacked) > 10_000
    assert token.encode() not in unpacked
    assert hashlib.sha256(token.encode()).hexdigest().encode() not in unpacked
    assert backup.stat().st_mode & 0o077 == 0

    again = bare.deploy()
    assert again.code == 0, again.text
    bare.write(OTHERS_UNIT, "[Service]\nExecStart=true\nSetCredentialEncrypted=key: abcd\n")
    assert "adopted" in bare.ssh("cat /var/log/mm-bot/events.jsonl"), "the next run takes over what was kept"
    _uninstall(bare, "--data", "purge=true")
    bare.ssh(f"rm {OTHERS_UNIT} {HOST_KEY}")  # which is there: somebody else has sealed with it by now
    assert _look(bare) == before
    assert "nothing to do" in _uninstall(bare, "--data", "purge=true")


def test_so_is_one_with_loki_which_moved_there_from_files(bare: Desk) -> None:
    artifact("promtail")
    loki = f"log_store=loki,install_source=archive,artifacts={artifact('loki').parent}".split(",")
    profile = [word for pair in loki for word in ("--data", pair)]
    before = _look(bare)
    for options in ([], profile):
        said = bare.deploy(*options)
        assert said.code == 0, said.text
    _uninstall(bare, *profile)
    left = _look(bare) ^ before
    assert {line.split()[1] for line in left if not line.split()[1].startswith(DATA)} == set()
    assert _of_others(bare) == ""
    assert _listens(bare) == ""
    _uninstall(bare, *profile, "--data", "purge=true")
    assert _look(bare) == before
