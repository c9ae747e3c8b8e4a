"""Plays fault schedules: `python -m tests.bot.schedules --seed N` shows one, `--seeds A-B` counts many."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.bot.schedules.play import Verdict, play
from tests.bot.schedules.venues import GROUNDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bot.schedules", description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--seed", type=int, help="show this schedule, and all that happened in it")
    chosen.add_argument("--seeds", metavar="A-B", help="play the schedules from A to B, both included")
    parser.add_argument("--venue", choices=list(GROUNDS), default="hyperliquid")
    words = parser.parse_args()
    return (
        _one(words.venue, words.seed) if words.seeds is None else _many(words.venue, *map(int, words.seeds.split("-")))
    )


def _one(venue: str, seed: int) -> int:
    _say("\n".join(GROUNDS[venue].draw(seed).told()))
    verdict = play(seed, venue)
    for at, line in verdict.told:
        _say(f"{at:9.3f} {line}")
    _say(f"exits: {', '.join(verdict.exits)}")
    _say(f"struck: {dict(verdict.struck)}")
    _say("\n".join(f"VIOLATED: {line}" for line in verdict.violations) or "all rules held")
    return 1 if verdict.violations else 0


def _many(venue: str, first: int, last: int) -> int:
    failed: list[Verdict] = []
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    longest = 0.0
    for seed in range(first, last + 1):
        verdict = play(seed, venue)
        counts, struck = counts + verdict.counts, struck + verdict.struck
        longest = max(longest, verdict.settled_s)
        if verdict.violations:
            failed.append(verdict)
            _say(f"seed {seed}: {'; '.join(verdict.violations)[:600]}")
    _say(summary(first, last, len(failed), counts, struck, longest))
    return 1 if failed else 0


def summary(first: int, last: int, failed: int, counts: Counter[str], struck: Counter[str], longest: float) -> str:
    """What was played and what struck, for people."""
    lines = [
        f"{last - first + 1} schedules, seeds {first} to {last}: {failed} broke a rule",
        f"happened: {', '.join(f'{name} {number}' for name, number in sorted(counts.items()))}",
        f"faults that struck: {', '.join(f'{name} {number}' for name, number in sorted(struck.items()))}",
        f"longest time to settle after a storm: {longest:.1f} s",
    ]
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
