"""The files in json/: what they must hold, byte for byte, so that a test can tell when one is stale."""

from __future__ import annotations

import json
from pathlib import Path

from dashboards import orders, overview, pipeline, rotation, strategy
from dashboards.sdk import JSONEncoder

FOLDER = Path(__file__).resolve().parent / "json"
BOARDS = tuple(module.BOARD for module in (overview, orders, strategy, rotation, pipeline))


def rendered() -> dict[str, str]:
    """The text of each file by its name."""
    return {
        f"{board.uid}.json": json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        + "\n"
        for board in BOARDS
    }


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing, differ, or belong to no dashboard."""
    wanted = rendered()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def write(folder: Path = FOLDER) -> list[str]:
    """Makes the folder what it must be; the names of what changed."""
    changed = stale(folder)
    folder.mkdir(exist_ok=True)
    wanted = rendered()
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed
