"""The bot: alive, ready, quoting, as the account it should be."""

from __future__ import annotations

import pytest

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target
from firedrill.checks.test_units import main_process

LOOK = f"read `journalctl -u {places.BOT} -n 50`"


def test_bot_is_healthy(facts: Facts, target: Target, expect: Expect) -> None:
    answer = facts.http["healthz"]
    expect(
        settles=True,
        ok=answer.status == 200,
        found=answer,
        expected="/healthz answers 200",
        remedy=f"{LOOK} on {target.name}",
    )


def test_bot_is_ready(facts: Facts, target: Target, expect: Expect) -> None:
    answer = facts.http["readyz"]
    remedy = f"/readyz names what is missing; {LOOK} on {target.name}"
    expect(settles=True, ok=answer.status == 200, found=answer, expected="/readyz answers 200", remedy=remedy)


def test_bot_answers_its_control_socket(facts: Facts, target: Target, expect: Expect) -> None:
    answer = facts.bot
    expect(
        settles=True,
        ok="error" not in answer and "quotes_enabled" in answer,
        found=answer.get("error", f"fields {', '.join(sorted(answer))}"),
        expected="a status",
        remedy=f"without it nobody can switch quotes off; {LOOK} on {target.name}",
    )


def test_quotes_rest_at_the_venue(facts: Facts, target: Target, expect: Expect) -> None:
    answer = facts.bot
    if answer.get("quotes_enabled") is False:
        pytest.skip("quotes are switched off on purpose (kill switch), so there is nothing to see")
    if answer.get("idle"):
        pytest.skip(f"nothing is quoted now, on purpose: {answer['idle']}")
    resting = int(answer.get("venue_orders") or 0)
    expect(
        settles=True,
        ok=resting > 0,
        found=answer.get("error") or f"{resting} orders at the venue",
        expected="at least one order at the venue",
        remedy=f"`{places.VENV}/bin/mm-bot ctl status` on {target.name}, and {LOOK}",
    )


def test_bot_and_venue_agree_on_orders(facts: Facts, target: Target, expect: Expect) -> None:
    """An order that only one side knows is an orphan; a send that is on its way may be one for a moment."""
    answer = facts.bot
    if "venue_orders" not in answer:
        pytest.skip("the control socket gives no status, see bot_answers_its_control_socket")
    ours, venue = int(answer.get("open_orders") or 0), int(answer["venue_orders"] or 0)
    expect(
        settles=True,
        ok=abs(ours - venue) <= ON_THEIR_WAY,
        found=f"{ours} orders of ours, {venue} at the venue",
        expected=f"the same number, give or take {ON_THEIR_WAY} on their way",
        remedy=f"`{places.VENV}/bin/mm-bot ctl orders` on {target.name} names them; a restart reconciles",
    )


ON_THEIR_WAY = 3


def test_bot_runs_as_its_own_user(facts: Facts, target: Target, expect: Expect) -> None:
    process = main_process(facts, places.BOT)
    if process is None:
        pytest.skip(f"{places.BOT} has no process, see unit_is_active")
    expect(found=process.user, expected=places.BOT_USER, remedy=target.redeploy)


def test_journal_is_writable_by_the_bot(facts: Facts, target: Target, expect: Expect) -> None:
    """A running bot keeps it open; the next one could not open it, and would not start."""
    expect(
        ok=facts.writable[places.JOURNAL],
        found=f"{places.JOURNAL} {'' if facts.writable[places.JOURNAL] else 'not '}writable by {places.BOT_USER}",
        expected=f"{places.JOURNAL} writable by {places.BOT_USER}",
        remedy=target.redeploy,
    )
