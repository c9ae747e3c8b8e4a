"""Sockets: each port in the right hands, nothing of ours where others could reach it."""

from __future__ import annotations

import pytest

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target

OTHERS = 0o007


def test_port_belongs_to_its_unit(port: str, facts: Facts, target: Target, expect: Expect) -> None:
    unit, address = target.expected.ports[port], target.address_of(port)
    owners = [
        listener.unit or "a program that is no service of this host"
        for listener in facts.sockets.listeners
        if listener.port == int(port) and listener.address in (address, "0.0.0.0", "::")
    ]
    expect(
        settles=True,
        found=[f"{address}:{port} held by {owner}" for owner in owners] or f"nobody listens on {address}:{port}",
        expected=[f"{address}:{port} held by {unit}"],
        remedy=f"`ss -ltnp` on {target.name} names the program; stop it, then {target.redeploy}",
    )


def test_nothing_of_ours_listens_elsewhere(facts: Facts, target: Target, expect: Expect) -> None:
    ours = [listener for listener in facts.sockets.listeners if listener.unit in target.expected.services]
    if not ours:
        pytest.skip("none of our services listens anywhere, see port_belongs_to_its_unit")
    elsewhere = [
        f"{listener.unit} on {listener.address}:{listener.port}"
        for listener in ours
        if (listener.address != target.address_of(listener.port) or str(listener.port) not in target.expected.ports)
    ]
    remedy = f"close it: {target.redeploy}; if it stays, the unit's arguments are wrong"
    expect(found=elsewhere, expected=[], remedy=remedy)


def test_firewall_is_loaded(firewall: str, facts: Facts, target: Target, expect: Expect) -> None:
    """The table says of which rules it is made; whoever flushes all rules takes it along, and the unit stays active."""
    expect(
        settles=True,
        ok=f'comment "{firewall}"' in facts.firewall and "hook input" in facts.firewall,
        found=" ".join(facts.firewall.split())[:200] or "no such table",
        expected=f"the table {places.FIREWALL_TABLE} of {firewall}",
        remedy=f"systemctl restart mmstack-firewall on {target.name}, or {target.redeploy}",
    )


def test_control_socket_is_private(facts: Facts, target: Target, expect: Expect) -> None:
    """Who can write to it can switch quotes off."""
    state = facts.paths.get(places.CONTROL_SOCKET)
    expect(
        settles=True,
        ok=state is not None
        and (state.kind, state.owner) == ("socket", places.BOT_USER)
        and not int(state.mode, 8) & OTHERS,
        found=f"{state.kind} {state.mode} {state.owner}:{state.group}" if state else "missing",
        expected=f"a socket of {places.BOT_USER}, closed to others",
        remedy=f"systemctl restart {places.BOT} on {target.name}, or {target.redeploy}",
    )


def test_no_drill_is_left_behind(facts: Facts, target: Target, expect: Expect) -> None:
    left = [path for path in facts.entries[places.LOGS] if places.DRILL_FILES in path]
    left += facts.timers
    left += [
        f"a receiver on {listener.address}:{listener.port}"
        for listener in facts.sockets.listeners
        if listener.port == places.RECEIVER_PORT and listener.address == target.bind_address
    ]
    remedy = f"a drill is running, or was cut off: wait ten minutes, then remove what is named on {target.name}"
    expect(found=left, expected=[], remedy=remedy)
