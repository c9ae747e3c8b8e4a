"""Asks real Loki again: `MMSTACK_ARTIFACTS=DIR python -m tests.firedrill.logql.differential --record`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.firedrill.logql.differential import lines, table
from tests.firedrill.logql.differential.asking import Outcome, ask_loki
from tests.firedrill.logql.differential.compare import same
from tests.firedrill.logql.differential.questions import questions
from tests.real_loki import RealLoki, running_loki

TIMES = 4


def record() -> None:
    """Makes the lines from their seed, asks everything several times and keeps what Loki says.

    An answer whose last digits vary is marked so; one that varies otherwise ends the recording.
    """
    made = lines.made()
    with tempfile.TemporaryDirectory() as folder, running_loki(Path(folder)) as loki:
        loki.push("differential", lines.streams(made))
        answers = {question.key(): ask_loki(loki, "differential", question) for question in questions()}
        torn = {key for _ in range(TIMES - 1) for key in _ask_again(loki, answers)}
    if torn:
        sys.exit("Loki answers these differently each time, take them out:\n" + "\n".join(sorted(torn)))
    lines.keep(made)
    table.write(answers)
    varies = sum(1 for answer in answers.values() if answer.get("varies"))
    sys.stdout.write(f"{len(answers)} answers kept, {varies} of which vary in their last digits\n")


def _ask_again(loki: RealLoki, answers: dict[str, Outcome]) -> Iterator[str]:
    """Marks what varies in its last digits; keys of what varies otherwise."""
    for question in questions():
        first, now = answers[question.key()], ask_loki(loki, "differential", question)
        if not same(now, first):
            if not same(now, first, exact=False):
                yield question.key()
            first["varies"] = True


if __name__ == "__main__":
    if sys.argv[1:] != ["--record"] or not os.environ.get("MMSTACK_ARTIFACTS"):
        sys.exit(__doc__)
    record()
