"""A real host as the stage of drills: commands over ssh, its state by HTTP from the host itself, and a witness."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from firedrill.checks import places
from firedrill.checks.facts import Http
from firedrill.checks.shipment import PROGRAM, pack
from firedrill.checks.target import ExpectedStore, Target
from firedrill.drills.drill import Drill, Scene
from firedrill.drills.witness import AlertmanagerWitness, ReceiverWitness, Witness
from firedrill.runner.hosts import Host, Output, Unreachable

RECEIVER_WITHIN_S = 15.0
LONGEST_WINDOW_S = 900.0
"""No rule that a line of a drill makes ring looks further back."""


class NoWitness(Exception):
    """The receiver could not be started; the message says why."""


class LiveStage:
    """Implements `firedrill.drills.engine.Stage` on a host."""

    def __init__(self, host: Host, target: Target, witness: Witness | None = None) -> None:
        self._host = host
        self._target = target
        self.witness: Witness = witness or AlertmanagerWitness(self.firing)

    def run(self, script: str) -> Output:
        return self._host.run(script)

    def unsteady(self, alert: str, firing: bool) -> str | None:
        pages = self._glance()
        ready = pages["readyz"]
        if ready.status != 200:
            return f"the bot is not ready ({ready})"
        if self._target.expected.store.unit and pages["store_ready"].status != 200:
            return f"the log store is not ready ({pages['store_ready']})"
        if pages["alerts"].status != 200:
            return f"Alertmanager does not answer ({pages['alerts']})"
        if (alert in self._alerts(pages)) != firing:
            return f"{alert} is {'not firing, and should always be' if firing else 'already firing'}"
        return None

    def firing(self) -> set[str]:
        """Names of the alerts that fire on this host, by Alertmanager's own list."""
        return self._alerts(self._glance())

    def _alerts(self, pages: dict[str, Http]) -> set[str]:
        answer = pages["alerts"]
        if answer.status != 200:
            raise Unreachable(f"Alertmanager on {self._target.name} does not answer ({answer})")
        labels = [alert["labels"] for alert in answer.json() or []]
        return {
            str(label["alertname"]) for label in labels if label.get("host", self._target.name) == self._target.name
        }

    def _glance(self) -> dict[str, Http]:
        address = self._target.bind_address
        pages = {
            "readyz": (address, places.HEALTH_PORT, "/readyz"),
            "store_ready": (address, places.STORE_PORT, "/ready"),
            "alerts": (address, places.ALERTMANAGER_PORT, "/api/v2/alerts"),
        }
        output = self._host.run(PROGRAM, pack({"http": pages}, main="glance"))
        if output.status:
            raise Unreachable(f"{self._target.name} cannot be asked for its state: {output.said}")
        return msgspec.json.decode(output.out, type=dict[str, Http])


def scene(target: Target, release: str) -> Scene:
    """A new performance on a host."""
    return Scene(
        id=secrets.token_hex(4),
        host=target.name,
        bind_address=target.bind_address,
        release=release,
        store=target.expected.store.unit,
    )


def fitting(drill: Drill, store: ExpectedStore) -> Drill:
    """The drill as this host can perform it: a store that keeps what it was sent forgets lines with the window only."""
    if drill.alone or store.reads_files:
        return drill
    return replace(drill, recover_within_s=drill.recover_within_s + LONGEST_WINDOW_S)


def notifies_receiver(target: Target) -> bool:
    """Whether the host's Alertmanager posts to where a drill's receiver would listen."""
    url = urlsplit(target.webhook_url)
    return (url.hostname, url.port) == (target.bind_address, places.RECEIVER_PORT)


@contextlib.contextmanager
def stage_on(host: Host, target: Target, seconds: float) -> Iterator[LiveStage]:
    """A stage with the best witness there is, for at most so many seconds. Raises NoWitness and Unreachable."""
    if not notifies_receiver(target):
        yield LiveStage(host, target)
        return
    endpoint = f"{target.bind_address}:{places.RECEIVER_PORT}"
    command = (
        f"{places.VENV}/bin/firedrill receiver --listen {endpoint} "
        f"--token-file {places.WEBHOOK_TOKEN} --for {int(seconds)}"
    )
    with host.stream(command) as lines:
        witness = ReceiverWitness(lines, target.name)
        problem = witness.listening(RECEIVER_WITHIN_S)
        if problem is not None:
            raise NoWitness(f"the receiver on {target.name} did not start: {problem}")
        yield LiveStage(host, target, witness)
