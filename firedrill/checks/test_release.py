"""The release: the one that was stamped, undamaged, and the one that really runs."""

from __future__ import annotations

import pytest

from firedrill.checks import places
from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts, StampedFile
from firedrill.checks.target import ExpectedPath, Target
from firedrill.checks.test_units import main_process


def test_stamp_is_there(facts: Facts, target: Target, expect: Expect) -> None:
    error = facts.errors.get("stamp")
    expect(found=error or "readable", expected="readable", remedy=f"{places.STAMP}: {target.redeploy}")


def test_stamp_is_of_this_checkout(facts: Facts, target: Target, expect: Expect) -> None:
    """Another checkout, or other data, has deployed since: its files would be undone by the next deploy from here."""
    stamped, wanted = facts.stamp.files, target.expected.files
    apart = sorted(path for path in {*stamped, *wanted} if not _same(stamped.get(path), wanted.get(path)))
    expect(
        found=[f"{path} {_how(path, stamped, wanted)}" for path in apart],
        expected=[],
        remedy=f"find out who deployed what; to make it this checkout's: {target.redeploy}",
    )


def test_current_is_the_stamped_release(facts: Facts, target: Target, expect: Expect) -> None:
    remedy = f"{target.redeploy}; a rollback is --data release=TAG, never a link moved by hand"
    expect(found=facts.release.target, expected=f"releases/{facts.stamp.release}", remedy=remedy)


def test_release_is_undamaged(facts: Facts, target: Target, expect: Expect) -> None:
    release = facts.release
    expect(
        ok=release.error is None and release.digest == facts.stamp.release_sha256,
        found=release.error or f"tree {str(release.digest)[:12]}",
        expected=f"tree {facts.stamp.release_sha256[:12]}",
        remedy=f"a file of the release was changed, added or lost: {target.redeploy}",
    )


def test_process_runs_the_current_release(of_release: str, facts: Facts, target: Target, expect: Expect) -> None:
    """Not where the link points but which files the process has mapped."""
    process = main_process(facts, of_release)
    if process is None:
        pytest.skip(f"{of_release} has no process, see unit_is_active")
    expect(
        settles=True,
        found=process.releases,
        expected=[facts.stamp.release],
        remedy=f"systemctl restart {of_release} on {target.name}, or {target.redeploy}",
    )


def test_process_files_still_exist(of_release: str, facts: Facts, target: Target, expect: Expect) -> None:
    process = main_process(facts, of_release)
    if process is None:
        pytest.skip(f"{of_release} has no process, see unit_is_active")
    remedy = f"files were replaced under the running process: systemctl restart {of_release} on {target.name}"
    expect(found=process.deleted, expected=[], remedy=remedy)


def test_build_id_agrees(facts: Facts, target: Target, expect: Expect) -> None:
    """Host, health endpoint and log line say the same release; host and health endpoint the same commit."""
    health = facts.http["healthz"].json() or {}
    said = {
        "stamp": f"{facts.stamp.release} {facts.stamp.commit}",
        "/healthz": f"{health.get('release')} {health.get('commit')}",
        "log": f"{facts.log.release} {facts.stamp.commit}",
    }
    expect(
        settles=True,
        ok=len(set(said.values())) == 1,
        found="; ".join(f"{where}: {what}" for where, what in said.items()),
        expected=f"{facts.stamp.release} everywhere",
        remedy=f"systemctl restart {places.BOT} on {target.name}, or {target.redeploy}",
    )


def _same(stamped: StampedFile | None, wanted: ExpectedPath | None) -> bool:
    if stamped is None or wanted is None:
        return False
    return wanted.secret or stamped.sha256 == wanted.sha256  # of a secret no hash is written down


def _how(path: str, stamped: dict[str, StampedFile], wanted: dict[str, ExpectedPath]) -> str:
    if path not in stamped:
        return "not deployed yet"
    return "unknown to this checkout" if path not in wanted else "deployed with other content"
