"""Which release is meant: a repository with tags of its own, because a clone of this one may carry none."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from deploy import releases
from deploy.errors import ReleaseError

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "mmstack"
version = "{version}"
[tool.setuptools]
packages = ["bot"]
[tool.setuptools.package-data]
bot = ["build.json"]
"""


def _git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.net", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """v1.0.0, v1.1.0, and one untagged commit on top."""
    root = tmp_path / "repository"
    (root / "bot").mkdir(parents=True)
    (root / "deploy").mkdir()
    (root / "bot/__init__.py").touch()
    (root / releases.LOCK).touch()
    _git(root.parent, "init", "-q", str(root))
    for version in ("1.0.0", "1.1.0"):
        (root / "pyproject.toml").write_text(PYPROJECT.format(version=version))
        _git(root, "add", ".")
        _git(root, "commit", "-qm", version)
        _git(root, "tag", f"v{version}")
    monkeypatch.setattr(releases, "ROOT", root)
    monkeypatch.setenv("MMSTACK_CACHE_DIR", str(tmp_path / "cache"))
    return root


def test_a_tag_names_a_release(repository: Path) -> None:
    commit = _git(repository, "rev-parse", "v1.0.0")
    found = releases.resolve("h", {"release": "v1.0.0"}, {})
    assert (found.id, found.commit) == (f"1.0.0+{commit[:7]}", commit)


def test_without_a_name_the_tag_at_head_is_meant(repository: Path) -> None:
    assert releases.resolve("h", {}, {}).id.startswith("1.1.0+")


def test_an_untagged_head_is_refused_with_the_choices(repository: Path) -> None:
    _git(repository, "commit", "--allow-empty", "-qm", "more")
    with pytest.raises(ReleaseError, match=r"HEAD carries no tag; .*v1\.1\.0, v1\.0\.0.*host: 0\.9\.0\+aaaaaaa"):
        releases.resolve("h", {}, {"0.9.0+aaaaaaa": ()})


def test_a_tag_that_does_not_exist_is_refused_with_the_choices(repository: Path) -> None:
    with pytest.raises(ReleaseError, match=r"there is no tag v9\.9\.9 in this repository\. Tags here: v1"):
        releases.resolve("h", {"release": "v9.9.9"}, {})


def test_a_branch_is_not_a_tag(repository: Path) -> None:
    _git(repository, "branch", "feature")
    with pytest.raises(ReleaseError, match="there is no tag feature"):
        releases.resolve("h", {"release": "feature"}, {})


def test_a_release_kept_on_the_host_can_be_named_by_its_id(repository: Path) -> None:
    found = releases.resolve("h", {"release": "0.9.0+aaaaaaa"}, {"0.9.0+aaaaaaa": ()})
    assert (found.id, found.treeish) == ("0.9.0+aaaaaaa", "")


def test_a_clean_working_tree_is_its_commit(repository: Path) -> None:
    assert releases.resolve("h", {"release_source": "worktree"}, {}).id == releases.resolve("h", {}, {}).id


def test_a_changed_working_tree_has_an_id_of_its_own_and_keeps_its_index(repository: Path) -> None:
    (repository / "bot/new.py").write_text("x = 1\n")
    status = _git(repository, "status", "--porcelain")
    first = releases.resolve("h", {"release_source": "worktree"}, {})
    assert first.id.startswith(releases.resolve("h", {}, {}).id + ".")
    assert _git(repository, "status", "--porcelain") == status
    (repository / "bot/new.py").write_text("x = 2\n")
    assert releases.resolve("h", {"release_source": "worktree"}, {}).id != first.id


def test_a_wheel_carries_its_id_and_is_built_once(repository: Path) -> None:
    release = releases.resolve("h", {"release": "v1.0.0"}, {})
    first = releases.build("h", release, "3.11")
    assert first.wheel.name == f"mmstack-{release.id}-py3-none-any.whl"
    with zipfile.ZipFile(first.wheel) as wheel:
        assert release.id in wheel.read("bot/build.json").decode()
    built = first.wheel.stat().st_mtime_ns
    assert releases.build("h", release, "3.11") == first
    assert first.wheel.stat().st_mtime_ns == built


def test_a_tag_that_does_not_build_is_told_in_its_own_words(repository: Path) -> None:
    (repository / "pyproject.toml").write_text(PYPROJECT.format(version="2.0.0") + "[tool.setuptools.nonsense]\n")
    _git(repository, "commit", "-qam", "broken")
    _git(repository, "tag", "v2.0.0")
    release = releases.resolve("h", {"release": "v2.0.0"}, {})
    with pytest.raises(ReleaseError, match=r"building 2\.0\.0\+.* failed: "):
        releases.build("h", release, "3.11")
