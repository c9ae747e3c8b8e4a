"""What is wrong with alert rules before they run: files, queries, and names the bot never logs.

The official checkers let pass a misspelt label or action, a rule that goes blind on one malformed
line, and a stray file; these are what makes an alarm silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import get_args

from bot import events
from firedrill.logql import sql
from firedrill.logql import syntax as s
from firedrill.logql.extract import named_groups, pattern_parts
from firedrill.logql.filters import ERROR
from firedrill.logql.json_fields import EXTRACTED
from firedrill.logql.rules import Group, Problem, Rule, template_labels, template_parts
from firedrill.logql.text import json_path
from firedrill.rules import rule_files
from firedrill.store.cookbook import QUERIES
from firedrill.store.embedded import Embedded
from firedrill.store.store import StoreError

SEVERITIES = ("critical", "warning", "none")
ANNOTATIONS = ("summary", "runbook", "query")
LEVELS = get_args(events.Level)


def lint(path: Path, foreign: bool = False) -> tuple[list[Group], list[Problem]]:
    """The groups below a path and every problem found. `foreign`: the rules are about another program's logs."""
    groups, problems = rule_files.load(path, foreign)
    empty = Embedded((), {})
    for group in groups:
        for rule in group.rules:
            problems += rule_problems(rule, group.file, empty, foreign)
    return groups, sorted(set(problems))


def rule_problems(rule: Rule, file: str, empty: Embedded, foreign: bool = False) -> list[Problem]:
    """What is wrong with one rule of a file; `empty` is a store without lines."""
    found = [*_query_problems(rule, empty), *_blind_spots(rule.query), *_flapping(rule), *_odd_quantiles(rule.query)]
    if not foreign:
        found += [*_unknown_names(rule.query), *_bookkeeping(rule, _family(file))]
    found += [(rule.line, f"{rule.alert}: {reason}") for reason in _template_problems(rule, empty)]
    return [_problem(file, rule, where, reason) for where, reason in found]


Found = tuple[s.Place | int, str]
"""A place in the rule's query, or a line of the file, and what is wrong there."""


def _problem(file: str, rule: Rule, where: s.Place | int, reason: str) -> Problem:
    if isinstance(where, int):
        return Problem(file, where, reason)
    return Problem(file, rule.expr_line + where.line - 1, f"{rule.alert}: expr column {where.column}: {reason}")


def _family(file: str) -> str:
    path = PurePath(file)
    return path.parent.name if path.name == rule_files.RULES else path.stem


def _query_problems(rule: Rule, empty: Embedded) -> Iterator[Found]:
    """What only shows when the query runs, such as a broken regular expression: it is run on no lines."""
    try:
        empty.instant(rule.expr, 0)
    except s.QueryError as error:
        yield s.Place(error.line, error.column), error.reason
    except StoreError as error:
        yield rule.line, f"{rule.alert}: {error}"


def _template_problems(rule: Rule, empty: Embedded) -> Iterator[str]:
    if s.is_scalar(rule.query):
        known: tuple[str, ...] | None = ()
    else:
        known = sql.compile_metric(rule.query, empty.stream, sql.Grid.at(0)).relation.names
    for text in (*rule.labels.values(), *rule.annotations.values()):
        for name in sorted(template_labels(text) - set(known or ())) if known is not None else ():
            has = ", ".join(known) if known else "no labels"
            yield f"{{{{ $labels.{name} }}}} will be empty: the result of the query has {has}"


def _flapping(rule: Rule) -> Iterator[Found]:
    """Labels are what an alert is known by: with a value in one, every evaluation is another alert."""
    for name, text in rule.labels.items():
        if "$value" in template_parts(text):
            yield (
                rule.line,
                f"{rule.alert}: the label {name} has the value in it, which changes: put it into an annotation",
            )


def _odd_quantiles(query: s.Query) -> Iterator[Found]:
    for agg in s.range_aggs(query):
        if agg.op == "quantile_over_time" and agg.parameter is not None and not 0 <= agg.parameter <= 1:
            yield agg.place, f"the quantile {agg.parameter:g} is not between 0 and 1, so the result is infinite"


def _blind_spots(query: s.Query) -> Iterator[Found]:
    """Stages that set __error__ with no filter on it behind them: one odd line would silence the rule."""
    for part in s.log_queries(query):
        open_stage: s.Place | None = None
        for stage in part.stages:
            for test in s.label_tests(stage) if isinstance(stage, _TESTS) else ():
                if isinstance(test, s.NumberTest):
                    open_stage = test.place
                elif test.name == ERROR:
                    open_stage = None
            if isinstance(stage, _MAY_FAIL) or (isinstance(stage, s.Logfmt) and stage.strict):
                open_stage = stage.place
            if isinstance(stage, s.Drop) and any(pick.name == ERROR and not pick.op for pick in stage.picks):
                open_stage = None
        if open_stage:
            yield open_stage, 'one odd line makes this rule fail: add | __error__="" behind'


_MAY_FAIL = (s.Json, s.Unpack, s.Unwrap, s.LineFormat, s.LabelFormat)
_TESTS = (s.TextTest, s.NumberTest, s.IpTest, s.BothTests)


@dataclass(frozen=True, slots=True)
class _Known:
    """Actions a selector can meet and the names its lines and stages have."""

    actions: frozenset[str]
    fields: frozenset[str]
    labels: frozenset[str]


def _unknown_names(query: s.Metric) -> Iterator[Found]:
    for part in s.log_queries(query):
        yield from _unknown_in_query(part)
    for agg in _aggregations(query):
        available = frozenset[str]().union(*(_known(part).labels for part in s.log_queries(agg)))
        for name in agg.grouping.names if agg.grouping else ():
            if name not in available:
                yield agg.place, f"grouping by {name!r}, a label these lines never have"


def _aggregations(query: s.Metric) -> Iterator[s.VectorAgg | s.RangeAgg]:
    match query:
        case s.RangeAgg():
            yield query
        case s.VectorAgg():
            yield query
            yield from _aggregations(query.of)
        case s.LabelReplace():
            yield from _aggregations(query.of)
        case s.Binary():
            yield from _aggregations(query.left)
            yield from _aggregations(query.right)


def _unknown_in_query(query: s.LogQuery) -> Iterator[Found]:
    for matcher in query.matchers:
        yield from _unknown_in_matcher(matcher)
    known = _known(query)
    if not known.actions:
        yield query.place, "no event of bot/events has an action and level that this selector meets"
        return
    for stage in query.stages:
        if isinstance(stage, s.Json):
            for _, path in stage.fields:
                if (field := str(json_path(path)[0])) not in known.fields:
                    yield stage.place, f"field {field!r} is in no event that this selector meets (see bot/events)"
        elif isinstance(stage, s.Unwrap) and stage.name not in known.labels:
            yield stage.place, f"unwrap of {stage.name!r}, a label these lines never have"
        elif isinstance(stage, _TESTS):
            for test in s.label_tests(stage):
                if test.name not in known.labels:
                    yield test.place, f"filter on {test.name!r}, a label these lines never have"


def _unknown_in_matcher(matcher: s.Matcher) -> Iterator[Found]:
    allowed = {"action": tuple(events.ALL), "level": LEVELS}.get(matcher.name)
    if matcher.name not in events.STREAM_LABELS:
        yield matcher.place, f"{matcher.name!r} is no stream label; those are {', '.join(events.STREAM_LABELS)}"
    elif allowed and matcher.op in ("=", "!=") and matcher.value and matcher.value not in allowed:
        yield matcher.place, f"no event of bot/events has the {matcher.name} {matcher.value!r}"


def _known(query: s.LogQuery) -> _Known:
    actions = frozenset(name for name, event in events.ALL.items() if _meets(query, name, event.level))
    fields = frozenset(events.LINE_PREFIX) | {"action"} | {f for name in actions for f in events.fields(name)}
    labels = {*events.STREAM_LABELS, ERROR}
    for stage in query.stages:
        if isinstance(stage, s.Json) and not stage.fields:
            labels |= {f"{f}{EXTRACTED}" if f in events.STREAM_LABELS else f for f in fields}
        else:
            labels |= {f"{n}{EXTRACTED}" if n in events.STREAM_LABELS else n for n in _made(stage)}
    return _Known(actions, frozenset(fields), frozenset(labels))


def _made(stage: s.Stage) -> list[str]:
    """Labels that a stage adds by name."""
    match stage:
        case s.Json() | s.Logfmt():
            return [name for name, _ in stage.fields]
        case s.Regexp():
            return [name for name, _ in named_groups(stage.pattern)]
        case s.Pattern():
            return [name for name, capture in pattern_parts(stage.text) if capture]
        case s.LabelFormat():
            return [part.name for part in stage.parts]
    return []


def _meets(query: s.LogQuery, action: str, level: str) -> bool:
    values = {"action": action, "level": level}
    return all(_holds(matcher, values[matcher.name]) for matcher in query.matchers if matcher.name in values)


def _holds(matcher: s.Matcher, value: str) -> bool:
    try:
        same = value == matcher.value if matcher.op in ("=", "!=") else bool(re.fullmatch(matcher.value, value))
    except re.error:
        return True  # RE2's own; whether it is good is found when it runs
    return same == (matcher.op in ("=", "=~")) or (matcher.op == "=" and not matcher.value)


def _bookkeeping(rule: Rule, family: str) -> Iterator[Found]:
    """Labels and annotations that routing and people rely on."""
    if rule.labels.get("severity") not in SEVERITIES:
        yield rule.line, f"{rule.alert}: the label severity must be one of {', '.join(SEVERITIES)}"
    if rule.labels.get("family") != family:
        yield rule.line, f"{rule.alert}: the label family must be {family!r}, where the rule stands"
    for name in ANNOTATIONS:
        if not rule.annotations.get(name, "").strip():
            yield rule.line, f"{rule.alert}: no annotation {name!r}"
    if (asked := rule.annotations.get("query", "")) and asked not in QUERIES:
        yield rule.line, f"{rule.alert}: the annotation query names no query of `firedrill query --list`: {asked!r}"
