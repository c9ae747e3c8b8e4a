"""`mm-bot simulate kalshi` as it is typed."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from bot.clock import HostClock
from bot.venues.kalshi.signing import REST_PREFIX, Key
from tests.bot.venues.simulators.kalshi.simulator_process import COMMAND, REPOSITORY, simulator

GAME = """
series: [{ticker: KXNHLGAME, fee_type: quadratic_with_maker_fees}]
markets:
  - {ticker: MINE, event: E, series: KXNHLGAME, path: [[0, 0.5], [60, 0.7]], closes_s: 60, determined_s: 61}
"""


def test_one_line_says_where_and_with_which_key(tmp_path: Path) -> None:
    script = tmp_path / "game.yaml"
    script.write_text(GAME)
    with simulator("--script", str(script), "--seed", "4", "--speed", "10") as ready:
        assert sorted(ready) == ["key_id", "private_key_file", "url", "ws_url"]
        assert ready["ws_url"] == ready["url"].replace("http:", "ws:").replace("/v2", "/ws/v2")
        pem = Path(ready["private_key_file"])
        assert pem.stat().st_mode & 0o777 == 0o600
        key = Key(ready["key_id"], pem.read_bytes())
        assert read(ready, "/markets/MINE")
        headers = key.headers(HostClock().now() // 1_000_000, "GET", f"{REST_PREFIX}/portfolio/balance")
        assert read(ready, "/portfolio/balance", headers)["balance"] == 1_000_000
        assert read(ready, "/series/KXNHLGAME")
    assert not pem.exists(), "the key goes with the simulator"


def read(ready: dict[str, str], path: str, headers: dict[str, str] | None = None) -> dict[str, object]:
    with urllib.request.urlopen(urllib.request.Request(ready["url"] + path, headers=headers or {}), timeout=5) as found:
        answer: dict[str, object] = json.load(found)
    return answer


@pytest.mark.parametrize(
    ("option", "text"),
    [("--faults", "faults: [{fault: tea}]"), ("--script", GAME.replace("0.5]", "5]")), ("--script", "tea")],
)
def test_a_bad_file_is_refused_with_two(tmp_path: Path, option: str, text: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    done = subprocess.run(
        [*COMMAND, "--port", "0", option, str(path)], cwd=REPOSITORY, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert str(path) in done.stderr


def test_a_taken_port_is_one_sentence() -> None:
    with simulator() as ready:
        port = ready["url"].split(":")[2].split("/")[0]
        done = subprocess.run([*COMMAND, "--port", port], cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
