"""`firedrill backfill` as it is typed: what it refuses, and how it ends where no Loki is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.services import log_review, log_shipper
from firedrill.shipping import this_host
from firedrill.shipping.command import command
from tests.deploy.settings.test_contexts import _context
from tests.real_loki import _free_ports

LABELS = ("--labels", "job=bot,host=h", "--loki", "http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def no_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This machine is no bot host, whatever it is; gives the place of the unit that would make it one."""
    monkeypatch.setattr(this_host, "UNIT", tmp_path / "mm-log-review.service")
    return this_host.UNIT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--labels"),
        (("--labels", "job=bot"), "--loki"),
        (("--labels", "job", "--loki", "http://127.0.0.1:9"), "write name=value"),
        ((*LABELS, "--shipper-stopped"), "--positions"),
        ((*LABELS, "--wait", "soon"), "soon"),
        (("--labels", "job=bot", "--loki", "localhost:3100"), "http://host:3100"),
    ],
)
def test_a_wrong_command_is_refused_with_what_to_write(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(command, words)
    assert result.exit_code == 2
    assert said in result.output


def test_without_a_loki_it_says_so_and_leaves_the_positions(tmp_path: Path) -> None:
    (port,) = _free_ports(1)
    held = tmp_path / "positions.yaml"
    held.write_text("positions: {}\n")
    words = ["--loki", f"http://127.0.0.1:{port}", "--files", f"{tmp_path}/*.jsonl", "--wait", "0.1"]
    result = CliRunner().invoke(command, [*LABELS, *words, "--shipper-stopped", "--positions", str(held)])
    assert result.exit_code == 2
    assert f"Loki at http://127.0.0.1:{port} is not ready after 0.1 s" in result.output
    assert held.read_text() == "positions: {}\n"


def test_on_a_bot_host_nothing_need_be_said(tmp_path: Path, no_host: Path) -> None:
    (port,) = _free_ports(1)
    host = _context(log_store="remote", loki_url=f"http://127.0.0.1:{port}", install_source="present")
    unit = next(file for file in log_shipper.service(host).files if file.path == log_review.UNIT)
    no_host.write_bytes(unit.content)
    assert set(this_host.options()) >= {"labels", "loki", "positions"}
    result = CliRunner().invoke(command, ["--wait", "0.1", "--dry-run"])
    assert f"Loki at http://127.0.0.1:{port} is not ready" in result.output
