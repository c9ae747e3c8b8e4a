"""One operator at a time on a host, and a clear word about who it is.

The lock lives as long as the ssh connection of the deploy that took it: when its operator ends, crashes or is killed,
the host frees it by itself. One whose machine vanished from the network frees it QUIET_S after its last sign of life.
"""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import threading
import time
from datetime import UTC, datetime
from typing import Any

from pyinfra import logger
from pyinfra.api.host import Host

from .errors import Refused

HOLDER = "/run/mmstack-operator"
"""On the host: who holds the lock, empty when nobody does. Gone with the next boot."""
QUIET_S = 900
SIGN_OF_LIFE_S = 20.0
PATIENCE_S = 2
"""How long a second deploy waits: one that just ended, or was killed, may still be closing its connection."""
ANSWER_S = 30.0

_HOLD = r"""
umask 022
exec 9>>"$1" || exit 1
flock -w "$2" 9 || { echo "held $(date +%s) $(cat "$1")"; exit 0; }
echo "$(date +%s) $4" > "$1"
echo mine
while read -r -t "$3" _; do :; done
: > "$1"
"""

_held: dict[str, Any] = {}
"""The channel of each host that this process holds."""


def take(host: Host, *, sudo: bool) -> None:
    """Hold `host` until this process ends. Raises Refused naming who holds it instead, since when, and what to do."""
    transport = _transport(host)
    if transport is None or host.name in _held:
        return
    channel = transport.open_session()
    channel.settimeout(ANSWER_S)
    words = ["sudo", "-n", *command(_me())] if sudo else command(_me())
    channel.exec_command(shlex.join(words))
    answer = _first_line(channel)
    if answer == "mine":
        _held[host.name] = channel
        threading.Thread(target=_give_signs_of_life, args=(channel,), daemon=True).start()
    elif answer.startswith("held "):
        raise Refused(host.name, [_who(answer)])
    else:  # not root there, or sudo wants a password; the preflight has words for the first
        logger.warning(f"{host.print_prefix}other operators cannot be kept out meanwhile: {HOLDER} cannot be locked")


def lost(host: Host) -> bool:
    """Whether the host has freed the lock meanwhile, because it heard nothing of us for too long."""
    return host.name in _held and bool(_held[host.name].exit_status_ready())


def command(name: str, holder: str = HOLDER, quiet_s: float = QUIET_S, patience_s: float = PATIENCE_S) -> list[str]:
    """What holds the lock on the host: it says `mine`, or who has it, and lets go when its input ends or is quiet."""
    return ["bash", "-c", _HOLD, "mmstack-operator", holder, str(patience_s), str(quiet_s), name]


def _who(answer: str) -> str:
    """`held NOW SINCE NAME`, as the host said it, in words."""
    _, now, since, name = [*answer.split(" ", 3), "", "", "", ""][:4]
    if not (now.isdigit() and since.isdigit()):
        return "another deploy is at work on it; deploy again when it has ended"
    started = datetime.fromtimestamp(int(since), UTC)
    return (
        f"{name} has been deploying to it since {started:%Y-%m-%d %H:%M:%S} UTC ({int(now) - int(since)} s ago); "
        "wait until that has ended, then deploy again"
    )


def _me() -> str:
    user = os.environ.get("SUDO_USER") or getpass.getuser()
    return f"{user}@{socket.gethostname()} (pid {os.getpid()})"


def _transport(host: Host) -> Any:
    """None where the host is not reached by ssh."""
    client = getattr(host.connector, "client", None)
    return client.get_transport() if client else None


def _first_line(channel: Any) -> str:
    """What the host answers, up to the first line break; "" when it says nothing in time or hangs up."""
    said = b""
    try:
        while b"\n" not in said and (more := channel.recv(1024)):
            said += more
    except TimeoutError:
        return ""
    return said.decode(errors="replace").partition("\n")[0]


def _give_signs_of_life(channel: Any) -> None:
    while not channel.closed:
        time.sleep(SIGN_OF_LIFE_S)
        try:
            channel.sendall(b"\n")
        except OSError:
            return
