"""Selectors, line filters, json, label filters and error labels, by the table of what Loki 3.6 answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firedrill.logql.syntax import QueryError
from tests.firedrill.store.logs import Log, line

BOT = '{job="bot"}'


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Log]:
    return lambda *lines: Log(tmp_path, *lines)


MATCHERS = [
    ('{job="bot", action="a"}', "a"),
    ('{job="bot", action!="a"}', "b-"),
    ('{job="bot", action=~"a|b"}', "ab"),
    ('{job="bot", action=~"a.*"}', "a"),
    ('{job="bot", action!~"a|x"}', "b-"),
    ('{job="bot", action=""}', "-"),
    ('{job="bot", action!=""}', "ab"),
    ('{job="bot", action=~".+"}', "ab"),
    ('{job="bot", action=~".*"}', "ab-"),
    ('{job="bot", nolabel=""}', "ab-"),
    ('{job="bot", nolabel="x"}', ""),
    ('{job="bot", market="x"}', ""),
    ('{job="other"}', ""),
]


@pytest.mark.parametrize(("selector", "kept"), MATCHERS)
def test_matchers_take_an_absent_label_as_empty(log: Callable[..., Log], selector: str, kept: str) -> None:
    lines = {"a": line(1, action="a", market="x"), "b": line(2, action="b"), "-": line(3)}
    assert log(*lines.values()).lines(selector) == [lines[name] for name in kept]


LINE_FILTERS = [
    ('|= "abc"', [0]),
    ('|= "abc" or "xyz"', [0, 1]),
    ('!= "abc"', [1, 2]),
    ('!= "abc" or "xyz"', [2]),
    ('|~ "a.c"', [0, 2]),
    ('|~ "(?i)XYZ"', [1]),
    ('!~ "a.c"', [1]),
    ('|= "a" !~ "b"', [2]),
    ('|= ""', [0, 1, 2]),
    ("|= `it's`", [2]),
]


@pytest.mark.parametrize(("stages", "kept"), LINE_FILTERS)
def test_line_filters(log: Callable[..., Log], stages: str, kept: list[int]) -> None:
    lines = ['"abc"', "xyz", "it's a-c"]
    assert log(*lines).lines(f"{BOT} {stages}") == [lines[n] for n in kept]


def labels(log: Log, stages: str) -> dict[str, str]:
    (found,) = log.streams(f"{BOT} {stages}")
    return {name: text for name, text in found.items() if name not in ("job", "host", "level", "level_extracted", "ts")}


def test_all_fields_are_flattened_and_sanitised(log: Callable[..., Log]) -> None:
    text = (
        '{"a":{"b.c":1,"d":{"e":"x"}},"1d":"y","k v":true,"arr":[1,{"z":1}],"nil":null,"empty":"","action":"s"'
        ',"n1":1.0,"n2":1e3,"n3":-0.0,"n4":12345678901234567890,"n5":0.10}'
    )
    assert labels(log(text), "| json") == {
        "a_b_c": "1",
        "a_d_e": "x",
        "_1d": "y",
        "k_v": "true",
        "empty": "",
        "action": "s",
        "action_extracted": "s",
        "n1": "1.0",
        "n2": "1e3",
        "n3": "-0.0",
        "n4": "12345678901234567890",
        "n5": "0.10",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [("a_b_c", "1"), ("a_d_e", "x"), ("_1d", "y"), ("k_v", "true"), ("n2", "1e3"), ("n5", "0.10"), ("n1", "1.0")],
)
def test_a_field_asked_by_name_is_found_where_it_is_nested(log: Callable[..., Log], field: str, value: str) -> None:
    text = '{"a":{"b.c":1,"d":{"e":"x"}},"1d":"y","k v":true,"n1":1.0,"n2":1e3,"n5": 0.10}'
    assert log(text, '{"other":1}').lines(f'{BOT} | json | {field}="{value}"') == [text]


EXPRESSIONS = [
    ('x="a.b.c"', "1"),
    ('x="arr[1]"', "2"),
    ('x="arr"', "[1,2]"),
    ('x="missing"', ""),
    ('x="nil"', ""),
    ('x="o"', '{"p":1}'),
    ('x="num"', "1e3"),
    ("num", None),
]


@pytest.mark.parametrize(("fields", "value"), EXPRESSIONS)
def test_the_expression_form(log: Callable[..., Log], fields: str, value: str | None) -> None:
    text = '{"a":{"b":{"c":1}},"arr":[1,2],"nil":null,"o":{"p":1},"num":1e3}'
    found = labels(log(text), f"| json {fields}")
    assert found == ({"num": "1e3"} if value is None else {"x": value})


def test_a_field_named_like_a_stream_label_gets_a_suffix(log: Callable[..., Log]) -> None:
    assert labels(log(line(0, action="a", x=1)), '| json action="x"') == {"action": "a", "action_extracted": "1"}
    assert log(line(0, action="a")).lines(f'{BOT} | json | action_extracted="a"') != []


LABEL_FILTERS = [
    ('v="1"', "1"),
    ('v!="1"', "2x-"),
    ('v=~"1|2"', "12"),
    ('v!~"1|2"', "x-"),
    ('v=""', "-"),
    ('v!=""', "12x"),
    ('v="1" or v="x"', "1x"),
    ('v!="1" and v!="x"', "2-"),
    ('(v="1" or v="2") and v!="1"', "2"),
    ('v!="1", v!="2"', "x-"),
]


@pytest.mark.parametrize(("test", "kept"), LABEL_FILTERS)
def test_label_filters_take_an_absent_label_as_empty(log: Callable[..., Log], test: str, kept: str) -> None:
    lines = {"1": line(1, v=1), "2": line(2, v="2"), "x": line(3, v="x"), "-": line(4)}
    assert log(*lines.values()).lines(f"{BOT} | json | {test}") == [lines[name] for name in kept]


NUMBER_FILTERS = [
    ("v > 1", "2"),
    ("v >= 1", "12"),
    ("v < 2", "1"),
    ("v == 2", "2"),
    ("v = 2", "2"),
    ("v != 2", "1"),
    ("v > 0.5 and v < 1.5", "1"),
    ("v < 1.5 or v > 1.5", "12"),
    ('v > 1 or m="k"', "2-"),
]


@pytest.mark.parametrize(("test", "kept"), NUMBER_FILTERS)
def test_number_filters_drop_lines_without_the_label(log: Callable[..., Log], test: str, kept: str) -> None:
    lines = {"1": line(1, v=1), "2": line(2, v="2"), "-": line(4, m="k")}
    assert log(*lines.values()).lines(f'{BOT} | json | {test} | __error__=""') == [lines[name] for name in kept]


def count(stages: str, grouping: str = "") -> str:
    return f"sum{grouping}(count_over_time({BOT} {stages} [1h]))"


MALFORMED = [
    (count("| json"), {"": 3}),
    (count('| json x="v"'), {"": 3}),
    (count('| json | __error__=""'), {"": 2}),
    (count('| json x="v" | __error__!=""'), {"": 1}),
    (count('| json | v="1"'), {"": 1}),
    (count('| __error__="" | json | v="1"'), {"": 1}),
    (count('| json | __error__=""', " by (v)"), {"v=1": 1, "v=x": 1}),
    (count("| json", " by (__error__)"), {"": 2, "__error__=JSONParserErr": 1}),
    (count('| json | v > 0 | __error__=""'), {"": 1}),
    (count('| json | v > 0 | __error__="LabelFilterErr"'), {"": 1}),
    (f'sum_over_time({BOT} | json v="v" | unwrap v | __error__="" [1h])', {"": 1}),
]


@pytest.mark.parametrize(("query", "value"), MALFORMED)
def test_lines_with_an_error_are_counted_or_filtered(log: Callable[..., Log], query: str, value: object) -> None:
    assert log(line(-3, v="1"), '{"v": 1', line(-1, v="x")).at(query) == value


FATAL = [
    (count("| json", " by (v)"), "JSONParserErr"),
    (count('| json x="v"', " by (x)"), "JSONParserErr"),
    (f"count_over_time({BOT} | json [1h])", "JSONParserErr"),
    (count('| json | v!="1"'), "JSONParserErr"),
    (count('| json | __error__!="JSONParserErr" | v > 0', " without (v)"), "LabelFilterErr"),
    (f'sum_over_time({BOT} | json v="v" | __error__="" | unwrap v [1h])', "SampleExtractionErr"),
    (f"absent_over_time({BOT} | json [1h])", "JSONParserErr"),
]


@pytest.mark.parametrize(("query", "error"), FATAL)
def test_an_error_that_survives_stops_the_query(log: Callable[..., Log], query: str, error: str) -> None:
    with pytest.raises(QueryError, match=error):
        log(line(-3, v="1"), '{"v": 1', line(-1, v="x")).at(query)


@pytest.mark.parametrize("text", ["not json", '{"a":1', '{"a":1}}', "[1]", "1", '"x"', "null", "{'a':1}"])
def test_what_is_no_json_object_is_malformed(log: Callable[..., Log], text: str) -> None:
    (found,) = log(text).streams(f"{BOT} | json")
    assert found["__error__"] == "JSONParserErr"


def test_a_line_without_a_time_takes_that_of_the_line_before(log: Callable[..., Log]) -> None:
    lines = log(line(-300), "first", '{"a":1}', line(-100), "second")
    assert lines.range(f"sum(count_over_time({BOT}[1s]))", -300, -100, 100) == {"": {-300: 3, -100: 2}}


@pytest.mark.parametrize("stage", ['|~ "("', '!~ "a{2,1}"', '| action=~"(?!x)"'])
def test_a_broken_pattern_is_refused(log: Callable[..., Log], stage: str) -> None:
    with pytest.raises(QueryError, match="error parsing regexp"):
        log().lines(f"{BOT} {stage}")


def test_text_of_a_query_never_becomes_part_of_the_statement(log: Callable[..., Log]) -> None:
    text = line(0, v='it\'s "quoted"; DROP TABLE recent --')
    assert log(text).lines(f"{BOT} |= `'` | json | v=`it's \"quoted\"; DROP TABLE recent --`") == [text]
    assert log(text).lines(f'{BOT} | json x=`["it\'s"]` | x=``') == [text]
