"""`firedrill receiver`: listens where Alertmanager posts its notifications, and prints each as one JSON line.

Runs on the host a drill examines, started over ssh, and leaves nothing behind: it ends when its standard input
closes (the connection is gone) or its time is up. Knows Alertmanager's webhook format and no alert.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec
from aiohttp import web

MAX_BODY = 4 << 20
Print = Callable[[bytes], None]


class _CannotListen(click.ClickException):
    exit_code = 2


class Alert(msgspec.Struct):
    """One alert of a notification, in Alertmanager's own words."""

    status: str
    labels: dict[str, str]
    starts_at: str = msgspec.field(name="startsAt")
    ends_at: str = msgspec.field(name="endsAt")


class Notification(msgspec.Struct):
    """What Alertmanager posts (webhook format 4), as far as it matters here."""

    status: str
    alerts: list[Alert]


class Heard(msgspec.Struct):
    """One line of output; `received_at` in unix seconds."""

    received_at: float
    status: str
    alerts: list[Alert]


def application(token: str | None, write: Print) -> web.Application:
    """Takes a POST to any path; with a token, only from who knows it (401 otherwise)."""

    async def take(request: web.Request) -> web.Response:
        if token is not None and not _knows(request.headers.get("Authorization", ""), token):
            return web.Response(status=401, text="the bearer token is missing or wrong\n")
        try:
            said = msgspec.json.decode(await request.read(), type=Notification)
        except msgspec.DecodeError as error:
            return web.Response(status=400, text=f"this is not a notification of Alertmanager: {error}\n")
        write(msgspec.json.encode(Heard(received_at=time.time(), status=said.status, alerts=said.alerts)))
        return web.Response(status=200)

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/{path:.*}", take)
    return app


def _knows(header: str, token: str) -> bool:
    return hmac.compare_digest(header.encode(), f"Bearer {token}".encode())


async def listen(address: str, port: int, app: web.Application, ended: asyncio.Event, write: Print) -> None:
    """Serve until `ended`. Raises OSError when the address cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address, port)
        await site.start()
        port = _bound_port(runner, port)
        write(msgspec.json.encode({"listening": f"{address}:{port}"}))
        await ended.wait()
    finally:
        await runner.cleanup()


def _bound_port(runner: web.AppRunner, port: int) -> int:
    """The port the system chose when 0 was asked for."""
    addresses: list[Any] = runner.addresses
    return int(addresses[0][1]) if addresses else port


def _print(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


async def _run(address: str, port: int, token: str | None, seconds: float) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, ended.set)
    loop.call_later(seconds, ended.set)
    threading.Thread(target=_await_end_of_input, args=(loop, ended), daemon=True).start()
    await listen(address, port, application(token, _print), ended, _print)


def _await_end_of_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Reads the descriptor itself: a lock on sys.stdin would outlive the interpreter."""
    while os.read(0, 4096):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(ended.set)


def _endpoint(_context: click.Context, _parameter: click.Parameter, text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not address or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"{text} is not ADDRESS:PORT, such as 127.0.0.1:9190")
    return address, int(port)


@click.command("receiver", short_help="Print what Alertmanager posts, one JSON line each.")
@click.option("--listen", "endpoint", required=True, metavar="ADDR:PORT", callback=_endpoint, help="Where to listen.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the bearer token posts must carry.")
@click.option("--for", "seconds", type=click.FloatRange(min=1), default=600.0, show_default=True, help="End after it.")
def command(endpoint: tuple[str, int], token_file: Path | None, seconds: float) -> None:
    """Print each notification Alertmanager posts as one JSON line, until standard input closes or the time is up.

    \b
    Example, on a sandbox host, whose Alertmanager posts there:
      firedrill receiver --listen 127.0.0.11:9190 --token-file TOKEN_FILE
    """
    address, port = endpoint
    try:
        token = token_file.read_text().strip() if token_file else None
    except OSError as error:
        raise _CannotListen(f"the token file {token_file} cannot be read: {error.strerror}") from error
    if token == "":
        raise _CannotListen(f"the token file {token_file} is empty: deploy again")
    try:
        asyncio.run(_run(address, port, token, seconds))
    except OSError as error:
        raise _CannotListen(
            f"cannot listen on {address}:{port}: {error.strerror or error}; another drill may be running there"
        ) from error
