"""Secrets as systemd hands them over: a file each in $CREDENTIALS_DIRECTORY, for this unit alone.

A value is never part of a message; the environment and the env file hold none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.errors import CannotStart

VARIABLE = "CREDENTIALS_DIRECTORY"


class Credentials:
    """The folder that the service manager named."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._folder = environment.get(VARIABLE, "")

    def read(self, name: str, purpose: str) -> str:
        """One credential. Raises CannotStart with the remedy when it is not there, not readable or empty."""
        path = Path(self._folder) / name
        try:
            value = path.read_text().strip() if self._folder else ""
        except (OSError, UnicodeDecodeError):
            value = ""
        if not value:
            raise CannotStart(self._remedy(name, purpose))
        return value

    def _remedy(self, name: str, purpose: str) -> str:
        on_a_host = f"on a host, put a line {name}=... into the secrets file of the inventory and deploy"
        by_hand = f"by hand, write it to DIR/{name} (chmod 600) and start with {VARIABLE}=DIR"
        return f"no credential {name} ({purpose}): {on_a_host}; {by_hand}"
