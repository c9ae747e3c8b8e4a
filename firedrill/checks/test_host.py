"""The machine: right time, room on its disks, memory to spare."""

from __future__ import annotations

import pytest

from firedrill.checks.expect import Expect
from firedrill.checks.facts import Facts
from firedrill.checks.target import Target

MIB = 1 << 20
INODES_FREE = 0.05
MEMORY_FREE_MIB = 128


def test_clock_agrees_with_the_operator(facts: Facts, target: Target, expect: Expect) -> None:
    """The probe ran between question and answer, so the offset lies between these bounds; neither may exclude 0."""
    least, most = facts.clock_end - facts.answered, facts.clock_start - facts.asked
    limit = target.expected.limits.max_clock_offset_s
    expect(
        ok=least <= limit and most >= -limit,
        found=f"offset between {least:+.1f} and {most:+.1f} s",
        expected=f"within {limit:g} s of this machine's clock",
        remedy=f"one of the two clocks is wrong: `timedatectl` on {target.name} and here",
    )


def test_clock_is_kept_in_step(facts: Facts, target: Target, expect: Expect) -> None:
    if facts.container:
        pytest.skip("not checkable here: a container has the clock of the machine it runs on")
    found = "synchronised" if facts.clock.synchronised else "not synchronised"
    remedy = f"on {target.name}: apt install systemd-timesyncd && timedatectl set-ntp true"
    expect(found=found, expected="synchronised", remedy=remedy)


def test_disk_has_room(disk: str, facts: Facts, target: Target, expect: Expect) -> None:
    state, least = facts.disks.get(disk), target.expected.limits.min_free_disk_mib
    expect(
        ok=state is not None and state.free >= least * MIB,
        found=f"{state.free // MIB} MiB free of {state.total // MIB}" if state else "no such directory",
        expected=f"at least {least} MiB free",
        remedy=f"`du -xh --max-depth=2 {disk} | sort -h` on {target.name}; old releases and logs go by themselves",
    )


def test_disk_has_inodes(disk: str, facts: Facts, target: Target, expect: Expect) -> None:
    state = facts.disks.get(disk)
    if state is not None and state.inodes_total == 0:
        pytest.skip(f"the file system of {disk} does not count inodes")
    share = state.inodes_free / state.inodes_total if state else 0.0
    expect(
        ok=share >= INODES_FREE,
        found=f"{share:.0%} of the inodes free",
        expected=f"at least {INODES_FREE:.0%}",
        remedy=f"`du -x --inodes --max-depth=2 {disk} | sort -n` on {target.name} shows where the small files are",
    )


def test_memory_is_available(facts: Facts, target: Target, expect: Expect) -> None:
    memory = facts.memory
    expect(
        ok=memory.available >= MEMORY_FREE_MIB * MIB,
        found=f"{memory.available // MIB} MiB available of {memory.total // MIB}",
        expected=f"at least {MEMORY_FREE_MIB} MiB available",
        remedy=f"`systemd-cgtop -m` on {target.name} shows who holds it",
    )
