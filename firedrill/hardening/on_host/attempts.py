"""Tries the acts it is given, in the unit it runs in, and prints what came of each. Runs on the host."""

from __future__ import annotations

import json
import sys
from typing import Any

from firedrill.hardening.on_host import files, kernel, trial


def main(given: dict[str, Any]) -> None:
    """Answer on standard output: permitted, refused or impossible, and why, by act."""
    trial.GIVEN.update(given)
    acts = {**vars(files), **vars(kernel)}
    json.dump({name: trial.attempt(acts[name]) for name in given["acts"]}, sys.stdout)
