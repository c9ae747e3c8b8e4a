"""Alertmanager: ready, and working with the configuration that is on disk."""

from __future__ import annotations

import re

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target

LOOK = f"read `journalctl -u {places.ALERTMANAGER} -n 50`"


def test_alertmanager_is_ready(facts: Facts, target: Target, expect: Expect) -> None:
    answer = facts.http["alertmanager_ready"]
    expect(
        settles=True,
        ok=answer.status == 200,
        found=answer,
        expected="/-/ready answers 200",
        remedy=f"{LOOK} on {target.name}",
    )


def test_alertmanager_config_is_the_one_on_disk(facts: Facts, target: Target, expect: Expect) -> None:
    """Its API shows secrets as <secret>, so the text cannot be compared; its own hash of the file can."""
    on_disk, loaded = facts.md5.get(places.ALERTMANAGER_CONFIG), _metric(facts, "alertmanager_config_hash")
    expect(
        settles=True,
        ok=on_disk is not None and loaded == config_hash(on_disk),
        found=f"loaded configuration {_short(loaded)}",
        expected=f"{places.ALERTMANAGER_CONFIG} {_short(config_hash(on_disk) if on_disk else None)}",
        remedy=f"systemctl reload {places.ALERTMANAGER} on {target.name}, or {target.redeploy}",
    )


def test_alertmanager_accepted_its_config(facts: Facts, target: Target, expect: Expect) -> None:
    remedy = f"`amtool check-config {places.ALERTMANAGER_CONFIG}` on {target.name} says why"
    found = _metric(facts, "alertmanager_config_last_reload_successful")
    expect(
        settles=True,
        ok=found == 1,
        found=f"last reload successful: {_short(found)}",
        expected="successful: 1",
        remedy=remedy,
    )


def config_hash(md5: str) -> float:
    """Alertmanager's metric of its configuration: the first six bytes of the file's MD5, least significant first."""
    return float(int.from_bytes(bytes.fromhex(md5)[:6], "little"))


def _metric(facts: Facts, name: str) -> float | None:
    match = re.search(rf"^{name} (\S+)$", facts.http["alertmanager_metrics"].body, re.MULTILINE)
    return float(match[1]) if match else None


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"
