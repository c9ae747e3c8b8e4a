"""Which markets were chosen and why: scores, ranks, decisions, and the terms behind them."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.panels import About, Asked, columns, grid, lines, number, unit_of
from dashboards.queries import count, or_zero, over
from dashboards.queries import lines as asked

TERMS = ("vol", "spread", "depth", "fees", "nansen")
_SCORE = unit_of("rotation_evt", "score")


def _rotated(name: str) -> str:
    return asked("rotation_evt", fields=f"market, {name}")


def _last(name: str) -> str:
    return over("last", _rotated(name), name, "market")


_GLANCE = (
    number(
        About(
            "Failed rotations",
            "Rotations that could not choose; the markets of before were kept.",
            width=6,
            height=4,
            runbooks=("alerts/strategy/RotationFailed.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(asked("rotation_evt", fields="status", where='status="failed"')))),
    ),
    number(
        About("Rotations", "Rotations that chose, in the time shown.", width=6, height=4),
        Asked(
            "count("
            + count(asked("rotation_evt", fields="status, run, rotation", where='status="ok"'), "run, rotation")
            + ")"
        ),
    ),
    number(
        About("Markets entered", "Decisions to begin with a market.", width=6, height=4),
        Asked(or_zero(count(asked("rotation_evt", fields="market, decision", where='decision="enter"')))),
    ),
    number(
        About("Drains finished", "Markets that were left with no position in them any more.", width=6, height=4),
        Asked(or_zero(count(asked("drain", fields="market, phase", where='phase="done"')))),
    ),
)

_NOW = (
    grid(
        About("The last rotation", "Rank, score and capital each candidate last got.", width=10, height=9),
        {"rank": _last("rank"), "score": _last("score"), "capital, USD": _last("capital_usd")},
        ("market",),
        sort="rank",
    ),
    grid(
        About(
            "Its terms",
            "Each term, in standard deviations over the candidates, times its signed weight: the parts of the score.",
            "short",
            14,
            9,
        ),
        {term: f"{_last(f'z_{term}')} * {_last(f'w_{term}')}" for term in TERMS},
        ("market",),
    ),
)

_SCORES = (
    lines(
        About("Scores", "The score of each candidate, in standard deviations over the candidates.", _SCORE),
        Asked(_last("score"), "{{market}}"),
        low=None,
        sparse=True,
    ),
    lines(
        About("Ranks", "1 is the best candidate.", unit_of("rotation_evt", "rank")),
        Asked(_last("rank"), "{{market}}"),
        sparse=True,
    ),
)

_DECISIONS = (
    columns(
        About("Decisions", "What rotations decided between two points: enter, stay, leave, out, ineligible."),
        Asked(
            or_zero(
                count(asked("rotation_evt", fields="market, decision", where='decision!=""'), "decision"), "decision"
            ),
            "{{decision}}",
        ),
    ),
    lines(
        About("Capital", "What each chosen market may use.", unit_of("rotation_evt", "capital_usd")),
        Asked(_last("capital_usd"), "{{market}}"),
        sparse=True,
    ),
)

_INPUTS = (
    lines(
        About("Spread", "The spread of each candidate when it was judged.", unit_of("rotation_evt", "spread_bps"), 8),
        Asked(_last("spread_bps"), "{{market}}"),
        sparse=True,
    ),
    lines(
        About("Depth", "What rests near the middle of each candidate's book.", unit_of("rotation_evt", "depth_usd"), 8),
        Asked(_last("depth_usd"), "{{market}}"),
        sparse=True,
    ),
    lines(
        About("Nansen", "Composite of the smart-money feed, from -1 to 1.", unit_of("nansen_signal", "composite"), 8),
        Asked(over("last", asked("nansen_signal", fields="market, composite"), "composite", "market"), "{{market}}"),
        low=None,
        sparse=True,
    ),
)

_LEAVING = (
    lines(
        About(
            "Age of the Nansen signal",
            "Older than 5 minutes it counts as none.",
            unit_of("nansen_signal", "signal_age_s"),
            steps=((None, "plain"), (300, "warn")),
            marked=True,
        ),
        Asked(
            over("max", asked("nansen_signal", fields="market, signal_age_s"), "signal_age_s", "market"), "{{market}}"
        ),
        sparse=True,
    ),
    grid(
        About("Drained", "How long it took to leave each market that was rotated out.", unit_of("drain", "took_s")),
        {
            "took": over(
                "last", asked("drain", fields="market, phase, took_s", where='phase="done"'), "took_s", "market"
            )
        },
        ("market",),
    ),
)

BOARD = Board(
    "mm-bot-rotation",
    "mm-bot: rotation",
    "Scores, ranks, decisions and their terms. Rotations come hours apart: look at a day or more.",
    (_GLANCE, _NOW, _SCORES, _DECISIONS, _INPUTS, _LEAVING),
)
