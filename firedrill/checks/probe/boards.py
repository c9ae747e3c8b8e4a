"""Compares the dashboards that Grafana reads with those of the release. Links to runbooks are the host's own."""

from __future__ import annotations

import glob
import json
import os

BROUGHT = "venv/lib/python3*/site-packages/dashboards/json"


def out_of_step(current: str, folder: str) -> list[str]:
    """What is wrong with each file of `folder` that is not as in the release; empty for a release that brings none."""
    sources = glob.glob(os.path.join(current, BROUGHT))
    if not sources:
        return []
    wanted, there = _boards(sources[0]), _boards(folder)
    apart = [f"{name} is missing" for name in wanted if name not in there]
    apart += [f"{name} is not in the release" for name in there if name not in wanted]
    return sorted(apart + [f"{name} differs" for name in wanted if name in there and wanted[name] != there[name]])


def _boards(folder: str) -> dict[str, object]:
    """Dashboards by file name, without what depends on the host; None for one that cannot be read."""
    return {os.path.basename(path): _bare(path) for path in sorted(glob.glob(os.path.join(folder, "*.json")))}


def _bare(path: str) -> object:
    try:
        with open(path, encoding="utf-8") as file:
            board = json.load(file)
        listed = board.get("templating", {}).get("list", [])
        listed[:] = [variable for variable in listed if variable["name"] != "runbooks"]
        return {**board, "panels": [{**panel, "links": []} for panel in board["panels"]]}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None
