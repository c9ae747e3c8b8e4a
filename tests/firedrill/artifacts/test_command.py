"""`firedrill artifacts` as an operator types it: exit status 0, 1, 2 and sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from firedrill.artifacts import command
from tests.deploy.programs.mirrors import program, served, sha256

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two plain programs of the pinned versions, and their sums."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    for name, version in (("loki", "3.6.15"), ("promtail", "3.6.11")):
        (folder / name).write_bytes(program(version))
    subprocess.run("sha256sum loki promtail > SHA256SUMS", shell=True, cwd=folder, check=True)
    return folder


def typed(*words: str, folder: Path = ROOT) -> tuple[int, str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "no_proxy": "*",
        "MMSTACK_CACHE_DIR": str(Path(words[1]).parent / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "firedrill", "artifacts", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        timeout=60,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def test_a_good_folder(folder: Path) -> None:
    code, text = typed("verify", str(folder))
    assert code == 0, text
    assert "ok  loki 3.6.15: SHA-256 as in the folder's SHA256SUMS" in text
    assert "alloy 1.18.1: not here" in text


def test_what_is_asked_for_must_be_there(folder: Path) -> None:
    code, text = typed("verify", str(folder), "--component", "alloy")
    assert code == 1
    assert "neither alloy-linux-amd64.zip nor alloy" in text


def test_every_wrong_thing_is_named(folder: Path) -> None:
    (folder / "loki").write_bytes(program("3.6.15") + b"# one line more\n")
    (folder / "promtail").unlink()
    code, text = typed("verify", str(folder))
    assert code == 1
    assert f"{folder}/loki is not what its SHA256SUMS says" in text
    assert f"{folder}/promtail is missing, and SHA256SUMS names it" in text


def test_an_empty_folder_is_wrong_and_none_cannot_be_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert typed("verify", str(tmp_path / "empty"))[0] == 1
    for verb in ("verify", "list"):
        code, text = typed(verb, str(tmp_path / "nowhere"))
        assert (code, "cannot be looked into" in text) == (2, True)


def test_fetching_fills_a_folder_that_then_verifies(folder: Path, tmp_path: Path) -> None:
    chosen = ("--component", "loki", "--component", "promtail")
    with served(folder) as url:
        code, text = typed("fetch", str(tmp_path / "new"), "--from", url, *chosen)
    assert code == 0, text
    assert typed("verify", str(tmp_path / "new"), *chosen)[0] == 0
    code, text = typed("fetch", str(tmp_path / "new"), "--from", url, *chosen)
    assert code == 0, f"the mirror is gone and everything is there: {text}"
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["SHA256SUMS", "loki", "promtail"]


def test_fetching_what_cannot_be_had(folder: Path, tmp_path: Path) -> None:
    (folder / "SHA256SUMS").write_text(f"{sha256(b'')}  loki\n")
    with served(folder) as url:
        code, text = typed("fetch", str(tmp_path / "new"), "--from", url, "--component", "loki")
    assert code == 1
    assert "loki 3.6.15: FAILED" in text
    assert "is not the file that is wanted" in text
    assert list((tmp_path / "new").iterdir()) == []


def test_the_list_names_files_and_what_is_not_used(folder: Path) -> None:
    (folder / "notes.txt").touch()
    code, text = typed("list", str(folder))
    assert code == 0
    assert "Not used by a deploy: notes.txt" in text


def test_without_a_checkout_it_cannot_be_said(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(SystemExit) as caught:
        command._ask("list", str(folder))
    assert caught.value.code == 2
