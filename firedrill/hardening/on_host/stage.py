"""Runs the attempts in copies of units: ours, the distribution's without our lines, a single directive alone.

A copy has the unit's own [Service] lines, and after them those that put the attempts in the place of its program and
keep it from touching what the running unit uses: no credentials, no environment, none of its directories, which systemd
would hand over to whatever user a drop-in names.
Everything it makes lies in /run and is removed; a unit that runs is not touched.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any

UNITS = "/run/systemd/system"
NAME = "firedrill-attempt"
LOCK = f"/run/{NAME}.lock"
AT_ONCE = 4
SHIPPED = ("/lib/", "/usr/lib/")
INSTEAD = """
ExecCondition=
ExecStartPre=
ExecStart=
ExecStartPost=
ExecReload=
ExecStop=
ExecStopPost=
ExecStart=/usr/bin/python3 -I -
EnvironmentFile=
LoadCredential=
LoadCredentialEncrypted=
SetCredential=
SetCredentialEncrypted=
PIDFile=
StateDirectory=
LogsDirectory=
CacheDirectory=
ConfigurationDirectory=
RuntimeDirectory=
Type=oneshot
Restart=no
RemainAfterExit=no
WatchdogSec=0
TimeoutStartSec=30
RemoveIPC=no
StandardInput=data
"""
CONTROL = """
[Service]
# What is mounted here is seen by nobody else.
PrivateMounts=yes
"""


def main(request: dict[str, Any]) -> None:
    """Answer on standard output. Ends with a sentence where another one is at work: they would share their copies."""
    with open(LOCK, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another firedrill hardening is at work on it; try again when it has ended")
        _answer(request)
        os.unlink(LOCK)


def _answer(request: dict[str, Any]) -> None:
    json.dump(read(request), sys.stdout)


def read(request: dict[str, Any]) -> dict[str, Any]:
    """For every unit its text, score and outcomes; for every directive alone its outcomes."""
    units = {name: text for name in request["units"] if (text := _text(name))}
    shipped = {name: text for name in units if (text := _shipped(name) or request["shipped"].get(name, ""))}
    copies = {f"unit {name}": (f"[Service]\n{service_lines(text)}", request["acts"]) for name, text in units.items()}
    copies |= {f"shipped {name}": (f"[Service]\n{service_lines(t)}", request["acts"]) for name, t in shipped.items()}
    copies |= {f"alone {name}": (_control(one), one["acts"]) for name, one in request["alone"].items()}
    outcomes = _run(request["program"], copies)
    return {
        "units": {name: _copy(text, score(name), outcomes[f"unit {name}"]) for name, text in units.items()},
        "shipped": {
            name: _copy(text, score(name, text), outcomes[f"shipped {name}"]) for name, text in shipped.items()
        },
        "alone": {name: outcomes[f"alone {name}"] for name in request["alone"]},
        "unified_cgroups": os.path.exists("/sys/fs/cgroup/cgroup.controllers"),
        "container": _said("systemd-detect-virt", "--container").strip() not in ("", "none"),
        "systemd": _said("systemctl", "--version").split("\n", 1)[0],
    }


def _copy(text: str, exposure: float | None, attempts: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "score": exposure, "attempts": attempts}


def service_lines(text: str) -> str:
    """The lines of every [Service] section, in order, without comments."""
    section, lines = "", []
    for line in text.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]\s*", line):
            section = match[1]
        elif section == "Service" and not line.startswith(("#", ";")):
            lines.append(line)
    return "\n".join(lines)


def score(unit: str, text: str = "") -> float | None:
    """What `systemd-analyze security` says of a unit that is loaded, or of a text."""
    if not text:
        return _score("systemd-analyze", "security", "--no-pager", unit)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"shipped-{unit}")  # by its own name our drop-ins would be counted
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return _score("systemd-analyze", "security", "--no-pager", "--offline=true", path)


def _score(*command: str) -> float | None:
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", _said(*command))
    return float(match[1]) if match else None


def _text(unit: str) -> str:
    return _said("systemctl", "cat", "--no-pager", unit)


def _shipped(unit: str) -> str:
    """The file of the distribution or the vendor, where ours lies over it or beside it."""
    for folder in SHIPPED:
        with contextlib.suppress(OSError), open(f"{folder}systemd/system/{unit}", encoding="utf-8") as file:
            return file.read()
    return ""


def _control(one: dict[str, Any]) -> str:
    user = [f"User={one['user']}"] if one["user"] else []
    return "\n".join([CONTROL, *user, *one["lines"]])


def _run(program: str, copies: dict[str, tuple[str, list[str]]]) -> dict[str, Any]:
    """Outcomes by copy; one whose unit did not start has the reason as its only entry."""
    room = tempfile.mkdtemp(prefix=f"{NAME}-", dir="/run")
    _, mark = tempfile.mkstemp(prefix=f"{NAME}-", dir="/tmp")
    names = {copy: f"{NAME}-{number}.service" for number, copy in enumerate(copies)}
    try:
        os.chmod(room, 0o755)
        os.makedirs(UNITS, exist_ok=True)
        for copy, (text, acts) in copies.items():
            with open(f"{UNITS}/{names[copy]}", "w", encoding="utf-8") as file:
                given = {"acts": acts, "tmp": mark, "namespaces": _namespaces(), "cgroups": _cgroups()}
                file.write(f"{text}\n{INSTEAD}{_input(program, given)}StandardOutput=file:{room}/{names[copy]}\n")
        _said("systemctl", "daemon-reload")
        waiting = list(names.values())
        while waiting:
            _said("systemctl", "start", *waiting[:AT_ONCE])
            del waiting[:AT_ONCE]
        return {copy: _outcome(f"{room}/{name}", name) for copy, name in names.items()}
    finally:
        for name in names.values():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{UNITS}/{name}")
        os.unlink(mark)
        shutil.rmtree(room)
        _said("systemctl", "reset-failed", *names.values())
        _said("systemctl", "daemon-reload")


def _input(program: str, given: dict[str, Any]) -> str:
    text = f"{program}\nstart({json.dumps(given)!r})\n"
    return f"StandardInputData={base64.b64encode(text.encode()).decode()}\n"


def _outcome(path: str, unit: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            answer = json.load(file)
    except (OSError, ValueError):
        said = _said("journalctl", "--unit", unit, "--lines", "3", "--no-pager", "--output", "cat")
        return {"error": f"its copy did not run: {' | '.join(said.splitlines())}"}
    assert isinstance(answer, dict)
    return answer


def _namespaces() -> dict[str, str]:
    return {kind: os.readlink(f"/proc/1/ns/{kind}") for kind in ("ipc", "net", "user")}


def _cgroups() -> list[str]:
    """Where a control group could be made: below the root of each hierarchy, and of systemd's own part of it."""
    return [folder for folder in ("/sys/fs/cgroup", *sorted(glob.glob("/sys/fs/cgroup/*"))) if os.path.isdir(folder)]


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
