"""`firedrill backfill` as it is typed: what it refuses, and how it ends where no Loki is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from firedrill.shipping.command import command
from tests.real_loki import _free_ports

LABELS = ("--labels", "job=bot,host=h")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--labels"),
        (("--labels", "job"), "write name=value"),
        ((*LABELS, "--shipper-stopped"), "--positions"),
        ((*LABELS, "--wait", "soon"), "soon"),
        ((*LABELS, "--loki", "localhost:3100"), "http://host:3100"),
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
