"""`mm-bot simulate hyperliquid` as it is typed."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from bot.venues.hyperliquid.signing import Agent
from tests.bot.venues.simulators.hyperliquid.simulator_process import COMMAND, REPOSITORY, simulator


def test_one_line_says_where_and_for_whom() -> None:
    with simulator("--seed", "4") as ready, simulator("--seed", "4") as twin, simulator("--seed", "5") as other:
        request = urllib.request.Request(
            f"{ready['url']}/info", b'{"type":"meta"}', {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer)["universe"]
        assert ready["ws_url"] == ready["url"].replace("http:", "ws:") + "/ws"
        assert ready["accounts"] == twin["accounts"] != other["accounts"]
        for account in ready["accounts"]:
            assert Agent(account["agent_key"]).address != account["address"]


@pytest.mark.parametrize("text", ["faults: [{fault: tea}]", "tea"])
def test_a_bad_plan_is_refused_with_two(tmp_path: Path, text: str) -> None:
    plan = tmp_path / "faults.yaml"
    plan.write_text(text)
    done = subprocess.run(
        [*COMMAND, "--port", "0", "--faults", str(plan)], cwd=REPOSITORY, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert str(plan) in done.stderr


def test_a_taken_port_is_one_sentence() -> None:
    with simulator() as ready:
        port = ready["url"].rsplit(":", 1)[1]
        done = subprocess.run([*COMMAND, "--port", port], cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_an_interrupt_ends_it_cleanly_while_a_client_is_connected() -> None:
    process = subprocess.Popen([*COMMAND, "--port", "0"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    with urllib.request.urlopen(urllib.request.Request(f"{url}/info", b'{"type":"allMids"}'), timeout=5):
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
    process.stdout.close()
