"""The cache of base images: built once, whole or not at all. mmdebstrap's place is taken by a small writer of files."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from firedrill.sandbox import image
from firedrill.sandbox.errors import SandboxError
from tests.conftest import REPOSITORY


class Debian:
    """Writes what of a fresh Debian the image code touches; counts how often."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __call__(self, release: str, draft: Path, say: image.Say) -> None:
        self.built.append(release)
        (draft / "etc/ssh").mkdir(parents=True)
        for name in ("ssh/ssh_host_rsa_key", "ssh/sshd_config", "resolv.conf", "hostname", "machine-id", "os-release"):
            (draft / "etc" / name).write_text(release)


@pytest.fixture
def debian(monkeypatch):
    writer = Debian()
    monkeypatch.setattr(image, "_mmdebstrap", writer)
    return writer


def quiet(_: str) -> None:
    """Progress is for people."""


def test_an_image_is_built_once_and_holds_no_identity(tmp_path, debian):
    first = image.ensure(tmp_path, "bookworm", quiet)
    assert image.ensure(tmp_path, "bookworm", quiet) == first
    assert debian.built == ["bookworm"]
    assert sorted(path.name for path in first.root.rglob("*") if path.is_file()) == ["os-release", "sshd_config"]
    assert first.root.stat().st_mode & 0o777 == 0o755


def test_callers_at_once_build_it_once(tmp_path, debian):
    callers = [threading.Thread(target=image.ensure, args=(tmp_path, "trixie", quiet)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(timeout=30)
    assert debian.built == ["trixie"]


def test_a_changed_package_list_rebuilds_and_drops_the_old_image(tmp_path, debian, monkeypatch):
    old = image.ensure(tmp_path, "bookworm", quiet)
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "nano"))
    new = image.ensure(tmp_path, "bookworm", quiet)
    assert new.root.is_dir()
    assert not old.root.exists()


def test_a_failed_build_leaves_nothing(tmp_path, monkeypatch):
    def fails(release: str, draft: Path, say: image.Say) -> None:
        (draft / "half").write_text("")
        raise SandboxError("no network")

    monkeypatch.setattr(image, "_mmdebstrap", fails)
    with pytest.raises(SandboxError, match="no network"):
        image.ensure(tmp_path, "bookworm", quiet)
    assert list((tmp_path / "base/bookworm").iterdir()) == []


def test_a_draft_of_a_killed_builder_is_never_taken_for_an_image(tmp_path, debian):
    draft = tmp_path / "base/bookworm/.building-x"
    draft.mkdir(parents=True)
    assert image.clear_interrupted(tmp_path) == [draft]
    draft.mkdir()
    image.ensure(tmp_path, "bookworm", quiet)
    assert not draft.exists()


_KILLED = """
import sys
from pathlib import Path
from firedrill.sandbox import image
image.ensure(Path(sys.argv[1]), "bookworm", lambda text: None)
"""


@pytest.mark.host
def test_what_a_killed_build_left_is_ended_and_removed(tmp_path, sandbox_dir, until):
    """Its mmdebstrap mostly dies with it; killed before the leash was on, it goes on and is ended by the clearing."""
    builder = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=REPOSITORY)
    until(lambda: _running(tmp_path), 10, "mmdebstrap runs")
    builder.kill()
    builder.wait()
    assert image.clear_interrupted(tmp_path) != []
    until(lambda: not _running(tmp_path), 5, "mmdebstrap is gone")
    assert os.listdir(tmp_path / "base/bookworm") == []


def _running(cache: Path) -> bool:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"mmdebstrap" in line and f"{cache}/base".encode() in line:
            return True
    return False
