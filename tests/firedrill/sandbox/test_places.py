"""Names and directories of a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedrill.sandbox.errors import SandboxError
from firedrill.sandbox.places import NAME, HostPlaces, hosts_of, sandbox_dir


@pytest.mark.parametrize("text", ["relative", "/a,b", "/a:b", "/a b", "/a\\b", ""])
def test_a_directory_that_cannot_be_a_mount_option_is_refused(monkeypatch, text):
    monkeypatch.setenv("MMSTACK_SANDBOX_DIR", text)
    with pytest.raises(SandboxError, match="MMSTACK_SANDBOX_DIR"):
        sandbox_dir()


@pytest.mark.parametrize(
    ("name", "fits"),
    [("sandbox-1", True), ("a1", True), ("1a", False), ("a_b", False), ("A-1", False), ("../x", False)],
)
def test_names_are_host_names(name, fits):
    assert bool(NAME.fullmatch(name)) is fits


def test_hosts_of_two_directories_never_share_an_identity():
    assert HostPlaces(Path("/one/hosts/sandbox-1")).identity != HostPlaces(Path("/two/hosts/sandbox-1")).identity


def test_hosts_are_listed_by_number(tmp_path):
    for name in ("sandbox-10", "sandbox-2", "other-1"):
        (tmp_path / "hosts" / name).mkdir(parents=True)
    assert [places.name for places in hosts_of(tmp_path)] == ["other-1", "sandbox-2", "sandbox-10"]
    assert hosts_of(tmp_path / "absent") == []
