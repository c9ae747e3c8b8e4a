"""What a host's apt is told of the vendor: one source, one key, and nothing but the pinned versions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.apply import wanted_of
from deploy.errors import SettingsError
from deploy.programs import vendor
from deploy.service import VendorPackage
from deploy.services import alertmanager, log_shipper, log_store
from tests.deploy.settings.test_contexts import _context

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n"
PACKAGES = (VendorPackage("loki", "3.6.15"), VendorPackage("alloy", "1.18.1-1"))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "vendor.asc"
    path.write_text(KEY)
    return path


def test_the_host_is_told_where_from_and_at_which_version_only(key: Path) -> None:
    context = _context(vendor_apt_key=str(key), vendor_apt_url="https://mirror.example.net/vendor/")
    files = {file.path: file.content.decode() for file in vendor.service(context, PACKAGES).files}
    assert files[vendor.KEYRING] == KEY
    assert "URIs: https://mirror.example.net/vendor\n" in files[vendor.SOURCE]
    assert f"Signed-By: {vendor.KEYRING}\n" in files[vendor.SOURCE]
    assert [stanza.splitlines()[-3:] for stanza in files[vendor.PINS].strip().split("\n\n")] == [
        ["Package: *", 'Pin: origin "mirror.example.net"', "Pin-Priority: -1"],
        ["Package: loki", "Pin: version 3.6.15", "Pin-Priority: 1001"],
        ["Package: alloy", "Pin: version 1.18.1-1", "Pin-Priority: 1001"],
    ]


def test_a_host_without_such_packages_needs_neither_key_nor_source() -> None:
    assert vendor.service(_context(vendor_apt_key="nowhere.asc"), ()).files == ()


def test_a_host_can_be_left_although_its_sources_are_gone() -> None:
    gone = _context(
        log_store="loki",
        grafana=True,
        install_source="vendor,promtail:archive,alertmanager:archive",
        artifacts="/nowhere",
        vendor_apt_key="nowhere.asc",
    )
    modules = (alertmanager, log_store, log_shipper)
    with pytest.raises(SettingsError):
        wanted_of(gone, modules)
    assert "/etc/loki/config.yml" in [file.path for file in wanted_of(gone.without_sources(), modules).files]


def test_a_missing_key_says_where_to_get_it_and_what_to_compare(tmp_path: Path, key: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.asc cannot be read .*curl .*B53AE77BADB630A6"):
        vendor.service(_context(vendor_apt_key=str(tmp_path / "nowhere.asc")), PACKAGES)
    key.write_bytes(b"\x99\x01binary")
    with pytest.raises(SettingsError, match="is not an armoured public key"):
        vendor.service(_context(vendor_apt_key=str(key)), PACKAGES)


@pytest.mark.parametrize("url", ["apt.example.net", "ftp://apt.example.net", "http://a.example/'; reboot '", "http://"])
def test_an_impossible_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="vendor_apt_url="):
        _context(vendor_apt_url=url)


def test_the_scripts_are_whole(key: Path) -> None:
    found = vendor.repository(_context(vendor_apt_key=str(key)), PACKAGES)
    for script in (vendor.trial(found, PACKAGES), vendor.installation(found, PACKAGES)):
        assert "@" not in script.replace("$@", "")
        assert subprocess.run(["sh", "-n"], input=script, text=True).returncode == 0
    assert script.endswith("apt-mark hold -q loki alloy\n")


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_trial_leaves_nothing_where_apt_does_not_answer(shell: str, key: Path, tmp_path: Path) -> None:
    for name in ("apt-get", "apt-cache"):
        (tmp_path / name).write_text(
            "#!/bin/sh\necho 'W: the first warning'\necho 'E: The repository is not signed.'\nexit 100\n"
        )
        (tmp_path / name).chmod(0o755)
    found = vendor.repository(_context(vendor_apt_key=str(key)), PACKAGES)
    script = vendor.trial(found, PACKAGES).replace("/var/tmp/", f"{tmp_path}/")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([shell], input=script, text=True, env=environment, capture_output=True)
    assert done.stdout == (
        f"https://apt.grafana.com is not signed with the key in {key} (The repository is not signed.); "
        "get the vendor's present key and look at it\n"
    )
    assert list(tmp_path.glob("mmstack-vendor.*")) == []
