"""Units: running, starting at boot, not limping, running what is on disk."""

from __future__ import annotations

import pytest

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts, Process, Unit
from firedrill.checks.target import Target

TRANSIENT = ("activating", "reloading")
CRASH_LOOP = 3
"""Automatic restarts that make a loop, when the last is younger than CRASH_LOOP_S."""
CRASH_LOOP_S = 300.0
JUST_CRASHED_S = 10.0
OTHER_MARKETS = "discovery"
"""Why a bot ends its run in order: systemd starts the next, with other markets, and counts that as a restart."""
OVERRIDES = ("/etc/systemd/", "/run/systemd/")
CLOCK_STEP_S = 0.02
"""The kernel counts process starts in hundredths of a second."""


def test_unit_is_active(unit: str, facts: Facts, target: Target, expect: Expect) -> None:
    state = _unit(facts, unit)
    expect(
        settles=state.active_state in TRANSIENT,
        ok=state.load_state == "loaded" and state.active_state == "active",
        found=f"{state.load_state}, {state.active_state} ({state.sub_state}, last result {state.result})",
        expected="loaded, active",
        remedy=f"read `journalctl -u {unit} -n 50` on {target.name}, then {target.redeploy}",
    )


def test_unit_is_enabled(unit: str, facts: Facts, target: Target, expect: Expect) -> None:
    """`static` is not enough: nothing would start it after a reboot."""
    remedy = f"{target.redeploy} (or on the host: systemctl enable {unit})"
    expect(found=_unit(facts, unit).unit_file_state, expected="enabled", remedy=remedy)


def test_unit_is_not_restarting(service: str, facts: Facts, target: Target, expect: Expect) -> None:
    state, process = _unit(facts, service), main_process(facts, service)
    if process is None and state.sub_state != "auto-restart":
        pytest.skip(f"{service} has no process, see unit_is_active")
    age = facts.clock_end - process.started if process else 0.0
    often = state.n_restarts >= CRASH_LOOP and age < CRASH_LOOP_S
    looping = often and not (service == places.BOT and facts.log.ended == OTHER_MARKETS)
    limping = state.sub_state == "auto-restart" or (state.n_restarts > 0 and age < JUST_CRASHED_S)
    expect(
        settles=True,
        ok=not looping and not limping,
        found=f"{state.n_restarts} automatic restarts, running for {age:.0f} s",
        expected=f"fewer than {CRASH_LOOP} restarts within {CRASH_LOOP_S:.0f} s",
        remedy=f"it crashes: read `journalctl -u {service} -n 100` on {target.name}",
    )


def test_unit_file_is_loaded(unit: str, facts: Facts, target: Target, expect: Expect) -> None:
    """A unit file that was changed or removed without daemon-reload is not what runs."""
    state = _unit(facts, unit)
    gone = [path for path, file in state.files.items() if file is None]
    found = "changed on disk since it was loaded" if state.need_daemon_reload == "yes" else "as loaded"
    if gone or not state.fragment_path:
        found = f"missing: {', '.join(gone) or unit}"
    expect(found=found, expected="as loaded", remedy=f"{target.redeploy} (or on the host: systemctl daemon-reload)")


def test_unit_is_not_overridden(unit: str, facts: Facts, target: Target, expect: Expect) -> None:
    """A drop-in that no deploy put there makes it another unit: no restarts, no hardening, another program."""
    overriding = [path for path in _unit(facts, unit).files if path.startswith(OVERRIDES)]
    strangers = [path for path in overriding if f"{unit}.d/" in path and path not in target.expected.files]
    expect(found=strangers, expected=[], remedy=f"{target.redeploy}, and put what is needed into the checkout")


def test_process_is_newer_than_its_files(service: str, facts: Facts, target: Target, expect: Expect) -> None:
    process = main_process(facts, service)
    if process is None:
        pytest.skip(f"{service} has no process, see unit_is_active")
    started = process.started + CLOCK_STEP_S
    newer = [path for path, changed in _reads(facts, target, service).items() if changed > started]
    expect(
        found=[f"{path} changed after the process started" for path in newer],
        expected=[],
        remedy=f"what runs is not what is on disk: systemctl restart {service} on {target.name}, or {target.redeploy}",
    )


def test_unit_journal_has_no_errors(service: str, facts: Facts, target: Target, expect: Expect) -> None:
    """Only the present run and the last ten minutes: an error that was repaired is history."""
    if main_process(facts, service) is None:
        pytest.skip(f"{service} has no process, see unit_is_active")
    errors = _unit(facts, service).errors
    expect(
        ok=not errors,
        found=f"{len(errors)} lines, the last: {errors[-1][:200]}" if errors else "none",
        expected="none",
        remedy=f"read `journalctl -u {service} -p err` on {target.name}",
    )


def test_unit_is_hardened(hardened: str, facts: Facts, target: Target, expect: Expect) -> None:
    exposure, limit = facts.exposure[hardened], target.expected.units[hardened].max_exposure
    expect(
        ok=exposure.score is not None and limit is not None and exposure.score <= limit,
        found=exposure.error or f"exposure {exposure.score}",
        expected=f"exposure at most {limit}",
        remedy=f"see `systemd-analyze security {hardened}` on {target.name}; then {target.redeploy}",
    )


def test_no_unit_has_failed(facts: Facts, target: Target, expect: Expect) -> None:
    remedy = f"systemctl status UNIT on {target.name}; once understood: systemctl reset-failed"
    expect(found=facts.failed_units, expected=[], remedy=remedy)


def _unit(facts: Facts, name: str) -> Unit:
    absent = Unit(load_state="not-found", active_state="inactive", sub_state="dead", unit_file_state="")
    return facts.units.get(name, absent)


def main_process(facts: Facts, unit: str) -> Process | None:
    """The process systemd counts as the unit itself."""
    pid = _unit(facts, unit).main_pid
    return next((process for process in facts.sockets.processes.get(unit, []) if process.pid == pid), None)


def _reads(facts: Facts, target: Target, service: str) -> dict[str, float]:
    """When each path the unit reads at start last changed."""
    state, wanted = _unit(facts, service), target.expected.units[service]
    paths = {**state.files, **{path: facts.paths.get(path) for path in wanted.reads}}
    if service in (places.BOT, places.STORE):
        paths[places.CURRENT] = facts.paths.get(places.CURRENT)
    return {path: state.ctime for path, state in paths.items() if state is not None}
