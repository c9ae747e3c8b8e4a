"""A real `mm-bot simulate kalshi` in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[5]
COMMAND = [sys.executable, "-m", "bot", "simulate", "kalshi"]


@contextmanager
def simulator(*words: str) -> Iterator[dict[str, str]]:
    """Its ready line; ended by SIGTERM, and it must end well."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *words],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"it ended before it was ready: {process.wait(5)}"
        yield json.loads(line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0, "SIGTERM ends it cleanly"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(5)
        process.stdout.close()
