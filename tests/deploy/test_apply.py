"""What the proof at the end of a deploy is told of pyinfra's own command line."""

from __future__ import annotations

import sys

import pytest

from deploy.apply import _arguments


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("inventory/prod.py deploy.py", ["inventory/prod.py"]),
        ("-y inventory/prod.py deploy.py --limit bot-1", ["inventory/prod.py"]),
        (
            "inventory/prod.py deploy.py --data release=v1.0.0 --data=log_retention_days=3",
            ["inventory/prod.py", "--data=release=v1.0.0", "--data=log_retention_days=3"],
        ),
        ("inventory/deployed.py deploy.py", ["inventory/deployed.py"]),
    ],
)
def test_inventory_and_data_reach_the_proof(line: str, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["pyinfra", *line.split()])
    assert _arguments() == told
