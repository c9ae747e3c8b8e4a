"""Runs on the host once it has proved itself, before the old state is forgotten: removes what nobody needs any more.

The five newest releases stay, and of each program the one in use and the one before: going back needs no upload.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

STATE = Path("/var/lib/mmstack")
STAGE = STATE / "stage"
STAMP = STATE / "stamp.json"
CURRENT = Path("/opt/mm-bot/current")
RELEASES = Path("/opt/mm-bot/releases")
PROGRAMS = Path("/opt/mmstack/bin")
KEEP_RELEASES = 5


def releases() -> None:
    """Directories without a marker are what a cut installation left."""
    current = os.readlink(CURRENT).rpartition("/")[2]
    others = [marker.name for marker in _newest_first(STATE / "releases") if marker.name != current]
    keep = {current, *others[: KEEP_RELEASES - 1]}
    for directory in RELEASES.iterdir():
        if directory.name not in keep:
            (STATE / "releases" / directory.name).unlink(missing_ok=True)
            _remove(directory)


def programs() -> None:
    """Named COMPONENT-VERSION-HASH, by the stamp of the deploy that just proved itself."""
    used = {Path(path).name for path in json.loads(STAMP.read_text()).get("programs", {})}
    spare: set[str] = set()
    for marker in _newest_first(STATE / "programs"):
        component = marker.name.partition("-")[0]
        if marker.name not in used and component in spare:
            marker.unlink()
            _remove(PROGRAMS / marker.name)
        elif marker.name not in used:
            spare.add(component)


def directories() -> None:
    """In which nothing is left of what this deploy removed, and which nobody wants."""
    staged = STAGE / "plan.json"
    plan = json.loads(staged.read_text()) if staged.exists() else {"removals": [], "directories": []}
    for path in sorted(plan["removals"], reverse=True):
        folder = Path(path).parent
        while folder.is_dir() and str(folder) not in plan["directories"] and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _newest_first(markers: Path) -> list[Path]:
    return sorted(markers.glob("*"), key=lambda marker: marker.stat().st_mtime, reverse=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    releases()
    programs()
    directories()
