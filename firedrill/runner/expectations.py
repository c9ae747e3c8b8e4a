"""What hosts should be, asked of the operator's own checkout: `python -m deploy describe INVENTORY`, a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from firedrill.checks.target import Inventory, Target


class CannotRun(Exception):
    """Nothing could be examined; the message is one sentence with the remedy."""


class Question:
    """Starts asking at once, so that the caller can prepare other things until `answer`; leaving the block ends it."""

    def __init__(self, inventory: str, *, data: tuple[str, ...] = (), folder: Path | None = None) -> None:
        if not Path(folder or ".", inventory).is_file():
            raise CannotRun(f"there is no inventory {inventory}: name a file such as inventory/prod.py")
        self.inventory = inventory
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy", "describe", inventory, *(f"--data={pair}" for pair in data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )

    def __enter__(self) -> Question:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def answer(self) -> list[Target]:
        """The hosts of the inventory, in its order. Raises CannotRun."""
        out, err = self._process.communicate()
        if self._process.returncode:
            raise CannotRun(_reason(err.decode(errors="replace")))
        try:
            hosts = msgspec.json.decode(out, type=Inventory).hosts
        except msgspec.DecodeError as error:
            raise CannotRun(f"`deploy describe {self.inventory}` did not print what was agreed: {error}") from error
        return [msgspec.structs.replace(host, inventory=self.inventory) for host in hosts]


def select(targets: list[Target], names: tuple[str, ...]) -> list[Target]:
    """The named hosts, or all. Raises CannotRun for a name that is not there, and for an inventory without hosts."""
    known = [target.name for target in targets]
    missing = [name for name in names if name not in known]
    if missing:
        raise CannotRun(f"no host {', '.join(missing)} in the inventory; it has {', '.join(known) or 'none'}")
    if not targets:
        raise CannotRun("the inventory has no hosts; for a sandbox: firedrill sandbox up")
    return [target for target in targets if not names or target.name in names]


def _reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    if any("No module named deploy" in line for line in lines):
        return "there is no deploy here: run firedrill in a checkout of the repository"
    if lines and lines[0].startswith("Traceback"):
        return f"the inventory cannot be read: {lines[-1]}"
    return "\n".join(lines) or "the inventory cannot be read, and no reason was given"
