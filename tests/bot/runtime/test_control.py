"""The control socket, both ends."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.errors import CannotStart
from bot.runtime.control import Answer, BadRequest, ControlServer, NotRunning, Request, ask


async def echo(request: Request) -> Answer:
    if request.op == "bad":
        raise BadRequest("no such thing")
    return {"op": request.op, "args": request.args}


def serving(path: Path, test: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        server = ControlServer(path, echo)
        await server.open()
        try:
            await test()
        finally:
            await server.close()

    asyncio.run(run())


async def asked(path: Path, request: Request) -> Answer:
    return await asyncio.to_thread(ask, path, request)


def test_a_question_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    async def test() -> None:
        assert await asked(path, Request("quotes", ["off"])) == {"op": "quotes", "args": ["off"]}
        assert await asked(path, Request("bad")) == {"error": "no such thing"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o660

    serving(path, test)
    assert not path.exists()


@pytest.mark.parametrize("line", [b"status\n", b'{"op":1}\n', b'{"op":"status","more":1}\n', b"\n"])
def test_what_is_no_request_gets_a_reason(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "control.sock"

    async def test() -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        assert b'"error"' in await reader.readline()
        writer.close()
        await writer.wait_closed()

    serving(path, test)


def test_a_caller_without_end_or_who_leaves_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    async def test() -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * 200_000)
        assert await reader.read() == b""
        writer.close()
        _, leaver = await asyncio.open_unix_connection(path)
        leaver.close()
        assert (await asked(path, Request("status")))["op"] == "status"

    serving(path, test)


def test_a_second_bot_is_refused_and_a_dead_ones_socket_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async def test() -> None:
        with pytest.raises(CannotStart, match="another mm-bot answers at"):
            await ControlServer(path, echo).open()

    serving(path, test)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(CannotStart, match="CONTROL_SOCKET"):
            await ControlServer(tmp_path / "nowhere" / "control.sock", echo).open()

    asyncio.run(run())


def test_nobody_at_the_socket(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match=r"is mm-bot running\?"):
        ask(tmp_path / "control.sock", Request("status"))
