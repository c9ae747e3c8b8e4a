"""The control socket: one JSON request line, one JSON answer line. Both ends, and no meaning of any request."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from bot.errors import BotError, CannotStart, RetryLater

MAX_LINE = 64 * 1024
Answer = dict[str, Any]
Handler = Callable[["Request"], Awaitable[Answer]]


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """`op` and its words, as typed behind `mm-bot ctl`."""

    op: str
    args: list[str] = []


class NotRunning(RetryLater):
    """Nobody answers at the socket."""


class BadRequest(BotError):
    """The request cannot be carried out; the message says why."""


class ControlServer:
    """Listens with mode 0660: who may write to the socket may command the bot."""

    def __init__(self, path: Path, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Raises CannotStart when another bot answers there, or the folder cannot be written."""
        if _answers(self._path):
            raise CannotStart(f"another mm-bot answers at {self._path}: stop it first, or set CONTROL_SOCKET")
        try:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
            self._path.chmod(0o660)
        except OSError as error:
            raise CannotStart(f"CONTROL_SOCKET {self._path} cannot be opened: {error.strerror or error}") from error

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), timeout=5)
            writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
            await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # the caller sent no line, a line without end, or left: there is nobody to answer
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            return await self._handler(msgspec.json.decode(line, type=Request))
        except (BotError, msgspec.DecodeError) as error:
            return {"error": str(error)}


def ask(path: Path, request: Request, timeout_s: float = 5.0) -> Answer:
    """One question to a running bot, for the command line. Raises NotRunning."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(timeout_s)
        try:
            caller.connect(os.fspath(path))
            caller.sendall(msgspec.json.encode(request) + b"\n")
            line = caller.makefile("rb").readline()
        except (FileNotFoundError, ConnectionError) as error:
            raise NotRunning(f"nobody answers at {path} ({error.strerror}): is mm-bot running?") from error
        except PermissionError as error:
            raise NotRunning(f"{path}: permission denied; run as root or as a member of the group mm-bot") from error
        except TimeoutError as error:
            raise NotRunning(f"mm-bot at {path} did not answer within {timeout_s:g} s") from error
    if not line:
        raise NotRunning(f"mm-bot at {path} closed the connection without an answer")
    answer: Answer = msgspec.json.decode(line)
    return answer


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(1)
        try:
            caller.connect(os.fspath(path))
        except OSError:
            return False
        return True
