"""Dashboards: what Grafana shows is what the release brings."""

from __future__ import annotations

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target


def test_dashboards_are_those_of_the_release(boards: str, facts: Facts, target: Target, expect: Expect) -> None:
    """The import runs beside the deploy, and takes a second or two."""
    expect(
        settles=True,
        found=facts.dashboards[boards],
        expected=[],
        remedy=f"systemctl start {places.IMPORT}.service on {target.name}, then `journalctl -u {places.IMPORT} -n 20`",
    )
