"""Programs from a vendor's signed apt repository: nothing changes on a host before everything about it is proven."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.vendor import SOURCE
from tests.deploy.mirrors import program, served
from tests.host.apt_repository import Key, Repository
from tests.host.desk import Desk
from tests.host.repository import copy_working_tree
from tests.host.test_uninstall import HISTORY, LOOK

pytestmark = pytest.mark.host

if shutil.which("gpg") is None:
    pytest.skip("gpg is missing, which signs the test's repository; apt-get install gpg", allow_module_level=True)

TRIAL = """
from pathlib import Path

from .contexts import Context
from .service import Service, VendorPackage

PIN = Path("@PIN@")


def service(context: Context) -> Service:
    return Service("trial", vendor=(VendorPackage("mmstack-trial", PIN.read_text()),))
"""
KEEP_OTHERS = "-o APT::Get::List-Cleanup=false"
EVERYTHING = r"""
find /etc /opt /root /usr /var -xdev \( -path /var/log -o -path /var/lib/systemd \) -prune -o \
  -printf '%p %y %m %s %C@\n'
dpkg --get-selections; getent passwd; getent group
"""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, Key]:
    """mmstack-trial in two versions."""
    folder = tmp_path_factory.mktemp("vendor")
    repository = Repository(folder / "apt")
    (folder / "program").write_bytes(program("1.0"))
    for version in ("1.0", "2.0"):
        repository.add("mmstack-trial", version, folder / "program")
    key = Key.made(folder / "key")
    repository.publish(key)
    return repository, key


@pytest.fixture(scope="module")
def url(vendor: tuple[Repository, Key]) -> Iterator[str]:
    with served(vendor[0].root) as url:
        yield url


@pytest.fixture(scope="module")
def bare(
    sandbox_host: Callable[..., Any],
    sandbox_dir: Path,
    vendor: tuple[Repository, Key],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """A host that was never deployed to, and a checkout that wants a package of the vendor's for it."""
    checkout = copy_working_tree(tmp_path_factory.mktemp("desk") / "mmstack")
    # Outside the checkout, or every other pin would be another release of the bot.
    (checkout / "deploy/trial.py").write_text(TRIAL.replace("@PIN@", str(checkout.with_name("pin"))))
    table = checkout / "deploy.py"
    text = table.read_text().replace("from deploy import ", "from deploy import trial, ")
    table.write_text(text.replace("SERVICES = (", "SERVICES = (\n    trial,", 1))
    (checkout / "inventory/keys").mkdir(exist_ok=True)
    (checkout / "inventory/keys/grafana.asc").write_bytes(vendor[1].public)
    with sandbox_host(prefix="sources") as host:
        yield Desk(checkout, sandbox_dir, host.facts)


def _all(desk: Desk) -> set[str]:
    """Every file with its last change, apt's lists and caches too. The folder for temporary files may look touched."""
    return {line for line in desk.ssh(EVERYTHING).splitlines() if not line.startswith("/var/tmp d")}


def _pin(desk: Desk, version: str) -> None:
    desk.checkout.with_name("pin").write_text(version)


def _version(desk: Desk) -> str:
    return desk.ssh("dpkg-query -W -f '${Version}' mmstack-trial")


def test_what_is_not_proven_changes_nothing(
    bare: Desk, vendor: tuple[Repository, Key], url: str, tmp_path: Path
) -> None:
    """Unreachable, signed by somebody else, a version it has not, a damaged package, no key: a sentence each."""
    repository, key = vendor
    there = bare.checkout / "inventory/keys/grafana.asc"
    _pin(bare, "1.0")
    before = _all(bare)

    def refused(*words: str, at: str = url) -> None:
        said = bare.deploy("--data", f"vendor_apt_url={at}")
        assert said.code != 0
        for word in (*words, "nothing was changed"):
            assert word in said.text, said.text
        assert "Traceback" not in said.text
        assert _all(bare) == before

    refused("http://127.0.0.1:9 cannot be used: ", "vendor_apt_url", "install_source=archive", at="http://127.0.0.1:9")

    there.write_bytes(Key.made(tmp_path / "other").public)
    refused(f"{url} is not signed with the key in inventory/keys/grafana.asc")
    there.unlink()
    said = bare.deploy("--data", f"vendor_apt_url={url}")
    assert "inventory/keys/grafana.asc cannot be read" in said.text
    assert "gpg --show-keys" in said.text
    there.write_bytes(key.public)

    _pin(bare, "1.5")
    refused(f"{url} has no mmstack-trial 1.5; it has 2.0 1.0; move the pin in deploy/versions.py")
    _pin(bare, "1.0")

    package = repository.root / "pool/mmstack-trial_1.0_amd64.deb"
    good = package.read_bytes()
    package.write_bytes(good[:-1] + b"!")
    refused("cannot give mmstack-trial 1.0 as its list promises it", "Hash Sum mismatch")
    package.write_bytes(good)

    source = "/etc/apt/sources.list.d/other.list"
    bare.write(source, f"deb [trusted=yes] {url} stable main\n")
    said = bare.deploy("--data", f"vendor_apt_url={url}")
    assert f"knows {url.removeprefix('http://')} from {source} already" in said.text
    bare.ssh(f"rm {source}")


def _deployed(desk: Desk, *words: str) -> int:
    """How many operations changed something in a deploy that went well."""
    said = desk.deploy(*words)
    assert said.code == 0, said.text
    return said.changes


def test_a_pinned_package_is_installed_held_moved_and_taken_away(bare: Desk, url: str) -> None:
    """And what it would have started by itself never ran."""
    repository = ("--data", f"vendor_apt_url={url}")
    _pin(bare, "1.0")
    before = set(bare.ssh(LOOK).splitlines())
    _deployed(bare, *repository)
    assert _version(bare) == "1.0"
    assert bare.ssh("systemctl show -p LoadState --value mmstack-trial").strip() == "not-found"
    assert "mmstack-trial" in bare.ssh("apt-mark showhold")
    assert _deployed(bare, *repository) == 0

    bare.ssh(f"apt-get update -q -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::sourcelist={SOURCE} {KEEP_OTHERS}")
    assert "Candidate: 1.0" in bare.ssh("apt-cache policy mmstack-trial")
    assert "Inst mmstack-trial" not in bare.ssh("apt-get -s dist-upgrade")

    for version in ("2.0", "1.0"):
        _pin(bare, version)
        _deployed(bare, *repository)
        assert _version(bare) == version
        assert f"Candidate: {version}" in bare.ssh("apt-cache policy mmstack-trial")

    _deployed(bare, *repository, "--data", "action=uninstall", "--data", "purge=true")
    left = {line.split()[1] for line in set(bare.ssh(LOOK).splitlines()) ^ before}
    assert {path for path in left if not path.startswith(HISTORY)} == set()
    assert bare.ssh("ls /var/lib/apt/lists | grep 127.0.0.1 || true") == ""
