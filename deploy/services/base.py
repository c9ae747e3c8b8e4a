"""What every other service stands on: Python, the accounts, and the directories that belong to no single service."""

from __future__ import annotations

from ..service import Account, Directory, Service
from ..settings.contexts import Context

STATE = "/var/lib/mmstack"
"""The deploy's own state on a host; closed to everybody but root, because staged files may hold secrets."""


def service(_context: Context) -> Service:
    """The service of that name."""
    return Service(
        name="base",
        packages=("python3", "iproute2", "ca-certificates"),
        accounts=(Account("mm-bot"), Account("mm-store", groups=("mm-bot",))),
        directories=(Directory(STATE, mode=0o700),),
    )
