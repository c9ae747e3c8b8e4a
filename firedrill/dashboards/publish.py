"""Dashboards as a Grafana on this host reads them: files in one folder, kept equal to those of a release.

Needs neither a Grafana nor a network. A dashboard appears whole, by a rename; when one of the release's is broken,
nothing is touched at all. What is in the folder and is no `*.json` is not looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import firedrill
from firedrill.dashboards.model import load

RELEASED = Path(firedrill.__file__).resolve().parents[1] / "dashboards" / "json"
"""The dashboards of the release that runs, or of the checkout."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file: `how` is added, changed or removed; `content` is what it will hold."""

    name: str
    how: str
    content: bytes = b""

    def __str__(self) -> str:
        return f"{self.how} {self.name}"


def changes(source: Path, folder: Path, runbooks: str) -> list[Change]:
    """What `folder` lacks to hold the dashboards of `source`, links leading to `runbooks`.

    Raises DashboardError naming a file of `source` that is no dashboard, OSError when `folder` cannot be read.
    """
    load(source)
    return list(_changes(source, folder, f"{runbooks.rstrip('/')}/" if runbooks else ""))


def write(folder: Path, work: list[Change]) -> None:
    """Carry it out. Raises OSError; what was not reached is done by the next run."""
    for change in work:
        target = folder / change.name
        if change.how == "removed":
            target.unlink(missing_ok=True)
        else:
            _place(target, change.content)
    for left in folder.glob(".*.json.new"):
        left.unlink()


def with_runbooks(text: str, base_url: str) -> str:
    """A dashboard whose links lead to `base_url`, which ends with a slash; without one it has no links.

    Its descriptions name the runbooks either way.
    """
    board = json.loads(text)
    listed = board.get("templating", {}).get("list", [])
    if not base_url:
        listed[:] = [one for one in listed if one["name"] != "runbooks"]
        for panel in board["panels"]:
            panel["links"] = []
    for variable in listed:
        if variable["name"] == "runbooks":
            variable["query"] = base_url
    return json.dumps(board, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _changes(source: Path, folder: Path, base_url: str) -> Iterator[Change]:
    wanted = {path.name: path for path in sorted(source.glob("*.json"))}
    there = {name for name in os.listdir(folder) if name.endswith(".json")} if folder.exists() else set()
    for name, path in wanted.items():
        content = with_runbooks(path.read_text(encoding="utf-8"), base_url).encode()
        if name not in there:
            yield Change(name, "added", content)
        elif (folder / name).is_symlink() or not (folder / name).is_file() or (folder / name).read_bytes() != content:
            yield Change(name, "changed", content)
    for name in sorted(there - wanted.keys()):
        yield Change(name, "removed")


def _place(target: Path, content: bytes) -> None:
    fresh = target.with_name(f".{target.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "wb") as file:
        file.write(content)
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    fresh.rename(target)
