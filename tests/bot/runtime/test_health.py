"""The three pages, over HTTP."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from bot.errors import CannotStart
from bot.runtime.health import Facts, HealthServer, Metric, exposition

FACTS = Facts(
    health=lambda: {"release": "1.2.3", "run": "00c0ffee"},
    reasons=list,
    metrics=lambda: [
        Metric("position", "gauge", "Held.", 1.5, 'market="BTC"'),
        Metric("position", "gauge", "Held.", -0.25, 'market="ETH"'),
        Metric("turns_total", "counter", "Turns.", 12_345_678),
    ],
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def page(port: int, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, answer.content_type, await answer.text()


def pages(facts: Facts) -> dict[str, tuple[int, str, str]]:
    async def run() -> dict[str, tuple[int, str, str]]:
        port = free_port()
        server = HealthServer("127.0.0.1", port, facts)
        await server.open()
        try:
            return {path: await page(port, path) for path in ("/healthz", "/readyz", "/metrics")}
        finally:
            await server.close()

    return asyncio.run(run())


def test_a_ready_bot() -> None:
    found = pages(FACTS)
    assert found["/healthz"] == (200, "application/json", '{"release":"1.2.3","run":"00c0ffee"}')
    assert found["/readyz"] == (200, "application/json", '{"ready":true,"reasons":[]}')
    assert found["/metrics"][:2] == (200, "text/plain")


def test_a_bot_that_is_not_ready_says_why() -> None:
    reasons = ["no price for 4.2 s"]
    found = pages(Facts(FACTS.health, lambda: reasons, FACTS.metrics))
    assert found["/readyz"] == (503, "application/json", '{"ready":false,"reasons":["no price for 4.2 s"]}')
    assert found["/healthz"][0] == 200


def test_exposition_names_help_and_type_once() -> None:
    assert exposition(FACTS.metrics()) == (
        "# HELP mm_bot_position Held.\n"
        "# TYPE mm_bot_position gauge\n"
        'mm_bot_position{market="BTC"} 1.5\n'
        'mm_bot_position{market="ETH"} -0.25\n'
        "# HELP mm_bot_turns_total Turns.\n"
        "# TYPE mm_bot_turns_total counter\n"
        "mm_bot_turns_total 12345678\n"
    )


def test_a_taken_port_names_itself_and_the_remedy() -> None:
    async def run(port: int) -> None:
        with pytest.raises(CannotStart, match=rf"127\.0\.0\.1:{port} \(.*\): find its owner with `ss -ltnp`"):
            await HealthServer("127.0.0.1", port, FACTS).open()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asyncio.run(run(taken.getsockname()[1]))
