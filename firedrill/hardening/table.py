"""The hardening of one host as a table: acts down, units across, ours beside those of the distribution. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .acts import ACTS, NOT_PROBED, WORKS
from .judge import Answer, Copy, Verdict, verdicts

OURS, SHIPPED = "", " as shipped"
_TELLING = (Verdict.TOOTHLESS, Verdict.NOT_ENFORCEABLE, Verdict.NOT_TESTABLE)


@dataclass(frozen=True, slots=True)
class Column:
    """A unit: its score and the highest allowed (None: not judged), a verdict and its evidence by act."""

    unit: str
    score: float | None
    limit: float | None
    found: dict[str, tuple[Verdict, str]]
    problems: tuple[str, ...]


def columns(answer: Answer, limits: Mapping[str, float | None]) -> list[Column]:
    """Ours in the order of `limits`, each followed by what the distribution ships under that name."""
    found = []
    for unit, limit in limits.items():
        if unit not in answer.units:
            found.append(Column(unit, None, limit, {}, (f"{unit} is not there",)))
            continue
        found.append(_column(unit, answer, answer.units[unit], limit))
        if unit in answer.shipped:
            found.append(_column(unit + SHIPPED, answer, answer.shipped[unit], None))
    return found


def _column(unit: str, answer: Answer, copy: Copy, limit: float | None) -> Column:
    found = verdicts(answer, copy)
    problems = [f"{unit}: {copy.error}"] if copy.error else []
    ours = not unit.endswith(SHIPPED)
    if ours and limit is not None and (copy.score is None or copy.score > limit):
        problems.append(f"{unit}: exposure {copy.score}, at most {limit} is allowed")
    if ours and not copy.error and (worked := copy.attempts.get(WORKS)) and worked[0] != "permitted":
        problems.append(f"{unit} cannot write its own state ({worked[1]}), so its refusals prove nothing")
    problems += [f"{unit}: it can {_words(name)}: {why}" for name, (v, why) in found.items() if v is Verdict.TOOTHLESS]
    return Column(unit, copy.score, limit, found, tuple(problems))


def lines(host: str, answer: Answer, table: list[Column]) -> list[str]:
    """The table, what is behind its unusual cells, and what was not tried."""
    heads = [column.unit.replace(".service", "") for column in table]
    rows = [["exposure (systemd-analyze)", *(_score(column) for column in table)]]
    rows += [[act.words, *(_cell(column, act.name) for column in table)] for act in ACTS]
    where = f"{host}: {answer.systemd}{', in a container' if answer.container else ''}"
    return [where, *_grid([["act", *heads], *rows]), *_evidence(table), *_not_probed(), *_problems(table)]


def _score(column: Column) -> str:
    limit = f" (at most {column.limit})" if column.limit is not None else ""
    return f"{column.score}{limit}"


def _cell(column: Column, act: str) -> str:
    return column.found[act][0].value if act in column.found else "-"


def _grid(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _evidence(table: list[Column]) -> list[str]:
    """One line for each different reason, with the units it holds for."""
    reasons: dict[str, list[str]] = {}
    for column in table:
        for name, (verdict, why) in column.found.items():
            if verdict in _TELLING:
                units = reasons.setdefault(f"{verdict.value}: {_words(name)}: {why}", [])
                units.append(column.unit.replace(".service", ""))
    return ["", *(f"  {reason} ({', '.join(units)})" for reason, units in reasons.items())] if reasons else []


def _not_probed() -> list[str]:
    return ["", *(f"  not tried: {name}: {why}" for name, why in NOT_PROBED.items())]


def _problems(table: list[Column]) -> list[str]:
    problems = [problem for column in table for problem in column.problems]
    return (
        ["", *(f"  RED {problem}" for problem in problems)]
        if problems
        else ["", "  green: whatever can bite here does"]
    )


def _words(name: str) -> str:
    return next(act.words for act in ACTS if act.name == name)
