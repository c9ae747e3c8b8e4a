"""The script that installs packages, with an apt of the test's own that asks the policy as Debian's would."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.operations import ON_HOST

APT = """#!/bin/sh
[ "$1" = install ] || exit 0
if [ -x "$ROOT/policy-rc.d" ]; then "$ROOT/policy-rc.d"; echo "policy $?" >> "$ROOT/said"; fi
[ ! -e "$ROOT/cut" ] || kill -9 $PPID
"""
DPKG = """#!/bin/sh
case "$*" in
  --audit) cat "$ROOT/halves" 2>/dev/null ;;
  *--configure*) echo configured >> "$ROOT/said"; rm "$ROOT/halves" ;;
esac
"""


class Debian:
    """A scratch root in which the script runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.policy = root / "policy-rc.d"
        for name, text in (("apt-get", APT), ("dpkg", DPKG)):
            (root / name).write_text(text)
            (root / name).chmod(0o755)

    def install(self) -> int:
        text = (ON_HOST / "install_packages.sh").read_text()
        for there, here in (("/usr/sbin", ""), ("/run", ""), ("/var/lib/dpkg", "/state"), ("/var/lib/apt", "/lists")):
            text = text.replace(f"{there}/", f"{self.root}{here}/")
        environment = {"PATH": f"{self.root}:{os.environ['PATH']}", "ROOT": str(self.root)}
        return subprocess.run(["sh", "-s", "--", "thing"], input=text, text=True, env=environment).returncode

    @property
    def said(self) -> list[str]:
        return (self.root / "said").read_text().splitlines()


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    (tmp_path / "state/updates").mkdir(parents=True)
    return Debian(tmp_path)


def test_nothing_that_is_unpacked_is_started_and_the_policy_goes(debian: Debian) -> None:
    assert debian.install() == 0
    assert debian.said == ["policy 101"]
    assert not debian.policy.exists()


def test_an_installation_that_was_cut_forbids_no_later_start(debian: Debian) -> None:
    (debian.root / "cut").touch()
    assert debian.install() == -9
    assert debian.policy.exists()
    assert subprocess.run([debian.policy]).returncode == 0, "whoever installed is dead"
    (debian.root / "cut").unlink()
    assert debian.install() == 0
    assert debian.said == ["policy 101", "policy 101"]
    assert not debian.policy.exists()


def test_an_operators_own_policy_stays(debian: Debian) -> None:
    debian.policy.write_text("#!/bin/sh\nexit 7\n")
    debian.policy.chmod(0o755)
    assert debian.install() == 0
    assert debian.said == ["policy 7"]
    assert debian.policy.read_text() == "#!/bin/sh\nexit 7\n"


def test_packages_left_by_halves_are_finished_first(debian: Debian) -> None:
    (debian.root / "halves").write_text("prometheus-alertmanager is half installed")
    assert debian.install() == 0
    assert debian.said == ["configured", "policy 101"]
