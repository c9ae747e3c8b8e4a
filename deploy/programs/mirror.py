"""Files over HTTP into a folder: whole, held to a SHA-256, and noted in its SHA256SUMS, or not there at all."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

SUMS = "SHA256SUMS"
PATIENCE_S = 30.0
_PIECE = 1 << 20
_SUMS_AT_MOST = 1 << 20

Progress = Callable[[str, int, int], None]
"""Told the file's name, the bytes that have come, and how many there will be (0: nobody said)."""


class Unfit(Exception):
    """A file is not there, or is not what it should be; the message is one sentence with the remedy."""


class NotThere(Unfit):
    """The server answers, and does not have it."""


def fetch(url: str, target: Path, sha256: str, progress: Progress) -> None:
    """What `url` has becomes `target`, all of it at once. Raises Unfit, and then `target` is what it was."""
    part = target.with_name(f".{target.name}.part")
    try:
        found = _load(url, part, target.name, progress)
        if found != sha256:
            raise Unfit(
                f"{url} is not the file that is wanted: its SHA-256 is {found}, and should be {sha256}; "
                "the mirror has another version, or it was damaged on the way"
            )
        os.rename(part, target)
    finally:
        part.unlink(missing_ok=True)


def sums_at(base: str) -> dict[str, str]:
    """What the SHA256SUMS at a mirror says, by file name; empty where it has none. Raises Unfit."""
    url = f"{base}/{SUMS}"
    try:
        with _open(url) as answer:
            return parse(answer.read(_SUMS_AT_MOST).decode(errors="replace"), url)
    except NotThere:
        return {}


def sums_in(folder: Path) -> dict[str, str]:
    """What the folder's SHA256SUMS says; empty where it has none. Raises Unfit for a line that says nothing."""
    path = folder / SUMS
    return parse(path.read_text(errors="replace"), str(path)) if path.is_file() else {}


def parse(text: str, where: str) -> dict[str, str]:
    """Lines as sha256sum writes them: a digest, two blanks or a blank and a star, a name."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        digest, _, name = line.strip().partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if len(digest) != 64 or not set(digest.lower()) <= set("0123456789abcdef") or not name.strip():
            raise Unfit(f"{where} line {number} is not a SHA-256 and a file name; make it anew with sha256sum")
        found[name.strip().removeprefix("*").removeprefix("./")] = digest.lower()
    return found


def note(folder: Path, digests: Mapping[str, str]) -> None:
    """Adds to the folder's SHA256SUMS, which `sha256sum -c` reads too. Raises Unfit where it cannot be read."""
    known = {**sums_in(folder), **digests}
    fresh = folder / f".{SUMS}.part"
    fresh.write_text("".join(f"{known[name]}  {name}\n" for name in sorted(known)))
    os.rename(fresh, folder / SUMS)


def _load(url: str, part: Path, name: str, progress: Progress) -> str:
    digest, come = hashlib.sha256(), 0
    with _open(url) as answer, part.open("wb") as file:
        size = int(answer.headers.get("Content-Length") or 0)
        try:
            while piece := answer.read(_PIECE):
                digest.update(piece)
                file.write(piece)
                come += len(piece)
                progress(name, come, size)
        except OSError as error:
            raise Unfit(f"{url} broke off after {come} bytes ({error}); try again") from error
        if come < size:
            raise Unfit(f"{url} broke off after {come} of {size} bytes; try again")
        os.fsync(file.fileno())
    return digest.hexdigest()


def _open(url: str):  # type: ignore[no-untyped-def]  # what urlopen answers has no name of its own
    try:
        return urllib.request.urlopen(url, timeout=PATIENCE_S)
    except urllib.error.HTTPError as error:
        said = f"{url} answers {error.code} {error.reason}"
        error.close()
        if error.code in (404, 410):
            raise NotThere(f"{said}: it is not there") from error
        raise Unfit(f"{said}; look at the mirror, or name another one") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unfit(f"{url} cannot be reached: {reason}; name a mirror or a folder that can be") from error
