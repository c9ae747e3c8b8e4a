"""A scratch host for the transaction: paths lie below a root of the test's own, and systemd is a script that writes
down what it was asked."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any


class Systemd:
    """Answers for systemctl: which units refuse to start."""

    def __init__(self) -> None:
        self.restarted: list[str] = []
        self.stopped: list[str] = []
        self.enabled: list[str] = []
        self.disabled: list[str] = []
        self.broken: set[str] = set()
        self.unknown: set[str] = set()

    def control(self, verb: str, *names: str, check: bool = True) -> None:
        made = {"enable": self.enabled, "disable": self.disabled}.get(verb, [])
        made += [name for name in names if not name.startswith("--")]

    def restart(self, unit: dict[str, Any]) -> str:
        self.restarted.append(unit["name"])
        return "exit-code" if unit["name"] in self.broken else ""


class Host:
    """A scratch host with one release, one config file and one unit."""

    def __init__(self, root: Path, transaction: ModuleType, prune: ModuleType) -> None:
        self.root, self.transaction, self.prune, self.systemd = root, transaction, prune, Systemd()
        self.config = root / "etc/app.conf"
        self.new = root / "etc/new.conf"
        self.stray = root / "etc/stray.conf"
        for path in (transaction.STAGE / "tree", root / "etc", prune.RELEASES, transaction.STATE / "releases"):
            path.mkdir(parents=True)
        self.config.write_text("old")
        self.stray.write_text("stray")

    def release(self, name: str) -> None:
        (self.prune.RELEASES / name).mkdir()
        (self.transaction.STATE / "releases" / name).write_text("fingerprint\ndigest\n")

    def point(self, name: str) -> None:
        """A deploy of that release has proved itself here."""
        self.transaction.STAMP.write_text("earlier")
        self.transaction._point(f"releases/{name}")

    @property
    def current(self) -> str:
        return os.readlink(self.transaction.CURRENT)

    def stage(self, link: str = "", retire: Sequence[str] = (), **contents: str) -> dict[str, Any]:
        """Stages new contents by attribute name (config, new) and returns the plan."""
        entries = []
        for name, content in contents.items():
            path: Path = getattr(self, name)
            staged = self.transaction.STAGE / "tree" / str(path).lstrip("/")
            staged.parent.mkdir(parents=True, exist_ok=True)
            staged.write_text(content)
            entries.append({"path": str(path), "owner": os.getuid(), "group": os.getgid(), "mode": 0o640})
        plan = {
            "files": entries,
            "removals": [str(self.stray)],
            "link": link,
            "unmask": [],
            "enable": [],
            "retire": list(retire),
            "restart": [{"name": "app.service", "ready_url": None}],
            "stamp": {"release": "1", "files": {}},
            "id": "mine",
            "directories": [str(self.config.parent)],
        }
        (self.transaction.STAGE / "plan.json").write_text(json.dumps(plan))
        return plan
