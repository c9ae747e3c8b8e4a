"""The whole bot under random faults in virtual time. A seed that fails is shown by
`python -m tests.bot.schedules --venue V --seed N`; all are played by `pytest -m thorough` or `--seeds 0-999`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.bot.schedules import mutations
from tests.bot.schedules.__main__ import summary
from tests.bot.schedules.kalshi import mutations as kalshi
from tests.bot.schedules.mutations import MUTATIONS
from tests.bot.schedules.play import play

FEW = {"hyperliquid": range(30), "kalshi": (0, *range(2, 21))}
"""At Kalshi the game of seed 1 starts before its slow network let the bot read the account: nothing can be entered."""
MANY, ENOUGH = 1_000, 60
HARMLESS = mutations.what_is_not_known_yet_counts_as_never_seen
"""At Kalshi, whose adapter says that an order was never seen once it cannot come any more."""
BROKEN = [
    *(("hyperliquid", broken) for broken in MUTATIONS),
    *(("kalshi", broken) for broken in (*MUTATIONS, *kalshi.MUTATIONS) if broken is not HARMLESS),
]


@pytest.mark.parametrize(("venue", "seed"), [(venue, seed) for venue, few in FEW.items() for seed in few])
def test_a_storm_breaks_no_rule(venue: str, seed: int) -> None:
    verdict = play(seed, venue)
    assert verdict.violations == []
    assert verdict.counts["quote_place"] > 0, "it traded"


@pytest.mark.thorough
@pytest.mark.parametrize("venue", FEW)
def test_a_thousand_storms_break_no_rule(venue: str, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    longest = 0.0
    for seed in range(MANY):
        verdict = play(seed, venue)
        counts, struck = counts + verdict.counts, struck + verdict.struck
        longest = max(longest, verdict.settled_s)
        if verdict.violations:
            failed[seed] = verdict.violations
    with capsys.disabled():
        print(f"\n{summary(0, MANY - 1, len(failed), counts, struck, longest)}")  # noqa: T201
    assert failed == {}


@pytest.mark.thorough
@pytest.mark.parametrize(("venue", "broken"), BROKEN, ids=[f"{venue}-{one.__name__}" for venue, one in BROKEN])
def test_a_broken_bot_is_found(
    venue: str, broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    assert any(play(seed, venue).violations for seed in range(ENOUGH)), f"{ENOUGH} schedules found nothing"
