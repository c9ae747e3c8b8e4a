"""The command line: what cannot run says so in one sentence and exits 2, before anything is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from firedrill.drills.catalogue import DRILLS
from firedrill.runner.command import command

DEPLOY = """
import json, sys
hosts = [
    {{
        "name": name,
        "ssh": {{"hostname": "127.0.0.1", "port": {port}, "user": "nobody", "key": "", "known_hosts": {known!r}}},
        "data": {{"bind_address": "127.0.0.1", "alert_webhook_url": ""}},
        "expected": {{"files": {{}}}},
    }}
    for name in {names!r}
]
print(json.dumps({{"hosts": hosts}}))
"""

Checkout = Callable[..., Path]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A folder with an inventory and a deploy of so many words; the working directory of the test."""

    def make(program: str) -> Path:
        (tmp_path / "deploy").mkdir()
        (tmp_path / "deploy" / "__init__.py").write_text("")
        (tmp_path / "deploy" / "__main__.py").write_text(program)
        (tmp_path / "inventory.py").write_text("")
        return tmp_path

    monkeypatch.chdir(tmp_path)
    return make


def _firedrill(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def _refused(*words: str) -> str:
    result = _firedrill(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    return result.output


def test_no_inventory(checkout: Checkout) -> None:
    checkout("")
    assert "there is no inventory absent.py" in _refused("absent.py")


def test_unknown_drill() -> None:
    output = _refused("inventory.py", "--drill", "fire", "--drill", "etick_error")
    assert f"no drill fire; there are {', '.join(DRILLS)}" in output


def test_contradiction() -> None:
    assert "contradict" in _refused("inventory.py", "--drill", "etick_error", "--no-drills")


def test_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory.py").write_text("")
    assert "run firedrill in a checkout" in _refused("inventory.py")


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; sys.exit('bind_address is wrong: use 127.x')", "firedrill: bind_address is wrong: use 127.x"),
        ("raise KeyError('x')", "the inventory cannot be read: KeyError: 'x'"),
        ("print('hello')", "did not print what was agreed"),
        ("print('{\"hosts\": []}')", "the inventory has no hosts"),
    ],
)
def test_an_inventory_that_cannot_be_read(checkout: Checkout, program: str, says: str) -> None:
    checkout(program)
    assert says in _refused("inventory.py")


def test_unknown_host(checkout: Checkout) -> None:
    checkout(DEPLOY.format(names=["desk-1", "desk-2"], port=1, known=""))
    assert "no host desk-3 in the inventory; it has desk-1, desk-2" in _refused("inventory.py", "--host", "desk-3")


def test_no_directory_for_the_report(checkout: Checkout) -> None:
    checkout("")
    assert "has no directory to lie in" in _refused("inventory.py", "--json", "absent/report.json")


def test_an_unreachable_host_is_in_the_report(checkout: Checkout) -> None:
    folder = checkout(DEPLOY.format(names=["desk-1"], port=1, known=""))
    result = _firedrill("inventory.py", "--json", "report.json", "--junit", "report.xml")
    assert result.exit_code == 2
    assert "desk-1 cannot be reached as nobody@127.0.0.1 port 1" in result.output
    assert "try `ssh -p 1 nobody@127.0.0.1`" in result.output
    report = json.loads((folder / "report.json").read_text())
    assert report["green"] is False
    assert report["hosts"][0]["checks"] == []
    assert (folder / "report.xml").exists()


def test_missing_host_keys_are_named(checkout: Checkout) -> None:
    checkout(DEPLOY.format(names=["desk-1"], port=1, known="/absent/known_hosts"))
    assert "/absent/known_hosts, is not there" in _refused("inventory.py", "--no-drills")


def test_an_interrupt_while_the_inventory_is_read(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout("import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)")
    assert "interrupted" in _refused("inventory.py")
