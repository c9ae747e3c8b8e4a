"""What systemd is told: ready, reloading, stopping, alive. Without NOTIFY_SOCKET every call does nothing.

The watchdog is fed only when the session has turned since the last feeding: a process that merely exists
is not alive. Knows nothing of what a turn is.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping


class ServiceManager:
    """The datagram socket of sd_notify(3)."""

    def __init__(self, environment: Mapping[str, str], pid: int) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._turns_fed = -1
        own = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        self.watchdog_s = int(environment.get("WATCHDOG_USEC", "0")) / 1e6 if own else 0.0

    def ready(self, status: str) -> None:
        self._tell(f"READY=1\nSTATUS={status}")

    def reloading(self, steady_ns: int) -> None:
        """`steady_ns` must be CLOCK_MONOTONIC: the manager orders reloads by it."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={steady_ns // 1000}")

    def stopping(self, status: str) -> None:
        self._tell(f"STOPPING=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        self._tell(f"STATUS={status}")

    def feed(self, turns: int) -> bool:
        """Ping the watchdog if the session turned since the last ping; says whether it did."""
        if turns == self._turns_fed:
            return False
        self._turns_fed = turns
        self._tell("WATCHDOG=1")
        return True

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto(message.encode(), address)
