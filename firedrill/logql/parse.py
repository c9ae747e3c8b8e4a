"""LogQL text to syntax tree, by the grammar in `logql.lark`.

What Loki refuses is refused with its place and the reason; the few things that Loki accepts and
this engine does not answer are refused with "not implemented". Nothing is guessed.
"""

from __future__ import annotations

import re
import warnings
from functools import cache, lru_cache
from importlib import resources

from lark import Lark, Token, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from firedrill.logql import syntax as s
from firedrill.logql.build import Builder

UNWRAPPED_ONLY = ("sum", "min", "max", "avg", "last", "first", "quantile", "stddev", "stdvar", "rate_counter")
LINES_ONLY = ("count", "bytes", "bytes_rate")
GROUPED = ("avg", "min", "max", "quantile", "first", "last", "stddev", "stdvar")


@lru_cache(maxsize=256)
def parse(text: str) -> s.Query:
    """The syntax tree of a query; QueryError with line, column and reason when there is none."""
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _refusal(error, text) from None
    try:
        query: s.Query = Builder().transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, s.QueryError):
            raise error.orig_exc from None
        raise
    for part in s.log_queries(query):
        _check_selector(part)
    for agg in s.range_aggs(query):
        _check_range(agg)
    return query


def parse_metric(text: str) -> s.Metric:
    """Like `parse`, for where only metric queries make sense."""
    query = parse(text)
    if isinstance(query, s.LogQuery):
        raise query.place.error("this is a log query; a metric query such as count_over_time(... [5m]) is needed here")
    return query


@cache
def _grammar() -> Lark:
    text = resources.files("firedrill.logql").joinpath("logql.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _refusal(error: UnexpectedInput, text: str) -> s.QueryError:
    for token in _open_tokens(error):
        if token.type in ("STAGE", "OTHER_OP"):
            return s.QueryError(f"not in Loki 3.6: {token}", token.line or 1, token.column or 1)
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        lines = text.split("\n")
        return s.QueryError("syntax error: the query ends too early", len(lines), len(lines[-1]) + 1)
    if isinstance(error, UnexpectedToken):
        word, line, column = str(error.token), error.token.line or 1, error.token.column or 1
        return s.QueryError(f"syntax error: unexpected {word!r}", line, column)
    assert isinstance(error, UnexpectedCharacters)
    found = re.match(r"\w+|.", text[error.pos_in_stream or 0 :], re.DOTALL)
    return s.QueryError(f"syntax error: unexpected {found.group(0) if found else ''!r}", error.line, error.column)


def _open_tokens(error: UnexpectedInput) -> list[Token]:
    """What the parser had taken in but not yet made into a rule when it failed."""
    parser = getattr(error, "interactive_parser", None)
    stack = parser.parser_state.value_stack if parser else []
    return [item for item in stack if isinstance(item, Token)]


def _check_selector(query: s.LogQuery) -> None:
    if not any(_refuses_empty(matcher) for matcher in query.matchers):
        raise query.place.error(
            "queries require at least one regexp or equality matcher that does not have an empty-compatible value"
        )


def _refuses_empty(matcher: s.Matcher) -> bool:
    if matcher.op == "=":
        return matcher.value != ""
    return matcher.op == "=~" and not _matches_empty(matcher.value)


def _matches_empty(pattern: str) -> bool:
    """Whether a pattern accepts the empty text; one that only RE2 understands counts as refusing it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.fullmatch(pattern, "") is not None
        except re.error:
            return False


def _check_range(agg: s.RangeAgg) -> None:
    kind = agg.op.removesuffix("_over_time")
    unwraps = [stage for stage in agg.query.stages if isinstance(stage, s.Unwrap)]
    if len(unwraps) > 1:
        raise unwraps[1].place.error("a second unwrap in one pipeline")
    if kind in UNWRAPPED_ONLY and not unwraps:
        raise agg.place.error(f"{agg.op} needs an unwrap: add | unwrap <label>")
    if kind in LINES_ONLY and unwraps:
        raise unwraps[0].place.error(f"{agg.op} takes no unwrap")
    if agg.grouping and kind not in GROUPED:
        raise agg.place.error(f"grouping not allowed for {agg.op} aggregation")
    if (agg.parameter is not None) != (kind == "quantile"):
        raise agg.place.error(f"{agg.op} takes {'a number and a' if kind == 'quantile' else 'only a'} range")
    _check_after_unwrap(agg)


def _check_after_unwrap(agg: s.RangeAgg) -> None:
    seen = False
    for stage in agg.query.stages:
        if seen and not isinstance(stage, s.LabelTest):
            raise agg.place.error("only label filters may follow unwrap")
        seen = seen or isinstance(stage, s.Unwrap)
