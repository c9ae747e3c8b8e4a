"""The operator's secrets: one file per group beside the inventory, never committed, readable by its owner only."""

from __future__ import annotations

import os
import secrets as random_source
import stat
from pathlib import Path

from ..errors import SettingsError
from .channels import CHANNELS


def read(host: str, path: Path, *, generate: bool = False) -> dict[str, str]:
    """Secrets by name. `generate` (sandboxes) makes a random token for the webhook on first use.

    Raises SettingsError when the file is missing, readable by others, or holds a line that is not NAME=value.
    """
    if generate and not path.exists():
        _generate(path)
    if not path.exists():
        lines = "; ".join(f"{channel.secret}=... ({channel.purpose})" for channel in CHANNELS.values())
        raise SettingsError(host, [f"secrets file {path} does not exist; create it (chmod 600), by channel: {lines}"])
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SettingsError(host, [f"secrets file {path} has mode {mode:04o}, others can read it; chmod 600 {path}"])
    return _parse(host, path)


def _parse(host: str, path: Path) -> dict[str, str]:
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.isidentifier():
            raise SettingsError(host, [f"{path} line {number} is not NAME=value (its text is not shown)"])
        found[name] = value
    return found


def _generate(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{CHANNELS['webhook'].secret}={random_source.token_urlsafe(32)}\n"
    staged = path.with_suffix(f".{os.getpid()}")
    staged.touch(mode=0o600)
    staged.write_text(line)
    staged.rename(path)
