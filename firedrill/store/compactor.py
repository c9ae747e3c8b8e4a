"""Keeps the archive of a running store: looks now and then whether a log has closed, and has it compacted.

The work is done by a process of its own (`firedrill store compact`), so that neither its memory nor its time
is the ruler's. It is started only when there is something to do, and ended with the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from firedrill.logql.syntax import SECOND
from firedrill.store import closed_logs
from firedrill.store.embedded import Embedded
from firedrill.store.store import StoreError

EVERY_S = 600.0
AFTER_FAILURE = 6
"""What fails is tried again after so many times `every_s`: it may cost minutes each time."""


@dataclass(slots=True)
class Compactor:
    """`keep` in nanoseconds. `done`: logs compacted, `deleted`: Parquet files, since the start.

    `failing`: what the last round could not do, by log with the reason.
    """

    store: Embedded
    folder: Path
    keep: int
    every_s: float = EVERY_S
    done: int = 0
    deleted: int = 0
    failing: dict[str, str] = field(default_factory=dict)

    async def run(self) -> None:
        """For ever; once at the start."""
        while True:
            await self.turn()
            await asyncio.sleep(self.every_s * (AFTER_FAILURE if self.failing else 1))

    async def turn(self) -> None:
        """One round, if there is anything to do."""
        before, self.failing = self.failing, {}
        try:
            if await asyncio.to_thread(self._has_work):
                await self._compact()
        except (StoreError, OSError) as error:
            self.failing[str(self.folder)] = str(error)
        for what in sorted({*before, *self.failing}):
            if before.get(what) != self.failing.get(what):
                sys.stderr.write(f"compaction of {what}: {self.failing.get(what, 'good again')}\n")

    def _has_work(self) -> bool:
        now, archive = time.time_ns(), self.store.archive
        with self.store.cursor() as cursor:
            chosen = archive.choose(cursor)
            return bool(closed_logs.due(chosen, now, self.keep) or closed_logs.expired(archive, cursor, now, self.keep))

    async def _compact(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdout
        assert process.stderr
        try:
            async for line in process.stdout:
                self._take(json.loads(line))
            said = (await process.stderr.read()).decode(errors="replace").strip()
            if await process.wait() and not self.failing:
                self.failing[str(self.folder)] = said.splitlines()[-1] if said else f"exit code {process.returncode}"
        finally:
            await _end(process)

    def _command(self) -> Sequence[str]:
        files = [word for pattern in self.store.archive.patterns for word in ("--files", pattern)]
        kept = ["--archive", str(self.folder), "--keep", f"{self.keep // SECOND}s", "--json"]
        return [sys.executable, "-m", "firedrill", "store", "compact", *files, *kept]

    def _take(self, told: dict[str, object]) -> None:
        name = PurePath(str(told.get("log") or told.get("deleted"))).name
        if "error" in told:
            self.failing[name] = str(told["error"])
        elif "deleted" in told:
            self.deleted += 1
        else:
            self.done += 1
            sys.stderr.write(f"compacted {name}: {told['lines']} lines in {told['seconds']} s\n")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
