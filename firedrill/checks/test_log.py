"""The event log: written now, readable, complete, rotated without loss."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target

FRESH_S = 5.0
NEW_DAY_S = 5.0
"""After midnight (UTC) the old file may still be the current one for so long."""
LOOK = f"read `journalctl -u {places.BOT} -n 50`"


def test_heartbeat_is_fresh(facts: Facts, target: Target, expect: Expect) -> None:
    beat = facts.log.heartbeat_ts
    age = None if beat is None else facts.clock_end - beat
    expect(
        settles=True,
        ok=age is not None and age < FRESH_S,
        found=facts.log.error or ("no heartbeat line" if age is None else f"last heartbeat {age:.1f} s ago"),
        expected=f"a heartbeat within {FRESH_S:.0f} s",
        remedy=f"{LOOK} on {target.name}",
    )


def test_log_lines_are_json(facts: Facts, target: Target, expect: Expect) -> None:
    log, found = facts.log, f"{facts.log.lines} lines"
    if log.invalid:
        found = f"other lines, the first: {log.invalid[0]}"
    expect(
        ok=log.error is None and log.lines > 0 and not log.invalid,
        found=log.error or found,
        expected="only JSON objects, one a line",
        remedy=f"find who writes to {places.LOG_LINK} beside the bot on {target.name}",
    )


def test_log_misses_no_line(facts: Facts, target: Target, expect: Expect) -> None:
    """Lines of a run are numbered; the end of the file has them all."""
    log = facts.log
    expect(
        found=log.error or log.gaps,
        expected=[],
        remedy=f"lines were lost (disk full, file edited): compare with the journal on {target.name}",
    )


def test_log_link_is_of_today(facts: Facts, target: Target, expect: Expect) -> None:
    days = {datetime.fromtimestamp(at, UTC).date() for at in (facts.clock_end - NEW_DAY_S, facts.clock_end)}
    names = sorted(f"events-{day.isoformat()}.jsonl" for day in days)
    found = PurePath(facts.log.target).name if facts.log.target else facts.log.error
    expect(
        settles=True,
        ok=found in names,
        found=found,
        expected=" or ".join(names),
        remedy=f"systemctl restart {places.BOT} on {target.name}; {LOOK}",
    )


def test_log_is_writable_by_the_bot(facts: Facts, target: Target, expect: Expect) -> None:
    """A process keeps a file open that it could not open again: this shows before midnight does."""
    closed = [path for path in (places.LOGS, places.LOG_LINK) if not facts.writable[path]]
    remedy = f"{target.redeploy} (owner {places.BOT_USER}, directory 0750, no immutable flag: see lsattr)"
    expect(found=[f"{path} not writable by {places.BOT_USER}" for path in closed], expected=[], remedy=remedy)


def test_log_rotation_is_valid(rotation: str, facts: Facts, target: Target, expect: Expect) -> None:
    """logrotate exits 0 even when it skips a broken section: what counts is what it says."""
    status, said = facts.rotation[rotation]
    errors = [line for line in said.splitlines() if "error:" in line]
    expect(
        ok=status == 0 and not errors,
        found=errors[0] if errors else f"exit status {status}",
        expected="exit status 0",
        remedy=f"`logrotate --debug {rotation}` on {target.name}; then {target.redeploy}",
    )


def test_log_rotation_is_scheduled(facts: Facts, target: Target, expect: Expect) -> None:
    timer = facts.units.get(places.ROTATION_TIMER)
    found = f"{timer.active_state}, {timer.unit_file_state}" if timer else "no such unit"
    remedy = f"systemctl enable --now {places.ROTATION_TIMER} on {target.name}, or {target.redeploy}"
    expect(found=found, expected="active, enabled", remedy=remedy)
