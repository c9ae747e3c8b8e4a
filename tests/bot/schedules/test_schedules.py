"""The whole bot under random faults in virtual time. A seed that fails is shown by
`python -m tests.bot.schedules --seed N`; all of them are played by `pytest -m thorough` or `--seeds 0-999`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.bot.schedules.__main__ import summary
from tests.bot.schedules.mutations import MUTATIONS
from tests.bot.schedules.play import play

FEW, MANY, ENOUGH = 30, 1_000, 60


@pytest.mark.parametrize("seed", range(FEW))
def test_a_storm_breaks_no_rule(seed: int) -> None:
    verdict = play(seed)
    assert verdict.violations == []
    assert verdict.counts["order open"] > 0, "it traded"


@pytest.mark.thorough
def test_a_thousand_storms_break_no_rule(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    longest = 0.0
    for seed in range(MANY):
        verdict = play(seed)
        counts, struck = counts + verdict.counts, struck + verdict.struck
        longest = max(longest, verdict.settled_s)
        if verdict.violations:
            failed[seed] = verdict.violations
    with capsys.disabled():
        print(f"\n{summary(0, MANY - 1, len(failed), counts, struck, longest)}")  # noqa: T201
    assert failed == {}


@pytest.mark.thorough
@pytest.mark.parametrize("broken", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_broken_bot_is_found(broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    assert any(play(seed).violations for seed in range(ENOUGH)), f"{ENOUGH} schedules found nothing"
