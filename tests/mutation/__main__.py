"""`python -m tests.mutation [FAMILY]...`: every mutant of every rule; who survived, and whether that was judged."""

from __future__ import annotations

import sys
import time

from tests.mutation.run import FAMILIES, judged, outcomes


def main(families: list[str]) -> int:
    known, total, dead, unjudged = judged(), 0, 0, 0
    for family in families or FAMILIES:
        began = time.perf_counter()
        for outcome in outcomes(family):
            total, dead = total + len(outcome.killed) + len(outcome.survived), dead + len(outcome.killed)
            for name in outcome.survived:
                reason = known.get(outcome.alert, {}).get(name, "")
                unjudged += not reason
                sys.stdout.write(f"{outcome.alert}: {name}: {reason or 'SURVIVED'}\n")
        sys.stdout.write(f"-- {family}: {time.perf_counter() - began:.1f} s\n")
    sys.stdout.write(f"{dead} of {total} killed ({dead / total:.1%}), {unjudged} survivor(s) not judged\n")
    return 1 if unjudged else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
