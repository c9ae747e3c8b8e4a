"""Programs from release archives: out of a folder or from a mirror, each judged before anything on a host is touched.

A folder holds upstream's archives, plain programs, or both, and perhaps a SHA256SUMS. An archive is held to the SHA-256
in `versions.py`; where that has none, and for plain programs, to the folder's SHA256SUMS, and the sentence in
`Program.checked` says so. A plain program that no SHA256SUMS names must at least run here and say the pinned version.
Digests are remembered with the file's size, times and inode, so a second run reads no program again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..releases import cache_directory
from ..versions import Component
from .mirror import NotThere, Progress, Unfit, fetch, note, sums_at, sums_in

PATIENCE_S = 20.0
_VERSION = re.compile(r"version[ :=]+v?(\d+\.\d+\.\d+(?:-[\w.]+)?)", re.IGNORECASE)
"""Without what a packager adds behind a plus: 0.28.1+ds is 0.28.1."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program that may be installed; `file` is it, on this machine, and `checked` how it was judged."""

    component: str
    version: str
    file: Path
    sha256: str
    checked: str


def obtain(place: str, component: Component, progress: Progress = lambda *_: None) -> Program:
    """The program of a component from a folder, or from a mirror by way of the cache. Raises Unfit."""
    if not is_url(place):
        folder = Path(place)
        if place and not folder.is_dir():
            raise Unfit(f"artifacts={place} is not a folder; name one, or fill it: firedrill artifacts fetch {place}")
        if place:
            return judge(folder, component)
    source = place or component.url.rpartition("/")[0]
    kept = _cache() / "mirrors" / hashlib.sha256(f"{source} {component.version}".encode()).hexdigest()[:16]
    kept.mkdir(parents=True, exist_ok=True)
    try:
        return fill(kept, component, place, progress)
    except Unfit as error:
        what = str(error).replace(str(kept), source).partition("; bring ")[0]
        raise Unfit(what if "; " in what else f"{what}; put the pinned one there, or name another place") from error


def is_url(place: str) -> bool:
    """Whether a place is a mirror rather than a folder."""
    return place.startswith(("http://", "https://"))


def fill(folder: Path, component: Component, base: str, progress: Progress) -> Program:
    """The component's program in `folder`, brought from the mirror `base` ("": upstream) unless a good one is there.

    Raises Unfit.
    """
    try:
        return judge(folder, component)
    except Unfit:
        _bring(folder, component, base.rstrip("/"), progress)
    return judge(folder, component)


def judge(folder: Path, component: Component) -> Program:
    """The component's program in a folder: its archive before a plain one. Raises Unfit naming file and remedy."""
    sums = sums_in(folder)
    archive = folder / component.archive
    if archive.is_file():
        return _from_archive(archive, component, sums)
    plain = next((folder / name for name in plain_names(component) if (folder / name).is_file()), None)
    if plain is not None:
        return _plain(plain, component, sums)
    missing = f"neither {component.archive} nor {component.binary}" if not component.tree else f"no {component.archive}"
    remedy = f"firedrill artifacts fetch {folder} --component {component.name}"
    raise Unfit(f"{folder} has {missing}; bring it: {remedy}")


def plain_names(component: Component) -> tuple[str, ...]:
    """What a plain program of a component may be called; one that needs the files beside it never comes so."""
    return () if component.tree else (component.binary, component.member.rpartition("/")[2])


def digest_of(path: Path) -> str:
    """Hex SHA-256 of a file, out of memory when it is the file it was."""
    known = _Memory().ask(path)
    if known is None:
        with path.open("rb") as file:
            known = (hashlib.file_digest(file, "sha256").hexdigest(), "")
        _Memory().keep(path, *known)
    return known[0]


def _bring(folder: Path, component: Component, base: str, progress: Progress) -> None:
    url = f"{base}/{component.archive}" if base else component.url
    sums = sums_at(url.rpartition("/")[0]) if base or not component.sha256 else {}
    offered = sums.get(component.archive, component.sha256)
    if component.sha256 and offered != component.sha256:
        raise Unfit(
            f"{base} has another {component.archive} than the pinned {component.version}: its SHA256SUMS says "
            f"{offered}, and deploy/versions.py {component.sha256}"
        )
    try:
        if not offered:
            raise NotThere(f"{url} has no SHA-256 to be held to: neither deploy/versions.py nor a SHA256SUMS names it")
        _bring_one(folder, component.archive, url, offered, progress)
    except NotThere:
        name = next((name for name in plain_names(component) if name in sums), None)
        if name is None:
            raise
        _bring_one(folder, name, f"{base}/{name}", sums[name], progress)


def _bring_one(folder: Path, name: str, url: str, sha256: str, progress: Progress) -> None:
    fetch(url, folder / name, sha256, progress)
    note(folder, {name: sha256})


def _from_archive(archive: Path, component: Component, sums: dict[str, str]) -> Program:
    found, listed = digest_of(archive), sums.get(archive.name)
    again = f"firedrill artifacts fetch {archive.parent} --component {component.name}"
    if component.sha256 and found != component.sha256:
        raise Unfit(
            f"{archive} is not {component.name} {component.version}: its SHA-256 is {found}, and deploy/versions.py "
            f"pins {component.sha256}; bring it again: {again}"
        )
    if listed not in (None, found):
        raise Unfit(f"{archive} is not what its SHA256SUMS says ({listed}): its SHA-256 is {found}; {again}")
    if not component.sha256 and listed is None:
        raise Unfit(f"nothing says what {archive} should be: no pin in deploy/versions.py, no line in SHA256SUMS")
    held = "deploy/versions.py" if component.sha256 else "the folder's SHA256SUMS, for this repository has no pin of it"
    file = archive if component.tree else _unpack(archive, component, found)
    return Program(component.name, component.version, file, digest_of(file), f"SHA-256 of the archive as in {held}")


def _plain(path: Path, component: Component, sums: dict[str, str]) -> Program:
    found, listed = digest_of(path), sums.get(path.name)
    if sums and listed is None:
        raise Unfit(f"{path} is not in the SHA256SUMS beside it; add it there once you know where it comes from")
    if listed not in (None, found):
        raise Unfit(f"{path} is not what its SHA256SUMS says ({listed}): its SHA-256 is {found}; bring it again")
    says = _asked(path)
    if not says and listed is None:
        raise Unfit(
            f"nothing says what {path} is: there is no SHA256SUMS beside it, and it does not run here to say its "
            "version; add a SHA256SUMS you trust"
        )
    if says and says not in (component.version, *component.also):
        raise Unfit(
            f"{path} says it is version {says}, and deploy/versions.py pins {component.name} {component.version}; "
            f"bring that one: firedrill artifacts fetch {path.parent} --component {component.name}"
        )
    by = "SHA-256 as in the folder's SHA256SUMS" if listed else "held to no SHA-256 (there is no SHA256SUMS)"
    word = "by its own word this version" if says else "its version unasked, for it does not run here"
    return Program(component.name, says or component.version, path, found, f"{by}; {word}")


def _asked(path: Path) -> str:
    """The version a program says it is, "" if it does not run here."""
    known = _Memory().ask(path)
    if known and known[1]:
        return known[1]
    with _runnable(path) as program:
        try:
            done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=PATIENCE_S, cwd="/")
        except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
            return ""
    said = _VERSION.search(done.stdout + done.stderr) if done.returncode == 0 else None
    if said:
        _Memory().keep(path, digest_of(path), said[1])
    return said[1] if said else ""


@contextmanager
def _runnable(path: Path) -> Iterator[Path]:
    if os.access(path, os.X_OK):
        yield path.absolute()
        return
    with tempfile.TemporaryDirectory(dir=_cache()) as scratch:
        copy = Path(shutil.copyfile(path, Path(scratch, path.name)))
        copy.chmod(0o755)
        yield copy


def _unpack(archive: Path, component: Component, digest: str) -> Path:
    """The program inside, in the cache; what is there from before must still be what was unpacked."""
    target = _cache() / digest[:16] / component.binary
    noted = target.with_name(f"{component.binary}.sha256")
    if target.is_file() and noted.is_file() and noted.read_text() == digest_of(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{component.binary}.part")
    try:
        with _opened(archive, component.member) as inside, part.open("wb") as file:
            shutil.copyfileobj(inside, file, 1 << 20)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise Unfit(f"{archive} is not an archive with {component.member} in it ({error})") from error
    part.chmod(0o755)
    os.rename(part, target)
    noted.write_text(digest_of(target))
    return target


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed, packed.open(member) as inside:
            yield inside
        return
    with tarfile.open(archive) as tar:
        found = tar.extractfile(member)
        if found is None:
            raise KeyError(f"{member} is not a file")
        yield found


def _cache() -> Path:
    """In the operator's build cache, whose other contents are releases and wheels."""
    place = cache_directory() / "artifacts"
    place.mkdir(parents=True, exist_ok=True)
    return place


class _Memory:
    """What files were found to be, as long as size, times and inode are the same. Losing it only costs time."""

    def __init__(self) -> None:
        self.path = _cache() / "digests.json"
        try:
            self.known: dict[str, list[str]] = json.loads(self.path.read_text())
        except (OSError, ValueError):
            self.known = {}

    def ask(self, path: Path) -> tuple[str, str] | None:
        """Digest and version, the latter "" if it was not asked for."""
        entry = self.known.get(str(path.absolute()))
        return (entry[1], entry[2]) if entry and entry[0] == _identity(path) else None

    def keep(self, path: Path, digest: str, version: str) -> None:
        """Remember, and forget what is gone; of two at once one is lost."""
        self.known = {name: entry for name, entry in self.known.items() if Path(name).exists()}
        self.known[str(path.absolute())] = [_identity(path), digest, version]
        fresh = self.path.with_name(f".digests.{os.getpid()}.{os.urandom(4).hex()}")
        fresh.write_text(json.dumps(self.known))
        os.rename(fresh, self.path)


def _identity(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
