"""Starts a worker for each host, all at once, and gathers what they tell. Sees to it that none is left behind."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType

from firedrill.checks.target import Target
from firedrill.runner.fork import start
from firedrill.runner.results import (
    Checked,
    Drilled,
    Failed,
    HostResult,
    Message,
    Planned,
    Read,
)
from firedrill.runner.worker import Plan, work

Show = Callable[[str, Message], None]


class Crew:
    """One worker process a host. A fork inherits what is imported, so a worker costs some 20 ms."""

    def __init__(self, targets: list[Target], plan: Plan, body: Callable[..., None] = work) -> None:
        context = multiprocessing.get_context("fork")
        self.results = {target.name: HostResult(name=target.name) for target in targets}
        self._processes: dict[str, BaseProcess] = {}
        self._ears: dict[Connection, str] = {}
        self._began = time.monotonic()
        self._interrupted = False
        for target in targets:
            ear, mouth = context.Pipe(duplex=False)
            process = context.Process(target=body, args=(target, plan, mouth), name=f"firedrill {target.name}")
            start(process)
            mouth.close()
            self._processes[target.name], self._ears[ear] = process, target.name

    def gather(self, show: Show) -> list[HostResult]:
        """Until every worker has ended. An interrupt lets them restore their hosts; a second one does not."""
        earlier = signal.signal(signal.SIGTERM, _interrupt)
        try:
            while self._ears:
                try:
                    self._hear(show)
                except KeyboardInterrupt:
                    self._interrupt_workers(show)
        finally:
            self._end_workers()
            signal.signal(signal.SIGTERM, earlier)
        return list(self.results.values())

    def _hear(self, show: Show) -> None:
        for ear in wait(list(self._ears)):
            assert isinstance(ear, Connection)
            name = self._ears[ear]
            try:
                message: Message = ear.recv()
            except EOFError:
                self._ended(ear, name, show)
                continue
            keep(self.results[name], message)
            show(name, message)

    def _ended(self, ear: Connection, name: str, show: Show) -> None:
        ear.close()
        del self._ears[ear]
        process, result = self._processes[name], self.results[name]
        process.join()
        result.seconds = round(time.monotonic() - self._began, 2)
        if process.exitcode and result.error is None:
            failed = Failed(f"{name}: its worker ended with {process.exitcode}; what it said stands above")
            keep(result, failed)
            show(name, failed)

    def _interrupt_workers(self, show: Show) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        for process in self._processes.values():
            process.terminate()

    def _end_workers(self) -> None:
        for process in self._processes.values():
            if process.is_alive():
                process.kill()
            process.join()


def keep(result: HostResult, message: Message) -> None:
    """Add what a worker told to the result of its host."""
    match message:
        case Planned():
            result.checks, result.skipped = [], []
        case Checked(result=check, skipped=skipped):
            result.checks += [check] if check else []
            result.skipped += [skipped] if skipped else []
        case Read(ms=ms):
            result.read_ms = ms
        case Drilled(result=drill):
            result.drills.append(drill)
        case Failed(error=error):
            result.error = error
        case _:
            pass


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
