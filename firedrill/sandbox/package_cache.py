"""Packages and lists that earlier hosts downloaded, given to new hosts as read-only layers below their own.

A layer never changes once it has its name: a host that leaves brings what it downloaded into a new one, made of links
to the old files and to the new, and layers no host reads from any more are removed. So hosts never wait for each other,
and no host can damage what another one reads. apt checks every package against its signed list as always.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firedrill.sandbox.locks import held
from firedrill.sandbox.mounts import in_use

_LOCK_SECONDS = 60.0
# Older lists name packages that the mirrors no longer hold; a host without lists fetches its own.
_LISTS_SECONDS = 24 * 3600.0
_PACKAGES_BYTES = 1_000_000_000
_DRAFT = ".draft-"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One sort of files: where they lie in a Debian, and which of them."""

    name: str
    folder: str
    pattern: str


_PACKAGES = _Kind("packages", "var/cache/apt/archives", "*.deb")
_LISTS = _Kind("lists", "var/lib/apt/lists", "*_*")


@contextmanager
def layers(cache: Path, release: str) -> Iterator[list[Path]]:
    """The layers for a new host, topmost first; they are not removed before the caller has mounted them."""
    home = cache / "apt" / release
    with held(home / "lock", seconds=_LOCK_SECONDS, what="the package cache", shared=True):
        newest = [_newest(home, _PACKAGES), _newest(home, _LISTS)]
        yield [layer for layer in newest if layer is not None and _usable(layer)]


def collect(cache: Path, release: str, root: Path, upper: Path) -> None:
    """Keep what a stopped, still mounted host downloaded."""
    fresh = [kind for kind in (_PACKAGES, _LISTS) if _regular(upper / kind.folder, kind)]
    if not fresh:
        return
    home = cache / "apt" / release
    with held(home / "lock", seconds=_LOCK_SECONDS, what="the package cache"):
        for kind in fresh:
            _add(home, kind, root, upper)
        _prune(home)


def _add(home: Path, kind: _Kind, root: Path, upper: Path) -> None:
    sources = {path.name: path for path in _regular(root / kind.folder, kind)}
    sources |= {path.name: path for path in _regular(upper / kind.folder, kind)}
    if kind is _PACKAGES and (old := _newest(home, kind)):
        kept = {path.name: path for path in _regular(old / kind.folder, kind)}
        if not kept.keys() - sources.keys() and not sources.keys() - kept.keys():
            return
        if sum(path.stat().st_size for path in kept.values()) < _PACKAGES_BYTES:
            sources |= kept
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=home))
    folder = draft / kind.folder
    folder.mkdir(parents=True)
    for name, path in sources.items():
        _link(path, folder / name)
    draft.chmod(0o755)
    draft.rename(home / f"{kind.name}-{time.time_ns()}")


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _prune(home: Path) -> None:
    keep = {_newest(home, _PACKAGES), _newest(home, _LISTS)}
    for entry in home.iterdir():
        if entry.is_dir() and entry not in keep and not in_use(entry):
            shutil.rmtree(entry)


def _newest(home: Path, kind: _Kind) -> Path | None:
    return max(home.glob(f"{kind.name}-*"), key=_made, default=None)


def _made(layer: Path) -> int:
    return int(layer.name.rpartition("-")[2])


def _usable(layer: Path) -> bool:
    return not layer.name.startswith(_LISTS.name) or time.time() - _made(layer) / 1e9 < _LISTS_SECONDS


def _regular(folder: Path, kind: _Kind) -> list[Path]:
    return [path for path in folder.glob(kind.pattern) if stat.S_ISREG(path.lstat().st_mode)]
