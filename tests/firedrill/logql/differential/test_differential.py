"""Every question answered as real Loki 3.6.15 answered it; and, where it is at hand, as it answers now."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from firedrill import logql
from firedrill.logql.syntax import SECOND
from firedrill.store.embedded import Embedded
from firedrill.store.engine import Limits
from tests.firedrill.logql.differential import known, lines, table
from tests.firedrill.logql.differential.asking import Outcome, ask_loki, ask_ours
from tests.firedrill.logql.differential.compare import refusal, same
from tests.firedrill.logql.differential.questions import Question, questions
from tests.real_loki import RealLoki

PLACED = re.compile(r"line \d+, column \d+: ")
AT_LEAST = 450


@pytest.fixture(scope="module")
def answers() -> dict[str, Outcome]:
    return table.read()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """The lines in the window of a store that follows them, so that they are read once."""
    pattern = lines.write(lines.kept(), tmp_path_factory.mktemp("differential"))
    limits, now = Limits(recent_s=86_400), (lines.NOW + 60) * SECOND
    return Embedded((pattern,), lines.GIVEN, limits, follow=True, clock=lambda: now)


def _by_query() -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions():
        found[question.query.replace("\n", "⏎")].append(question)
    return found


ASKED = _by_query()
KNOWN = known.listed()
AGREED = sorted(set(ASKED) - set(KNOWN))


def test_enough_is_asked_and_all_of_it_was_answered(answers: dict[str, Outcome]) -> None:
    assert len(ASKED) >= AT_LEAST
    assert {question.key() for question in questions()} == set(answers), "record again: see __main__.py"
    assert set(KNOWN) <= set(ASKED)


@pytest.mark.parametrize("query", AGREED)
def test_the_answer_is_lokis(query: str, store: Embedded, answers: dict[str, Outcome]) -> None:
    for question in ASKED[query]:
        ours, theirs = ask_ours(store, question), answers[question.key()]
        assert same(ours, theirs, exact=not theirs.get("varies")), f"{question.key()}\nours: {ours}\nLoki: {theirs}"


@pytest.mark.parametrize("query", sorted(KNOWN))
def test_what_is_listed_as_different_is(query: str, store: Embedded, answers: dict[str, Outcome]) -> None:
    found = [(question, ask_ours(store, question)) for question in ASKED[query]]
    if KNOWN[query].startswith(known.LAST_DIGITS):
        # Which way the last digit falls depends on the order of an addition, so here and there it agrees.
        assert all(same(ours, answers[question.key()], exact=False) for question, ours in found)
        return
    assert not all(same(ours, answers[question.key()]) for question, ours in found), (
        "agrees by now: take it off the list"
    )
    if KNOWN[query].startswith(known.REFUSED):
        for _, ours in found:
            assert PLACED.match(ours.get("refused", "")), f"neither answered nor refused with its place: {ours}"


def test_the_package_says_what_is_not_supported_and_what_differs() -> None:
    told = " ".join((logql.__doc__ or "").split())
    for reason in sorted(set(KNOWN.values())):
        assert reason.removeprefix(known.REFUSED) in told, "the docstring of firedrill.logql lacks this"


def test_what_is_not_supported_is_counted(record_property: pytest.RecordProperty) -> None:
    counted = Counter(KNOWN.values())
    for reason, count in counted.items():
        record_property(reason, count)
    print(f"\n{len(ASKED)} queries, {len(questions())} questions, {len(AGREED)} queries answered as Loki does")  # noqa: T201
    for reason, count in counted.most_common():
        print(f"{count:4} {reason}")  # noqa: T201
    assert len(AGREED) >= AT_LEAST


def test_real_loki_still_answers_so(real_loki: RealLoki, answers: dict[str, Outcome]) -> None:
    real_loki.push("differential", lines.streams(lines.kept()))
    for question in questions():
        now, then = ask_loki(real_loki, "differential", question), answers[question.key()]
        # Not to the last digit: Loki adds series up in the order of a hash table.
        assert same(now, then, exact=False), f"{question.key()}\nnow: {now}\nthen: {then}"
        assert refusal(now) == refusal(then)
