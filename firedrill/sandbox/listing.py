"""What hosts there are, and whether each one lives."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firedrill.sandbox import processes
from firedrill.sandbox.locks import open_lock, try_lock
from firedrill.sandbox.places import HostPlaces, hosts_of


@dataclass(frozen=True, slots=True)
class Listed:
    """`state` is ready, starting or dead; `facts` is host.json."""

    places: HostPlaces
    state: str
    facts: dict[str, Any]


def list_hosts(directory: Path) -> list[Listed]:
    return [Listed(places, state(places), facts_of(places)) for places in hosts_of(directory)]


def state(places: HostPlaces) -> str:
    running = processes.load(places.pid)
    if running is not None and running.alive() and places.facts.exists():
        return "ready"
    return "starting" if _being_made(places) else "dead"


def _being_made(places: HostPlaces) -> bool:
    if not places.lock.exists():
        return False
    descriptor = open_lock(places.lock)
    try:
        return not try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def facts_of(places: HostPlaces) -> dict[str, Any]:
    """host.json; only the name while there is none."""
    try:
        facts = json.loads(places.facts.read_text())
    except FileNotFoundError:
        return {"name": places.name}
    assert isinstance(facts, dict)
    return facts
