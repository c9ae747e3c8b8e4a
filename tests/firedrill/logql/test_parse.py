from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedrill.logql import syntax as s
from firedrill.logql.parse import parse, parse_metric

BOT = '{job="bot"}'


def stages(text: str) -> tuple[s.Stage, ...]:
    query = parse(f"{BOT} {text}")
    assert isinstance(query, s.LogQuery)
    return query.stages


def test_a_selector_keeps_its_matchers_and_their_places() -> None:
    query = parse('{job="bot", action=~`a|b`,\n level!="info", host!~"x.*"}')
    assert isinstance(query, s.LogQuery)
    assert [(m.name, m.op, m.value) for m in query.matchers] == [
        ("job", "=", "bot"),
        ("action", "=~", "a|b"),
        ("level", "!=", "info"),
        ("host", "!~", "x.*"),
    ]
    assert query.matchers[2].place == s.Place(2, 2)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ('|= "x"', s.LineFilter("|=", ("x",))),
        ('!= "x"', s.LineFilter("!=", ("x",))),
        ('|~ "x" or "y"', s.LineFilter("|~", ("x", "y"))),
        ("!~ `x`", s.LineFilter("!~", ("x",))),
        ("| json", s.Json()),
        ('| json a="b.c", d', s.Json((("a", "b.c"), ("d", "d")))),
        ('| __error__=""', s.TextTest("__error__", "=", "")),
        ('| a!="b"', s.TextTest("a", "!=", "b")),
        ("| a >= 1e3", s.NumberTest("a", ">=", 1000.0)),
        ("| a = -1", s.NumberTest("a", "==", -1.0)),
    ],
)
def test_stages(text: str, stage: s.Stage) -> None:
    (found,) = stages(text)
    assert _without_places(found) == _without_places(stage)


@pytest.mark.parametrize("joint", [" and ", ", "])
def test_and_binds_closer_than_or(joint: str) -> None:
    (found,) = stages(f'| a="1" or b=2{joint}c=3')
    assert isinstance(found, s.BothTests)
    assert found.op == "or"
    assert isinstance(found.right, s.BothTests)
    assert found.right.op == "and"


def test_brackets_in_label_filters_hold() -> None:
    (found,) = stages('| (a="1" or b=2) and c=3')
    assert isinstance(found, s.BothTests)
    assert found.op == "and"


def test_a_metric_query_keeps_everything_it_says() -> None:
    query = parse(
        f"sum by (a) (quantile_over_time(0.95, {BOT} | json | unwrap b [1h30m] offset 5m) by (a, c)) > bool 1"
    )
    assert isinstance(query, s.Binary)
    assert (query.op, query.as_bool) == (">", True)
    assert isinstance(query.left, s.VectorAgg)
    assert query.left.grouping == s.Grouping(("a",))
    agg = query.left.of
    assert isinstance(agg, s.RangeAgg)
    assert (agg.op, agg.parameter, agg.range, agg.offset) == (
        "quantile_over_time",
        0.95,
        5400 * s.SECOND,
        300 * s.SECOND,
    )
    assert agg.grouping == s.Grouping(("a", "c"))
    assert s.reach(query) == 5700 * s.SECOND


def test_grouping_may_stand_before_or_behind() -> None:
    rate = f"rate({BOT}[1m])"
    before, behind = parse(f"sum by (a) ({rate})"), parse(f"sum({rate}) by (a)")
    assert isinstance(before, s.VectorAgg)
    assert isinstance(behind, s.VectorAgg)
    assert before.grouping == behind.grouping == s.Grouping(("a",))
    without = parse(f"sum without (a) ({rate})")
    assert isinstance(without, s.VectorAgg)
    assert without.grouping == s.Grouping(("a",), without=True)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("vector(1) + vector(2) * vector(3)", "(1 + (2 * 3))"),
        ("vector(1) - vector(2) - vector(3)", "((1 - 2) - 3)"),
        ("vector(2) ^ vector(3) ^ vector(2)", "(2 ^ (3 ^ 2))"),
        ("vector(1) or vector(2) and vector(3)", "(1 or (2 and 3))"),
        ("vector(1) and vector(2) unless vector(3)", "((1 and 2) unless 3)"),
        ("vector(1) > vector(2) and vector(3) + vector(4) < vector(5)", "((1 > 2) and ((3 + 4) < 5))"),
        ("(vector(1) or vector(2)) and vector(3)", "((1 or 2) and 3)"),
        ("vector(1) > 0 and vector(2)", "((1 > 0) and 2)"),
        ("vector(1) + 1 or vector(2)", "((1 + 1) or 2)"),
        ("vector(1) == on (a) vector(2)", "(1 == 2)"),
    ],
)
def test_operators_bind_as_in_loki(text: str, grouped: str) -> None:
    assert _grouped(parse(text)) == grouped


def _grouped(query: s.Query) -> str:
    if isinstance(query, s.Binary):
        return f"({_grouped(query.left)} {query.op} {_grouped(query.right)})"
    assert isinstance(query, s.Vector | s.Number)
    return f"{query.value:g}"


def test_matching_is_kept() -> None:
    query = parse("vector(1) and on (a, b) vector(2)")
    assert isinstance(query, s.Binary)
    assert query.matching == s.Matching(("a", "b"), on=True)
    query = parse("vector(1) / ignoring (a) vector(2)")
    assert isinstance(query, s.Binary)
    assert query.matching == s.Matching(("a",))


REFUSED = [
    ("{", 1, 2, "too early"),
    ("", 1, 1, "too early"),
    ("{}", 1, 1, "at least one regexp or equality matcher"),
    ('{a=~".*"}', 1, 1, "at least one regexp or equality matcher"),
    ('{a!="b"}', 1, 1, "at least one regexp or equality matcher"),
    ('{a=""}', 1, 1, "at least one regexp or equality matcher"),
    ("foo(1)", 1, 1, "unexpected 'foo'"),
    (f"count_over_time({BOT})", 1, 28, "unexpected ')'"),
    (f"count_over_time({BOT}[5m)", 1, 31, "unexpected ')'"),
    (f"count_over_time({BOT}[5x])", 1, 29, "unexpected '5'"),
    (f"count_over_time({BOT}[0s])", 1, 29, "longer than zero"),
    (f"count_over_time({BOT} | unwrap a [5m])", 1, 31, "takes no unwrap"),
    (f"count_over_time({BOT}[5m]) by (a)", 1, 1, "grouping not allowed for count_over_time"),
    (f"sum_over_time({BOT} | unwrap a [5m]) by (a)", 1, 1, "grouping not allowed for sum_over_time"),
    (f"sum_over_time({BOT}[5m])", 1, 1, "needs an unwrap"),
    (f"quantile_over_time(0.5, {BOT}[5m])", 1, 1, "needs an unwrap"),
    (f"quantile_over_time({BOT} | unwrap a [5m])", 1, 1, "a number and a range"),
    (f"rate(2, {BOT}[5m])", 1, 1, "only a range"),
    (f"max_over_time({BOT} | unwrap a | unwrap b [5m])", 1, 40, "second unwrap"),
    (f"max_over_time({BOT} | unwrap a | json [5m])", 1, 1, "only label filters may follow unwrap"),
    (f'{BOT} | a="\\d"', 1, 17, "unknown escape"),
    (f"{BOT} | json a=`b..c`", 1, 20, "no JSON path"),
    ("sum(1)", 1, 1, "is a scalar"),
    ("1 and 2", 1, 1, "one side is a scalar"),
    ("vector(1) +\n  * vector(2)", 2, 3, "unexpected '*'"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), REFUSED)
def test_refusals_name_place_and_reason(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(s.QueryError) as caught:
        parse(text)
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.column) == (line, column)


NOT_IN_LOKI = [
    (f"{BOT} | distinct a", 15, "distinct"),
    (f'count_values("a", rate({BOT}[1m]))', 1, "count_values"),
    (f"group(rate({BOT}[1m]))", 1, "group"),
    (f"quantile(0.5, rate({BOT}[1m]))", 1, "quantile"),
]


@pytest.mark.parametrize(("text", "column", "what"), NOT_IN_LOKI)
def test_what_others_take_for_logql_is_refused_by_name(text: str, column: int, what: str) -> None:
    with pytest.raises(s.QueryError) as caught:
        parse(text)
    assert caught.value.reason == f"not in Loki 3.6: {what}"
    assert caught.value.column == column


WRONG_STAGES = [
    ('| regexp "x(y)"', "at least one named capture"),
    ('| regexp "(?P<a>x)(?P<a>y)"', "stands twice"),
    ('| pattern "<a><b>"', "side by side"),
    ('| pattern "<_> x"', "at least one named capture"),
    ('| pattern "<a> <a>"', "stands twice"),
    ('|> "<named> text"', "named captures are not allowed in a line filter"),
    ('| line_format "{{ .a"', "invalid line template: {{ without its }}"),
    ('| line_format "{{ if .a }}x"', "an if without its {{ end }}"),
    ('| line_format "{{ end }}"', "without its if"),
    ('| label_format a="{{ nosuch .b }}"', "invalid template for label 'a': not implemented: the template function"),
    ('| label_format a="{{ range .b }}{{ end }}"', "not implemented: range"),
    ('| label_format a="{{ $x := .b }}"', "not implemented: variables"),
    ('| label_format a="{{ eq .b 1 }}"', "compares a text with a int"),
    ('| label_format a="{{ ToLower .b .c }}"', "takes 1 argument(s), not 2"),
    ('| label_format a=b, a="c"', "multiple label name 'a'"),
    ('| label_format __error__="x"', "__error__ cannot be formatted"),
    ('| a = ip("10.0.0.300")', "ip: invalid pattern"),
    ('|~ ip("10.0.0.1")', "ip: invalid operation"),
    ('| a > ip("10.0.0.1")', "syntax error"),
    ('|= ip("::1")', "not implemented: ip('::1'), addresses of version 6"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG_STAGES)
def test_a_stage_that_cannot_work_is_refused(text: str, reason: str) -> None:
    with pytest.raises(s.QueryError) as caught:
        stages(text)
    assert reason in caught.value.reason


WRONG_METRICS = [
    (f"sum_over_time({BOT} | unwrap weight(a) [1m])", "no conversion weight"),
    (f"bytes_over_time({BOT} | unwrap a [1m])", "takes no unwrap"),
    (f"rate_counter({BOT}[1m])", "needs an unwrap"),
    (f"first_over_time({BOT}[1m])", "needs an unwrap"),
    (f"topk(0, rate({BOT}[1m]))", "invalid parameter (must be greater than 0) topk"),
    (f"topk(rate({BOT}[1m]))", "syntax error"),
    (f"approx_topk(2, rate({BOT}[1m])) by (a)", "grouping not allowed for approx_topk"),
    (f'label_replace(rate({BOT}[1m]), "1a", "", "b", "")', "invalid label name in label_replace"),
    ("topk(1, 2)", "is a scalar"),
    (f"max_over_time(rate({BOT}[1m])[5m:1m])", "syntax error"),
    ("variants(1) of (2)", "not in Loki 3.6: variants"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG_METRICS)
def test_an_aggregation_that_cannot_work_is_refused(text: str, reason: str) -> None:
    with pytest.raises(s.QueryError) as caught:
        parse(text)
    assert reason in caught.value.reason


def test_a_log_query_is_refused_where_a_metric_is_needed() -> None:
    with pytest.raises(s.QueryError, match="log query"):
        parse_metric(BOT)


@given(st.text(alphabet='{}()[]=~!|"`, ab1.5mjson_over_timesumby\n', max_size=60))
def test_any_text_is_a_query_or_a_refusal(text: str) -> None:
    with contextlib.suppress(s.QueryError):
        parse(text)


def _without_places(stage: s.Stage) -> s.Stage:
    fields = {name: getattr(stage, name) for name in stage.__slots__ if name != "place"}
    return type(stage)(**fields)
