"""Which release is meant, and how it is built: from `git archive` of a tag, or of the working tree in a sandbox.

A release's id is `<version>+<commit7>`, and `<version>+<commit7>.<tree7>` for a working tree that differs from its
commit. The id is the wheel's version, the name of its directory on the host and a column of every log line.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import ReleaseError
from .templates import ROOT

PYTHON_OF = {"12": "3.11", "13": "3.13"}
"""Debian release -> its Python, for which wheels are collected."""

LOCK = "deploy/host-requirements.lock"
RELEASE_ID = re.compile(r"\d+\.\d+[\w.]*\+[0-9a-f]{7}(\.[0-9a-f]{7})?")
"""A release by its id rather than by a tag: one that a host keeps can be named so."""

_building = threading.Lock()


@dataclass(frozen=True, slots=True)
class Release:
    """A release by id. `treeish` is what git archives; empty when it can only come from a host that has it."""

    id: str
    commit: str
    treeish: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files a host installs a release from; `wheels` names the set of wheels, shared by releases with one lock."""

    wheel: Path
    wheelhouse: Path
    wheels: str


def resolve(host: str, data: Mapping[str, object], on_host: Mapping[str, object]) -> Release:
    """The release the operator asked for with `release`, or the default of `release_source` (tag | worktree).

    `on_host` are the ids of releases the host has: one of them may be named even if git no longer knows it.
    Raises ReleaseError naming what there is instead.
    """
    asked = str(data.get("release") or "")
    if asked in on_host:
        return Release(asked, _git("rev-parse", "--verify", "--quiet", _commit7(asked), check=False), "")
    if asked:
        return _from_tag(host, asked, on_host)
    if data.get("release_source", "tag") == "worktree":
        return _from_worktree(host)
    tag = _git("describe", "--tags", "--exact-match", "HEAD", check=False)
    if not tag:
        raise ReleaseError(host, [f"HEAD carries no tag; name a release: --data release=TAG. {_choices(on_host)}"])
    return _from_tag(host, tag, on_host)


def build(host: str, release: Release, python: str) -> Bundle:
    """Builds wheel and wheelhouse, or takes them from the cache. Raises ReleaseError with the tool's own last words."""
    with _building:
        try:
            return _build(release, python)
        except subprocess.CalledProcessError as error:
            words = (error.stderr or error.stdout or "").strip().splitlines()[-3:]
            raise ReleaseError(host, [f"building {release.id} failed: {' / '.join(words)}"]) from error


def cache_directory() -> Path:
    """Where builds are kept: MMSTACK_CACHE_DIR, else the system's cache for root and the user's otherwise."""
    default = Path("/var/cache/mmstack") if os.geteuid() == 0 else Path.home() / ".cache/mmstack"
    return Path(os.environ.get("MMSTACK_CACHE_DIR", default))


def _from_tag(host: str, tag: str, on_host: Mapping[str, object]) -> Release:
    commit = _git("rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}", check=False)
    if not commit:
        raise ReleaseError(host, [f"there is no tag {tag} in this repository. {_choices(on_host)}"])
    return Release(f"{_version(commit)}+{commit[:7]}", commit, commit)


def _from_worktree(host: str) -> Release:
    commit = _git("rev-parse", "--verify", "--quiet", "HEAD", check=False)
    if not commit:
        raise ReleaseError(host, [f"{ROOT} is not a git checkout with a commit; clone the repository with git"])
    with tempfile.TemporaryDirectory() as directory:
        index = {**os.environ, "GIT_INDEX_FILE": f"{directory}/index"}
        _git("read-tree", "HEAD", env=index)
        _git("add", "--all", env=index)
        tree = _git("write-tree", env=index)
    if tree == _git("rev-parse", "HEAD^{tree}"):
        return Release(f"{_version(commit)}+{commit[:7]}", commit, commit)
    return Release(f"{_version(tree)}+{commit[:7]}.{tree[:7]}", commit, tree)


def _choices(on_host: Mapping[str, object]) -> str:
    tags = _git("tag", "--sort=-version:refname", check=False).split()[:5]
    kept = sorted(on_host)
    return f"Tags here: {', '.join(tags) or 'none'}. Releases kept on the host: {', '.join(kept) or 'none'}."


def _commit7(release: str) -> str:
    return release.rpartition("+")[2].partition(".")[0] + "^{commit}"


def _version(treeish: str) -> str:
    return str(tomllib.loads(_git("show", f"{treeish}:pyproject.toml"))["project"]["version"])


def _git(*arguments: str, check: bool = True, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], check=check, capture_output=True, text=True, env=env and dict(env)
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def _build(release: Release, python: str) -> Bundle:
    cache = cache_directory()
    kept = cache / "releases" / release.id
    if not (kept / "host-requirements.lock").exists():
        with _scratch(cache) as scratch:
            _build_wheel(release, Path(scratch), kept)
    lock = kept / "host-requirements.lock"
    wheels = f"cp{python.replace('.', '')}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    house = cache / "wheelhouse" / f"{wheels}.tar"
    if not house.exists():
        with _scratch(cache) as scratch:
            _collect_wheels(lock, python, Path(scratch), house)
    return Bundle(next(kept.glob("*.whl")), house, wheels)


def _scratch(cache: Path) -> tempfile.TemporaryDirectory[str]:
    cache.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=cache)


def _build_wheel(release: Release, scratch: Path, kept: Path) -> None:
    source, out = scratch / "source", scratch / "out"
    archive = scratch / "source.tar"
    _git("archive", "--format=tar", "-o", str(archive), release.treeish)
    source.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "-C", str(source)], check=True, capture_output=True, text=True)
    project = source / "pyproject.toml"
    project.write_text(re.sub(r'(?m)^version = ".*"$', f'version = "{release.id}"', project.read_text(), count=1))
    (source / "bot/build.json").write_text(json.dumps({"release": release.id, "commit": release.commit}))
    _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(out), str(source))
    (out / "host-requirements.lock").write_bytes((source / LOCK).read_bytes())
    kept.parent.mkdir(exist_ok=True)
    _move_whole(out, kept)


def _collect_wheels(lock: Path, python: str, scratch: Path, house: Path) -> None:
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 24, 17, 5)] + ["manylinux2014_x86_64"]
    _pip(
        "download",
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(lock), "--dest", str(scratch)),
        *("--implementation", "cp", "--python-version", python),
        *(f"--abi={abi}" for abi in (f"cp{python.replace('.', '')}", "abi3", "none")),
        *(f"--platform={platform}" for platform in platforms),
    )
    (scratch / "host-requirements.lock").write_bytes(lock.read_bytes())
    staged = scratch.with_suffix(".tar")
    with tarfile.open(staged, "w") as tar:
        for path in sorted(scratch.iterdir()):
            tar.add(path, arcname=path.name)
    house.parent.mkdir(exist_ok=True)
    staged.rename(house)


def _move_whole(source: Path, target: Path) -> None:
    """Another deploy may have built the same release meanwhile: then its copy, which is equal, stays."""
    try:
        source.rename(target)
    except OSError:
        if not (target / "host-requirements.lock").exists():
            raise


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)
