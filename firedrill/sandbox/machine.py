"""Whether this machine can hold sandbox hosts; says why not in one sentence."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from firedrill.sandbox.errors import NotHere

_TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}


def require() -> None:
    """Raise NotHere unless hosts can be made here."""
    if reason := obstacle():
        raise NotHere(f"{reason} `{_mm_bot()} run` still works as a plain paper demo.")


def _mm_bot() -> str:
    """The command as it can be typed here: an environment that is not activated is not on the path."""
    beside = Path(sys.executable).with_name("mm-bot")
    if shutil.which("mm-bot") or not beside.exists():
        return "mm-bot"
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)


def obstacle() -> str | None:
    """The first thing that is in the way, with its remedy."""
    if not sys.platform.startswith("linux"):
        return f"Sandbox hosts need Linux and this is {sys.platform}: use a Debian 12 virtual machine."
    if missing := sorted({package for tool, package in _TOOLS.items() if shutil.which(tool) is None}):
        if shutil.which("apt-get") is None:
            return (
                f"Sandbox hosts need {', '.join(missing)} and this is no Debian-like system: use a Debian 12 machine."
            )
        install = f"run `apt-get install {' '.join(missing)}` as root"
        this_too = "" if os.geteuid() == 0 else ", and this too"
        return f"Sandbox hosts need packages that are missing: {install}{this_too}."
    if os.geteuid() != 0:
        return "Sandbox hosts mount file systems and start containers: run this as root (sudo)."
    return None
