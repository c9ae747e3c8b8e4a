"""A real `mm-bot run` in a folder of its own, spoken to as an operator would."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "bot"]
Until = Callable[[Callable[[], object], float, str], object]
QUICK = "QUOTE_HALF_SPREAD_BPS=0.6\nREQUOTE_BPS=1\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mm_bot(*words: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        timeout=20,
    )


class Bot:
    """One host's worth of bot: start it, kill it, start it again; its folder stays."""

    def __init__(self, folder: Path, until: Until, extra: str = QUICK) -> None:
        self.folder = folder
        self.env = folder / "mm-bot.env"
        self.socket = folder / "control.sock"
        self.flag = folder / "state" / "quotes.off"
        self.port = free_port()
        self._until = until
        self._process: subprocess.Popen[str] | None = None
        self.notify_socket = ""
        self.credentials = ""
        self.configure(extra)

    def configure(self, extra: str) -> None:
        places = f"LOG_DIR={self.folder}/log\nSTATE_DIR={self.folder}/state\nCONTROL_SOCKET={self.socket}\n"
        self.env.write_text(f"{places}HEALTH_PORT={self.port}\n{extra}")

    def start(self, *words: str) -> None:
        environment = {**os.environ, "NOTIFY_SOCKET": self.notify_socket, "WATCHDOG_USEC": "300000"}
        environment["CREDENTIALS_DIRECTORY"] = self.credentials
        environment.pop("WATCHDOG_PID", None)
        line = [*COMMAND, "run", "--env", str(self.env), *words]
        with (self.folder / "stderr").open("a") as stderr:
            self._process = subprocess.Popen(
                line, cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, stderr=stderr, text=True
            )

    def start_ready(self, *words: str) -> None:
        self.start(*words)
        self.wait(lambda: self.ready()[0] == 200, "the bot becomes ready")

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self, seconds: float = 6) -> int:
        """Wait for the end; the exit status."""
        assert self._process is not None
        return self._process.wait(timeout=seconds)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.ended()

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(timeout=5)

    def wait(self, predicate: Callable[[], object], what: str, seconds: float = 10) -> object:
        def alive() -> object:
            assert self._process is not None
            assert self._process.poll() is None, f"the bot ended: {(self.folder / 'stderr').read_text()}"
            return predicate()

        return self._until(alive, seconds, what)

    def ctl(self, *words: str) -> dict[str, Any]:
        done = mm_bot("ctl", "--socket", str(self.socket), *words)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def page(self, path: str) -> tuple[int, Any]:
        """Status and body; status 0 while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return 0, ""

    def ready(self) -> tuple[int, list[str]]:
        status, body = self.page("/readyz")
        return status, json.loads(body)["reasons"] if body else []

    def events(self, action: str | None = None) -> list[dict[str, Any]]:
        path = self.folder / "log" / "events.jsonl"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        found = [json.loads(line) for line in lines if line.endswith("\n")]
        return [event for event in found if action in (None, event["action"])]

    def at_exchange(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the paper exchange's own file, past the bot."""
        with sqlite3.connect(f"file:{self.folder}/state/paper-exchange.sqlite?mode=ro", uri=True) as db:
            rows = db.execute(query).fetchall()
        db.close()
        return rows

    def resting(self) -> list[str]:
        """Client order ids that rest at the exchange."""
        return [cloid for (cloid,) in self.at_exchange("SELECT cloid FROM orders WHERE resting=1")]

    def positions(self) -> dict[str, float]:
        return {m: float(size) for m, size in self.at_exchange("SELECT market, size FROM positions") if float(size)}
