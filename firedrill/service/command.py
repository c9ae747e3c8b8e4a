"""`firedrill store serve`: the embedded store and its ruler as a service.

It refuses to start on a broken rule: a ruler that runs with half of its rules is worse than none.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click
from aiohttp import web

from firedrill.logql.rules import Group
from firedrill.rules import rule_files
from firedrill.rules.ruler import Ruler
from firedrill.rules.ruler_state import NAME, StateFile
from firedrill.service.alertmanager import Notifier
from firedrill.service.server import Server
from firedrill.store import arguments, compact_command
from firedrill.store.compactor import Compactor
from firedrill.store.embedded import Embedded
from firedrill.store.engine import BESIDE_MB, DEFAULTS, Limits
from firedrill.store.store import StoreError

DEFAULT_ADDRESS = "127.0.0.1:3100"


@click.group()
def command() -> None:
    """The embedded log store: LogQL over the bot's own files, and the ruler."""


command.add_command(compact_command.command, "compact")

EXAMPLES = """\b
Examples:
  firedrill store serve --files '/var/log/mm-bot/events-*.jsonl*' --labels job=bot,host=h1
  firedrill store serve --files './*.jsonl' --port 3100 --rules alerts --alertmanager http://127.0.0.1:9093
  logcli --addr=http://127.0.0.1:3100 query '{job="bot"}' --tail     # or Grafana's Loki data source
"""


@command.command(epilog=EXAMPLES)
@click.option("--files", multiple=True, required=True, help="Pattern of log files, such as '/var/log/mm-bot/*.jsonl*'.")
@click.option("--listen", help=f"Address and port of the HTTP API.  [default: {DEFAULT_ADDRESS}]")
@click.option("--port", type=click.IntRange(0, 65535), help="Short for --listen 127.0.0.1:PORT.")
@click.option("--labels", multiple=True, help="Labels of all lines, such as job=bot,host=h1.")
@click.option("--rules", type=click.Path(path_type=Path), help="Rule file or folder of rule files.")
@click.option("--alertmanager", help="URL that alerts are posted to, such as http://127.0.0.1:9093.")
@click.option("--interval", default="5s", show_default=True, help="How often rules are evaluated.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"File that keeps alerts over a restart; systemd's state directory gives {NAME} in it, else none is kept.",
)
@click.option("--query-timeout", default="1m", show_default=True, help="How long one question may take.")
@click.option("--threads", default=DEFAULTS.threads, show_default=True, help="DuckDB's threads.")
@click.option(
    "--memory-mb",
    default=DEFAULTS.memory_mb,
    show_default=True,
    help=f"DuckDB's memory, recent lines included; the store takes at most {BESIDE_MB} MB beside it.",
)
@click.option("--recent-mb", default=DEFAULTS.recent_mb, show_default=True, help="Recent lines kept in memory.")
@click.option("--recent", default="20m", show_default=True, help="How long recent lines are kept in memory.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which closed logs are kept as Parquet, which older questions are answered from.",
)
@click.option("--keep", default=compact_command.KEEP, show_default=True, help="How long the archive keeps them.")
def serve(
    files: tuple[str, ...],
    listen: str | None,
    port: int | None,
    labels: tuple[str, ...],
    rules: Path | None,
    alertmanager: str | None,
    interval: str,
    state: Path | None,
    query_timeout: str,
    threads: int,
    memory_mb: int,
    recent_mb: int,
    recent: str,
    archive: Path | None,
    keep: str,
) -> None:
    """Answers LogQL over HTTP and evaluates alert rules until SIGTERM; SIGHUP reads the rules again."""
    try:
        where = _where(listen, port)
        address, given = arguments.address(where), arguments.labels(labels)
        timeout = arguments.step(query_timeout) / 1_000_000_000
        every, seconds = arguments.step(interval), arguments.step(recent) // 1_000_000_000
        keeping = arguments.step(keep)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    store = Embedded(files, given, Limits(threads, memory_mb, recent_mb, seconds), follow=True, archive=archive)
    ruler = Ruler(_groups(rules), store, every, given)
    notifier = Notifier(alertmanager, f"http://{where}") if alertmanager else None
    kept = _restored(ruler, state or _state_path(os.environ))
    compactor = Compactor(store, archive, keeping) if archive else None
    asyncio.run(_run(Server(store, ruler, notifier, timeout, kept, compactor), rules, *address))


def _where(listen: str | None, port: int | None) -> str:
    if listen and port is not None:
        raise ValueError("--listen and --port exclude each other: --port N is short for --listen 127.0.0.1:N")
    return listen or (DEFAULT_ADDRESS if port is None else f"127.0.0.1:{port}")


def _state_path(environment: Mapping[str, str]) -> Path | None:
    """The file in the first state directory systemd names; None outside of it."""
    folder = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(folder, NAME) if folder else None


def _restored(ruler: Ruler, path: Path | None) -> StateFile | None:
    if path is None:
        return None
    kept = StateFile(path)
    if problem := kept.load(ruler, time.time_ns()):
        sys.stderr.write(f"{problem}\n")
    return kept


def _groups(path: Path | None) -> list[Group]:
    if path is None:
        return []
    groups, problems = rule_files.load(path)
    if problems:
        lines = "\n".join(f"  {problem}" for problem in sorted(problems))
        raise click.ClickException(f"not started, {len(problems)} problem(s) in the rules:\n{lines}")
    return groups


def reload(ruler: Ruler, path: Path) -> None:
    """Takes the rules as their files are now; with a problem in them it goes on with those it has, and says so."""
    groups, problems = rule_files.load(path)
    if problems:
        lines = "".join(f"  {problem}\n" for problem in sorted(problems))
        sys.stderr.write(f"rules not read again, those of before go on, {len(problems)} problem(s):\n{lines}")
    else:
        ruler.take(groups)
        sys.stderr.write(f"rules read again: {sum(1 for _ in ruler.rules())}\n")
    ruler.outdated = bool(problems)


async def _run(server: Server, rules: Path | None, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Between two rounds of the ruler, whose thread this is.
    again = functools.partial(reload, server.ruler, rules) if rules else lambda: None
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(server.own_thread, again))
    runner = web.AppRunner(
        server.application(), access_log=None, handle_signals=False, shutdown_timeout=2, handler_cancellation=True
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        await loop.run_in_executor(server.pool, server.store.refresh)
    except StoreError as error:
        raise click.ClickException(f"the log files cannot be followed: {error}") from None
    watching = asyncio.create_task(server.watch()) if server.ruler.groups else None
    compacting = asyncio.create_task(server.compactor.run()) if server.compactor else None
    tell_systemd("READY=1", os.environ)
    sys.stderr.write(f"{_greeting(server, *runner.addresses[0])}\n")
    alive = asyncio.create_task(_tell_that_it_lives(os.environ))
    await _until(stop, watching, compacting)
    alive.cancel()
    tell_systemd("STOPPING=1", os.environ)
    server.store.close()
    await runner.cleanup()
    server.close()


def _greeting(server: Server, host: str, port: int) -> str:
    """What a person at a terminal wants to know; the port is the one the system chose where 0 was asked for."""
    files = len(server.store.window.found.parts) if server.store.window else 0
    what = f"{files} file(s)" if files else "no file matches yet, it waits for one"
    return f"ready on http://{host}:{port}: {what}, {sum(1 for _ in server.ruler.rules())} rule(s)"


async def _until(stop: asyncio.Event, *working: asyncio.Task[None] | None) -> None:
    """Waits for the signal; what dies of a defect takes the service down, so that systemd restarts it."""
    tasks = [asyncio.create_task(stop.wait()), *(task for task in working if task)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
        if task not in done:
            with contextlib.suppress(asyncio.CancelledError):
                await task
    for task in done:
        task.result()


async def _tell_that_it_lives(environment: Mapping[str, str]) -> None:
    """A store that hangs rings no alarm, so systemd replaces it after WatchdogSec without a word."""
    limit_us = int(environment.get("WATCHDOG_USEC", "0"))
    while limit_us:
        tell_systemd("WATCHDOG=1", environment)
        await asyncio.sleep(limit_us / 3e6)


def tell_systemd(message: str, environment: Mapping[str, str]) -> None:
    """sd_notify: one datagram to the socket systemd names; nothing when it names none."""
    if not (address := environment.get("NOTIFY_SOCKET")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.sendto(message.encode(), address)
