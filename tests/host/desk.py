"""An operator at work: a checkout, one sandbox host, and the commands of the README, run as processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PYINFRA = Path(sys.executable).with_name("pyinfra")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, in which time."""

    code: int
    text: str
    seconds: float

    @property
    def changes(self) -> int:
        """Operations that changed something in a deploy: pyinfra says Success only for those."""
        return len(re.findall(r"\]\s+Success$", re.sub(r"\x1b\[\d*m", "", self.text), re.MULTILINE))


@dataclass(slots=True)
class Desk:
    """One host and the checkout it is deployed from."""

    checkout: Path
    sandbox_dir: Path
    host: Mapping[str, Any]
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = {
            **os.environ,
            "MMSTACK_SANDBOX_DIR": str(self.sandbox_dir),
            "PYTHONPATH": str(self.checkout),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def address(self) -> str:
        """The host's own loopback address."""
        return str(self.host["address"])

    def deploy(self, *options: str) -> Said:
        """`pyinfra inventory/sandbox.py deploy.py -y OPTIONS`, for this host only."""
        return self._run(self._deploying(options))

    def start(self, *options: str) -> subprocess.Popen[str]:
        """The same, in a process that the caller waits for, or ends."""
        return subprocess.Popen(
            self._deploying(options),
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def firedrill(self, *options: str) -> tuple[Said, dict[str, Any]]:
        """`firedrill run inventory/sandbox.py OPTIONS` and this host's part of its JSON report."""
        report = self.sandbox_dir / f"report-{time.monotonic_ns()}.json"
        command = [sys.executable, "-m", "firedrill", "run", "inventory/sandbox.py", "--host", str(self.host["name"])]
        said = self._run([*command, "--json", str(report), *options])
        hosts = json.loads(report.read_text())["hosts"] if report.exists() else [{}]
        return said, hosts[0]

    def hardening(self, *options: str) -> tuple[Said, dict[str, dict[str, Any]]]:
        """`firedrill hardening inventory/sandbox.py OPTIONS` and this host's part of its report, by unit."""
        report = self.sandbox_dir / f"hardening-{time.monotonic_ns()}.json"
        command = [sys.executable, "-m", "firedrill", "hardening", "inventory/sandbox.py"]
        said = self._run([*command, "--host", str(self.host["name"]), "--json", str(report), *options])
        assert report.exists(), said.text
        (columns,) = json.loads(report.read_text()).values()
        return said, {column["unit"]: column for column in columns}

    def red_checks(self) -> dict[str, dict[str, Any]]:
        """The checks of `firedrill run --no-drills` that are red, by name."""
        _, host = self.firedrill("--no-drills", "--settle", "0")
        return {check["name"]: check for check in host["checks"] if not check["ok"]}

    def ssh(self, command: str, *, check: bool = True) -> str:
        """Run one shell command on the host as root; its output, both streams."""
        done = subprocess.run(
            ["ssh", "-F", str(self.host["ssh_config"]), str(self.host["name"]), command],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0 or not check, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def ctl(self, *words: str) -> dict[str, Any]:
        """`mm-bot ctl WORDS` on the host."""
        answer = json.loads(self.ssh(f"/opt/mm-bot/current/venv/bin/mm-bot ctl {' '.join(words)}"))
        assert isinstance(answer, dict)
        return answer

    def write(self, path: str, content: str) -> None:
        """Put a file on the host."""
        subprocess.run(
            ["ssh", "-F", str(self.host["ssh_config"]), str(self.host["name"]), f"cat > {path}"],
            input=content,
            text=True,
            check=True,
            timeout=60,
        )

    def _deploying(self, options: tuple[str, ...]) -> list[str]:
        limit = ("--limit", str(self.host["name"]))
        return [str(PYINFRA), "inventory/sandbox.py", "deploy.py", "-y", *limit, *options]

    def _run(self, command: list[str]) -> Said:
        started = time.monotonic()
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=300,
        )
        return Said(done.returncode, done.stdout, time.monotonic() - started)
