"""From outcomes to verdicts, and from verdicts to the table and its exit status."""

from __future__ import annotations

import json

import pytest

from firedrill.hardening.acts import ACTS, WORKS
from firedrill.hardening.ask import CannotAsk, ask
from firedrill.hardening.judge import Answer, Copy, Outcome, Verdict, alone_name, plain_name, verdicts
from firedrill.hardening.table import columns, lines

PERMITTED, REFUSED, IMPOSSIBLE = ("permitted", ""), ("refused", "EROFS"), ("impossible", "no route leads there")
ACT = next(act for act in ACTS if act.name == "write_etc")
UNIT = "mm-bot.service"


def _answer(unit: Outcome, alone: Outcome, plain: Outcome, text: str = "[Service]\nProtectSystem=strict\n") -> Answer:
    controls: dict[str, dict[str, Outcome | str]] = {}
    for act in ACTS:
        controls.setdefault(alone_name(act), {})[act.name] = alone
        controls.setdefault(plain_name(act), {})[act.name] = plain
    attempts: dict[str, Outcome | str] = {**{act.name: unit for act in ACTS}, WORKS: PERMITTED}
    return Answer(
        units={UNIT: Copy(text=text, score=1.0, attempts=attempts)},
        shipped={},
        alone=controls,
        unified_cgroups=False,
        container=True,
        systemd="systemd 252",
    )


@pytest.mark.parametrize(
    ("unit", "alone", "plain", "verdict"),
    [
        (REFUSED, REFUSED, PERMITTED, Verdict.BITES),
        (PERMITTED, REFUSED, PERMITTED, Verdict.TOOTHLESS),
        (PERMITTED, PERMITTED, PERMITTED, Verdict.NOT_ENFORCEABLE),
        (REFUSED, REFUSED, REFUSED, Verdict.NOT_TESTABLE),
        (REFUSED, IMPOSSIBLE, IMPOSSIBLE, Verdict.NOT_TESTABLE),
        (IMPOSSIBLE, REFUSED, PERMITTED, Verdict.NOT_TESTABLE),
        (REFUSED, PERMITTED, PERMITTED, Verdict.NOT_ENFORCEABLE),
        (PERMITTED, IMPOSSIBLE, IMPOSSIBLE, Verdict.TOOTHLESS),
    ],
)
def test_a_claim_is_judged_by_what_happens_without_it(
    unit: Outcome, alone: Outcome, plain: Outcome, verdict: Verdict
) -> None:
    answer = _answer(unit, alone, plain)
    assert verdicts(answer, answer.units[UNIT])[ACT.name][0] is verdict


@pytest.mark.parametrize(("unit", "verdict"), [(PERMITTED, Verdict.OPEN), (REFUSED, Verdict.CLOSED)])
def test_what_is_not_claimed_is_open_or_closed(unit: Outcome, verdict: Verdict) -> None:
    answer = _answer(unit, REFUSED, PERMITTED, text="[Service]\nExecStart=/bin/true\n")
    assert {found for found, _ in verdicts(answer, answer.units[UNIT]).values()} == {verdict}


def test_a_filter_that_hangs_on_control_groups_says_why_it_does_nothing() -> None:
    answer = _answer(PERMITTED, PERMITTED, PERMITTED, text="[Service]\nIPAddressDeny=any\n")
    verdict, why = verdicts(answer, answer.units[UNIT])["reach_metadata"]
    assert verdict is Verdict.NOT_ENFORCEABLE
    assert "no unified control groups" in why


def _problems(answer: Answer, limit: float = 1.0, unit: str = UNIT) -> list[str]:
    return [problem for column in columns(answer, {unit: limit}) for problem in column.problems]


def test_green_is_no_problem_and_the_table_names_every_act() -> None:
    answer = _answer(REFUSED, REFUSED, PERMITTED)
    assert _problems(answer) == []
    text = "\n".join(lines("bot-1", answer, columns(answer, {UNIT: 1.0})))
    assert all(act.words in text for act in ACTS)
    assert "green" in text


def test_each_problem_is_told() -> None:
    assert "exposure 1.0, at most 0.9" in _problems(_answer(REFUSED, REFUSED, PERMITTED), 0.9)[0]
    assert "it can write to /etc" in _problems(_answer(PERMITTED, REFUSED, PERMITTED))[1]
    assert _problems(_answer(REFUSED, REFUSED, PERMITTED), unit="loki.service") == ["loki.service is not there"]
    helpless = _answer(REFUSED, REFUSED, PERMITTED)
    helpless.units[UNIT].attempts[WORKS] = REFUSED
    assert "its refusals prove nothing" in _problems(helpless)[0]
    broken = _answer(REFUSED, REFUSED, PERMITTED)
    broken.units[UNIT].attempts = {"error": "its copy did not run"}
    assert "its copy did not run" in _problems(broken)[0]


def _say(answer: dict[str, object]) -> tuple[int, str, str]:
    return 0, json.dumps(answer), ""


def test_a_control_that_did_not_run_makes_every_refusal_worthless() -> None:
    answer = {
        "units": {},
        "shipped": {},
        "alone": {"nothing; ": {"error": "its copy did not run: no python3"}},
        "unified_cgroups": True,
        "container": False,
        "systemd": "systemd 257",
    }
    with pytest.raises(CannotAsk, match="1 of 1 controls did not run; nothing; : its copy did not run: no python3"):
        ask([UNIT], lambda _command, _stdin: _say(answer))
    with pytest.raises(CannotAsk, match="something else"):
        ask([UNIT], lambda _command, _stdin: (0, "", ""))
    with pytest.raises(CannotAsk, match="exit status 127"):
        ask([UNIT], lambda _command, _stdin: (127, "", "sh: python3: not found"))
