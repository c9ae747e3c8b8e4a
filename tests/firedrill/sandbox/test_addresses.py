"""Reservations: one address for one host, however many ask at once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from firedrill.sandbox import addresses
from firedrill.sandbox.errors import SandboxError
from tests.conftest import REPOSITORY


@pytest.fixture
def port():
    """A port that is free on every address just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def reservations(tmp_path, monkeypatch, port):
    monkeypatch.setattr(addresses, "ADDRESSES", tmp_path / "addresses")
    monkeypatch.setattr(addresses, "SSH_PORTS", (port,))
    return tmp_path


def owner(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_addresses_begin_at_the_first_and_come_back_when_released(reservations):
    one, two, three = (owner(reservations, name) for name in ("one", "two", "three"))
    assert addresses.reserve(one)[0] == "127.0.0.11"
    assert addresses.reserve(two)[0] == "127.0.0.12"
    assert addresses.release(one) == ["127.0.0.11"]
    assert addresses.release(one) == []
    assert addresses.reserve(three)[0] == "127.0.0.11"
    assert addresses.owners() == [two, three] or addresses.owners() == [three, two]


def test_a_reservation_of_a_directory_that_is_gone_holds_nothing_back(reservations):
    addresses.reserve(gone := owner(reservations, "gone"))
    gone.rmdir()
    assert addresses.reserve(owner(reservations, "next"))[0] == "127.0.0.11"


def test_an_address_with_a_listener_is_passed_over(reservations, port):
    with socket.create_server(("127.0.0.11", port)):
        assert addresses.reserve(owner(reservations, "one")) == ("127.0.0.12", port)


def test_a_port_held_on_all_addresses_is_exchanged_for_the_next(reservations, monkeypatch, port):
    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        taken = everywhere.getsockname()[1]
        monkeypatch.setattr(addresses, "SSH_PORTS", (taken, port))
        assert addresses.reserve(owner(reservations, "one")) == ("127.0.0.11", port)
        monkeypatch.setattr(addresses, "SSH_PORTS", (taken,))
        with pytest.raises(SandboxError, match=str(taken)):
            addresses.reserve(owner(reservations, "two"))


def test_exhaustion_is_said_and_not_waited_for(reservations, monkeypatch):
    monkeypatch.setattr(addresses, "LAST", addresses.FIRST)
    addresses.reserve(owner(reservations, "one"))
    with pytest.raises(SandboxError, match="down --all"):
        addresses.reserve(owner(reservations, "two"))


_CLAIMS = """
import sys
from pathlib import Path
from firedrill.sandbox import addresses, host

folder = Path(sys.argv[1])
addresses.ADDRESSES, host.MACHINE_LOCK = folder / "addresses", folder / "lock"
addresses.SSH_PORTS = (int(sys.argv[2]),)
for _ in range(10):
    new = host.claim(folder, "sandbox", "bookworm")
    sys.stdout.write(f"{new.places.name} {new.endpoint.address}\\n")
"""


def test_claims_of_several_processes_never_collide(tmp_path, port):
    line = [sys.executable, "-c", _CLAIMS, str(tmp_path), str(port)]
    racers = [
        subprocess.Popen(line, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(4)
    ]
    claims = [claim.split() for racer in racers for claim in racer.communicate()[0].splitlines()]
    assert len(claims) == 40
    assert len({name for name, _ in claims}) == 40
    assert len({address for _, address in claims}) == 40
