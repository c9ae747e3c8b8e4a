"""A desk that sets the bot's settings in its inventory, deploys, and reads what the bot did."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.host.desk import Desk
from tests.host.repository import copy_working_tree

BIN = "/opt/mm-bot/current/venv/bin/mm-bot"


class Trader:
    """`settings` is a file outside the checkout: other settings are no other release."""

    def __init__(self, desk: Desk, settings: Path) -> None:
        self.desk = desk
        self.settings = settings

    def set(self, **bot: object) -> None:
        self.settings.write_text(json.dumps(bot))

    def deploy(self) -> None:
        said = self.desk.deploy()
        assert said.code == 0, said.text
        assert self.desk.deploy().changes == 0, "a second run changes nothing"

    def log(self) -> list[dict[str, Any]]:
        """The lines of the present run."""
        run = self.desk.ctl("status")["run"]
        lines = self.desk.ssh(f'grep -F \'"run":"{run}"\' /var/log/mm-bot/events.jsonl || true')
        return [json.loads(line) for line in lines.splitlines()]

    def events(self, *actions: str) -> list[dict[str, Any]]:
        """Those of the present run."""
        return [line for line in self.log() if line["action"] in actions]

    def green(self) -> None:
        said, _ = self.desk.firedrill("--no-drills")
        assert said.code == 0, said.text


def trader_of(folder: Path, sandbox_dir: Path, boot: Callable[..., Any]) -> Trader:
    """On a fresh host, not yet deployed."""
    checkout = copy_working_tree(folder / "mmstack")
    settings = checkout.with_name("bot.json")
    data = checkout / "inventory" / "group_data" / "sandbox.py"
    data.write_text(
        f"{data.read_text()}\nimport json as _json\nfrom pathlib import Path as _Path\n\n"
        f"bot = _json.loads(_Path({str(settings)!r}).read_text())\n"
    )
    return Trader(Desk(checkout, sandbox_dir, boot(prefix="trader").facts), settings)
