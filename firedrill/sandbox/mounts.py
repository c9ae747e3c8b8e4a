"""Mounts as the kernel lists them, and the overlay that gives each host its own writable Debian."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firedrill.sandbox.errors import SandboxError

_BUSY_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo: `root` is the part of the file system that is mounted."""

    root: str
    point: Path
    kind: str
    options: str


def mounts() -> list[Mount]:
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields, (kind, _, options) = left.split(), right.split(" ", 2)
        found.append(Mount(_unescape(fields[3]), Path(_unescape(fields[4])), kind, options))
    return found


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def below(directory: Path) -> list[Path]:
    """Mount points in a directory, innermost first."""
    return [mount.point for mount in reversed(mounts()) if mount.point.is_relative_to(directory)]


def in_use(directory: Path) -> bool:
    """True if a mounted overlay reads from this directory."""
    lower = re.compile(rf"[=:]{re.escape(str(directory))}(?=[/:,\s]|$)")
    return any(lower.search(mount.options) for mount in mounts() if mount.kind == "overlay")


def mount_overlay(lower: Sequence[Path], upper: Path, work: Path, root: Path) -> None:
    options = f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir={work}"
    result = subprocess.run(
        ["mount", "-t", "overlay", "-o", options, "mmstack", str(root)], capture_output=True, text=True
    )
    if result.returncode:
        raise SandboxError(
            f"Cannot mount an overlay at {root}: {result.stderr.strip().rstrip('.')}. Point MMSTACK_SANDBOX_DIR at a "
            "directory on an ordinary disk file system (not on tmpfs, overlayfs or a network file system)."
        )


def unmount_below(directory: Path) -> list[Path]:
    """Unmount everything in a directory; returns what could not be."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while points := below(directory):
        failed = [point for point in points if subprocess.run(["umount", str(point)], capture_output=True).returncode]
        if failed and time.monotonic() > deadline:
            return failed
        if failed:
            time.sleep(0.05)
    return []
