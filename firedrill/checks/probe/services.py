"""Asks systemd, the package database and the running services themselves. Judges nothing."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Sequence

Fact = dict[str, object]

UNIT_PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,NRestarts,Result,NeedDaemonReload,"
    "FragmentPath,DropInPaths,EnvironmentFiles,InvocationID,MainPID"
)
HTTP_LIMIT = 2.0
BODY_LIMIT = 1 << 20


def run(command: Sequence[str], limit: float = 10.0) -> tuple[int, str]:
    """Exit status and combined output of a command; 127 when it is missing, 124 when it does not end in time."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=limit,
            check=False,
        )
    except FileNotFoundError:
        return 127, f"{command[0]}: not installed"
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]}: no answer within {limit:g} s"
    return done.returncode, done.stdout.decode(errors="replace")


def must(command: Sequence[str]) -> str:
    """Output of a command. Raises OSError when it fails."""
    status, text = run(command)
    if status:
        raise OSError(f"`{' '.join(command[:2])}` ended with {status}: {text.strip()[-300:]}")
    return text


def read_units(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Properties of units as systemd shows them, by unit name."""
    if not names:
        return {}
    text = must(["systemctl", "show", "-p", UNIT_PROPERTIES, *names])
    blocks = [dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return {block["Id"]: block for block in blocks if "Id" in block}


def failed_units() -> list[str]:
    """Units in the failed state."""
    return list_units("--state=failed")


def list_units(*which: str) -> list[str]:
    """Names of the units a pattern or option selects."""
    text = must(["systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager", *which])
    return [line.split()[0] for line in text.splitlines() if line.strip()]


def exposure(unit: str) -> Fact:
    """Overall score of `systemd-analyze security` (lower is better)."""
    _, text = run(["systemd-analyze", "security", "--no-pager", unit])
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", text)
    return {"score": float(match[1]) if match else None, "error": None if match else text.strip()[-300:]}


def journal_errors(invocation: str, since_s: int) -> list[str]:
    """Lines of priority error that the unit's present run left in the journal in the last `since_s` seconds."""
    if not invocation:
        return []
    command = ["journalctl", "-q", "--no-pager", "-o", "cat", "-p", "err", "-n", "20", f"--since=-{since_s}s"]
    status, text = run([*command, f"_SYSTEMD_INVOCATION_ID={invocation}"])
    return text.splitlines() if status == 0 else [f"journalctl ended with {status}: {text.strip()[-300:]}"]


def read_packages(names: Sequence[str]) -> dict[str, str]:
    """Versions of installed packages; a name that is missing here is not installed."""
    if not names:
        return {}
    _, text = run(["dpkg-query", "-W", "-f", "${Package}\\t${db:Status-Status}\\t${Version}\\n", *names])
    rows = [line.split("\t") for line in text.splitlines()]
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def read_held(names: Sequence[str]) -> list[str]:
    """Those of the packages that nobody upgrades by accident."""
    if not names:
        return []
    _, text = run(["dpkg-query", "-W", "-f", "${Package}\\t${db:Status-Want}\\n", *names])
    return [line.partition("\t")[0] for line in text.splitlines() if line.endswith("\thold")]


def http_get(address: str, port: int, path: str) -> Fact:
    """Status and body of one GET; the error instead when there is no answer."""
    started = time.monotonic()
    request = f"GET {path} HTTP/1.0\r\nHost: {address}:{port}\r\nAccept: */*\r\n\r\n"
    try:
        with socket.create_connection((address, port), HTTP_LIMIT) as connection:
            connection.sendall(request.encode())
            answer = _read_all(connection)
    except OSError as error:
        return {"status": None, "body": "", "error": f"no answer from {address}:{port}{path}: {error}", "ms": 0.0}
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    error_text = None if status else f"{address}:{port} does not speak HTTP"
    ms = (time.monotonic() - started) * 1000
    return {"status": status, "body": body.decode(errors="replace"), "error": error_text, "ms": round(ms, 1)}


def _read_all(connection: socket.socket) -> bytes:
    parts, size, until = [], 0, time.monotonic() + HTTP_LIMIT
    while (block := connection.recv(65536)) and size < BODY_LIMIT:
        parts.append(block)
        size += len(block)
        if time.monotonic() > until:
            raise TimeoutError(f"body not complete within {HTTP_LIMIT:g} s")
    return b"".join(parts)


def ask_bot(path: str, request: Fact, until: float) -> Fact:
    """One request over the bot's control socket (a JSON line each way); {"error": ...} when nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(max(until - time.monotonic(), 0.1))
            connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline()
    except OSError as error:
        return {"error": f"{path}: {error}"}
    try:
        answer = json.loads(line)
    except ValueError:
        return {"error": f"{path} answered {line[:120]!r}, which is not JSON"}
    return answer if isinstance(answer, dict) else {"error": f"{path} answered {line[:120]!r}"}


def in_container() -> bool:
    """Whether the host shares its kernel, and so its clock, with another one."""
    return run(["systemd-detect-virt", "--container", "--quiet"])[0] == 0


def disk(path: str) -> Fact | None:
    """Free and total space (bytes) and inodes of the file system that holds a path."""
    try:
        status = os.statvfs(path)
    except FileNotFoundError:
        return None
    return {
        "free": status.f_bavail * status.f_frsize,
        "total": status.f_blocks * status.f_frsize,
        "inodes_free": status.f_favail,
        "inodes_total": status.f_files,
    }


def memory() -> Fact:
    """Total and available memory in bytes."""
    with open("/proc/meminfo", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    return {
        "total": int(rows["MemTotal"].split()[0]) * 1024,
        "available": int(rows["MemAvailable"].split()[0]) * 1024,
    }
