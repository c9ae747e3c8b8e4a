"""logfmt, pattern, regexp, unpack, formats, keep, drop, addresses and units, as Loki 3.6 reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedrill.logql.extract import pattern_parts, pattern_regexp, replacement
from firedrill.logql.syntax import QueryError
from tests.firedrill.store.logs import Log, line

BOT = '{job="bot"}'
RESET, RED = "\x1b[0m", "\x1b[31m"


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Log]:
    return lambda *lines: Log(tmp_path, *lines)


def labels(log: Log, stages: str) -> dict[str, str]:
    (found,) = log.streams(f"{BOT} {stages}")
    return {name: text for name, text in found.items() if name not in ("job", "host", "level", "__error_details__")}


LOGFMT = [
    ("a=b c=d", "| logfmt", {"a": "b", "c": "d"}),
    ('a="x y" b="q\\"r" c', "| logfmt", {"a": "x y", "b": 'q"r'}),
    ('a= b="" c=1', "| logfmt", {"c": "1"}),
    ('a= b="" c=1', "| logfmt --keep-empty", {"a": "", "b": "", "c": "1"}),
    ("a=1 a=2", "| logfmt", {"a": "1"}),
    ("a.b=1 2c=x", "| logfmt", {"a_b": "1", "_2c": "x"}),
    ("host=x job=y", "| logfmt", {"host_extracted": "x", "job_extracted": "y"}),
    ('{"a": 1, "b": "x=y"}', "| logfmt", {}),
    ('a=b"c d=e', "| logfmt", {"d": "e"}),
    ('a=b"c d=e', "| logfmt --strict", {"d": "e", "__error__": "LogfmtParserErr"}),
    ("a=b c=d", '| logfmt x="a", y="none", c', {"x": "b", "y": "", "c": "d"}),
    ("a=b c=d", '| logfmt | a="b" | c!=""', {"a": "b", "c": "d"}),
]


@pytest.mark.parametrize(("text", "stages", "found"), LOGFMT)
def test_logfmt(log: Callable[..., Log], text: str, stages: str, found: dict[str, str]) -> None:
    assert labels(log(text), stages) == found


PATTERNS = [
    (
        "1.2.3.4 - [now] GET /x 200",
        "<ip> - [<t>] <m> <_> <code>",
        {"ip": "1.2.3.4", "t": "now", "m": "GET", "code": "200"},
    ),
    ("nothing here", "<v>", {"v": "nothing here"}),
    ("nothing here", "<v>: <w>", {"v": "nothing here"}),
    ("a: b: c", "<v>: <w>", {"v": "a", "w": "b: c"}),
    ("a: b: c", "a: <w>: <_>", {"w": "b"}),
    ("b: c", "a: <w>", {}),
    ("x.y*z", "<a>.<b>*<c>", {"a": "x", "b": "y", "c": "z"}),
]


@pytest.mark.parametrize(("text", "pattern", "found"), PATTERNS)
def test_pattern(log: Callable[..., Log], text: str, pattern: str, found: dict[str, str]) -> None:
    assert labels(log(text), f'| pattern "{pattern}"') == found


@given(
    parts=st.lists(st.text(alphabet="ab.", min_size=1, max_size=2), min_size=1, max_size=3),
    text=st.text(alphabet="abc.", max_size=8),
)
def test_each_capture_of_a_pattern_ends_where_the_next_literal_first_stands(parts: list[str], text: str) -> None:
    pattern = "".join(f"<c{n}>{part}" for n, part in enumerate(parts)) + "<rest>"
    made, names = pattern_regexp(pattern_parts(pattern))
    found = re.search(made.replace(r"\z", r"\Z"), text)
    assert found
    rest, wanted = text, []
    for part in parts:
        before, cut, after = rest.partition(part)
        wanted.append(before)
        if not cut:
            break
        rest = after
    else:
        wanted.append(rest)
    assert [group or "" for group in found.groups()] == wanted + [""] * (len(names) - len(wanted))


LINE_PATTERNS = [
    ('|> "<_> foo <_>"', "a foo b", True),
    ('|> "<_> foo <_>"', " foo b", False),
    ('|> "<_>o"', "foo", False),  # as in Loki the first o settles it
    ('|> "f<_>"', "foo", True),
    ('!> "f<_>"', "foo", False),
    ('|> "x<_>" or "f<_>"', "foo", True),
]


@pytest.mark.parametrize(("stage", "text", "kept"), LINE_PATTERNS)
def test_pattern_filters(log: Callable[..., Log], stage: str, text: str, kept: bool) -> None:
    assert log(text).lines(f"{BOT} {stage}") == ([text] if kept else [])


REGEXPS = [
    ("GET /x 200", "(?P<m>\\\\w+) (?P<path>\\\\S+) (\\\\d+)", {"m": "GET", "path": "/x"}),
    ("GET", "(?P<m>\\\\w+)( (?P<path>\\\\S+))?", {"m": "GET", "path": ""}),
    ("---", "(?P<m>\\\\w+)", {}),
    ("x=1", "(?P<host>x)=[(]?(?P<v>\\\\d)", {"host_extracted": "x", "v": "1"}),
]


@pytest.mark.parametrize(("text", "pattern", "found"), REGEXPS)
def test_regexp(log: Callable[..., Log], text: str, pattern: str, found: dict[str, str]) -> None:
    assert labels(log(text), f'| regexp "{pattern}"') == found


@pytest.mark.parametrize(
    ("text", "made"), [("$1-${b}-$$", r"\1-\2-$"), ("$9$nosuch", ""), ("a\\b", r"a\\b"), ("$1x", "")]
)
def test_replacements_are_gos(text: str, made: str) -> None:
    assert replacement("(a)(?P<b>c)", text) == made


def test_unpack_takes_the_line_out_of_its_wrapping(log: Callable[..., Log]) -> None:
    packed = json.dumps({"pod": "p", "host": "x", "n": 1, "_entry": "the line"})
    assert labels(log(packed), "| unpack") == {"pod": "p", "host_extracted": "x"}
    assert log(packed).lines(f'{BOT} | unpack |= "the line"') == ["the line"]
    assert labels(log('{"pod": "p"}'), "| unpack") == {}
    assert labels(log("text"), "| unpack") == {"__error__": "JSONParserErr"}


@pytest.mark.parametrize(
    ("coloured", "plain"),
    [
        (f"a {RED}red{RESET} b", "a red b"),
        ("\x1b[1;38;5;196mx\x1b[K\x1b[0m[y]", "x[y]"),
        ("\x1b]0;title\x07x", "x"),
        ("no [colour] here", "no [colour] here"),
    ],
)
def test_decolorize_takes_colours_out(log: Callable[..., Log], coloured: str, plain: str) -> None:
    assert log(coloured).lines(f"{BOT} | decolorize") == [plain]


def test_a_formatted_line_is_what_later_stages_see(log: Callable[..., Log]) -> None:
    found = log(line(0, a="x", b=2))
    formatted = f'{BOT} | json | line_format `{{"c": "{{{{ .a }}}}-{{{{ .b }}}}"}}`'
    assert found.lines(formatted) == ['{"c": "x-2"}']
    assert found.lines(f'{formatted} |= "x-2" | json c2="c" | c2="x-2"') == ['{"c": "x-2"}']
    assert found.lines(f'{formatted} |= "level"') == []
    assert found.at(f"sum(bytes_over_time({formatted} [1m]))") == {"": len('{"c": "x-2"}')}


LABELS = [
    ("| json a, b | label_format c=a", {"c": "x", "b": "2"}),
    ("| json a, b | label_format c=`{{ .a }}{{ .b }}`", {"a": "x", "b": "2", "c": "x2"}),
    ("| json a, b | label_format a=`{{ .b }}`, c=`{{ .a }}`", {"a": "2", "b": "2", "c": "x"}),
    ("| json a, b | label_format c=none", {"a": "x", "b": "2"}),
    ("| json a | label_format job=`{{ .a }}` | drop host, level", {"a": "x"}),
    ("| json a, b | label_format c=`{{ divf .b 0 }}`", {"a": "x", "b": "2", "__error__": "TemplateFormatErr"}),
    ("| json a, b | label_format a=`{{ divf .b 0 }}`", {"a": "x", "b": "2", "__error__": "TemplateFormatErr"}),
    ("| json | keep a, b", {"a": "x", "b": "2"}),
    ("| json | keep a=`x`, b=`x`", {"a": "x"}),
    ("| json | keep a=~`y|x`, a=`z`", {"a": "x"}),
    ("| json | drop b, ts, level_extracted", {"a": "x"}),
    ("| json a, b | drop a=`x`, b=`x`", {"b": "2"}),
    ("| json a, b | drop a | a=``", {"b": "2"}),
    ("| json a, b | keep a | b=``", {"a": "x"}),
    ("| json | label_format c=a, d=`{{ .b }}` | keep c, d", {"c": "x", "d": "2"}),
    ("| logfmt | keep a", {}),
]


@pytest.mark.parametrize(("stages", "found"), LABELS)
def test_labels_are_renamed_made_kept_and_dropped(log: Callable[..., Log], stages: str, found: dict[str, str]) -> None:
    assert labels(log(line(0, a="x", b=2)), stages) == found


def test_dropping_the_error_lets_the_line_through(log: Callable[..., Log]) -> None:
    lines = log("text", line(0, v=1))
    with pytest.raises(QueryError, match="JSONParserErr"):
        lines.at(f"sum by (v) (count_over_time({BOT} | json v=`v` [1h]))", 3000)
    dropped = f"sum by (v) (count_over_time({BOT} | json v=`v` | drop __error__, __error_details__ [1h]))"
    assert lines.at(dropped, 3000) == {"": 1, "v=1": 1}
    assert labels(log("text"), '| json | drop __error__="JSONParserErr"') == {}
    assert labels(log("text"), '| json | drop __error__="Other"') == {"__error__": "JSONParserErr"}


TWO = {"1": line(1, a="10.1.2.3:80", d="1m30s", z="20MB"), "2": line(2, a="192.168.0.9", d="5ms", z="4KiB")}
ADDRESSES = [
    ('|= ip("10.0.0.0/8")', "1"),
    ('!= ip("10.0.0.0/8")', "2"),
    ('|= ip("192.168.0.1-192.168.0.10")', "2"),
    ('| json a | a = ip("10.1.2.3")', "1"),
    ('| json a | a != ip("10.1.2.3")', "2"),
    ('| json | none != ip("10.1.2.3")', ""),
    ("| json d | d > 1s", "1"),
    ("| json d | d <= 5ms or d = 90s", "12"),
    ("| json z | z >= 1MB", "1"),
    ("| json z | z == 4KiB", "2"),
    ("| json z | z < 1KB", ""),
]


@pytest.mark.parametrize(("stages", "kept"), ADDRESSES)
def test_addresses_and_units(log: Callable[..., Log], stages: str, kept: str) -> None:
    assert log(*TWO.values()).lines(f"{BOT} {stages}") == [TWO[name] for name in kept]


def test_an_error_says_what_was_wrong_until_it_is_dropped(log: Callable[..., Log]) -> None:
    details = "__error_details__"
    assert log("text").streams(f"{BOT} | json")[0][details] == "the line is no JSON object"
    assert log("text").streams(f"{BOT} | json | drop __error__")[0][details] == "the line is no JSON object"
    assert details not in log("text").streams(f"{BOT} | json | drop __error__, __error_details__")[0]
    assert details not in log('{"a":1}').streams(f"{BOT} | json")[0]


def test_text_lines_may_name_labels_that_their_stream_lacks(log: Callable[..., Log]) -> None:
    lines = log("action=warn job=x text")
    found = {"job": "bot", "host": "h", "action": "warn", "job_extracted": "x"}
    assert lines.streams(f'{BOT} | logfmt | action="warn"') == [found]
    assert lines.at(f"sum by (action) (count_over_time({BOT} | logfmt [1h]))", 1000) == {"action=warn": 1}


def test_a_label_that_is_no_duration_is_an_error(log: Callable[..., Log]) -> None:
    lines = log(line(0, d="soon"))
    assert labels(lines, "| json d | d > 1s") == {"d": "soon", "__error__": "LabelFilterErr"}
    assert labels(lines, "| json d | d > 1MB") == {"d": "soon", "__error__": "LabelFilterErr"}


def test_fields_that_flatten_to_one_name_are_one_label(log: Callable[..., Log]) -> None:
    assert labels(log('{"a":{"b":1},"a_b":2}'), "| json") == {"a_b": "1"}


MIXED = [
    (f'sum by (a) (count_over_time({BOT} | logfmt | __error__="" [1h]))', {"a=x": 2, "a=y": 1}),
    (f"count_over_time({BOT} | logfmt [1h])", {"a=x,n=1": 1, "a=x,n=2": 1, "a=y,n=5": 1}),
    (f"max_over_time({BOT} | logfmt | unwrap n [1h]) by (a)", {"a=x": 2, "a=y": 5}),
    (f"sum_over_time({BOT} | logfmt | unwrap n [1h])", {"a=x": 3, "a=y": 5}),
    (f"sum without (n) (count_over_time({BOT} | logfmt [1h]))", {"a=x": 2, "a=y": 1}),
    (f"sum by (k) (count_over_time({BOT} | pattern `a=<k> <_>` [1h]))", {"k=x": 2, "k=y": 1}),
    (f"count_over_time({BOT} | regexp `n=(?P<n>.)` | n > 1 [1h])", {"n=2": 1, "n=5": 1}),
    (
        f"sum by (c) (count_over_time({BOT} | logfmt | label_format c=`{{{{ ToUpper .a }}}}` [1h]))",
        {"c=X": 2, "c=Y": 1},
    ),
]


@pytest.mark.parametrize(("query", "answer"), MIXED)
def test_labels_of_every_parser_can_be_grouped_by(log: Callable[..., Log], query: str, answer: object) -> None:
    lines = log(line(-5000), "a=x n=1", "a=x n=2", "a=y n=5")
    assert lines.at(query.replace(BOT, '{job="bot", level=""}'), -4000) == answer


def test_malformed_patterns_are_refused_where_they_run(log: Callable[..., Log]) -> None:
    with pytest.raises(QueryError, match="error parsing regexp"):
        log("x").lines(f"{BOT} | regexp `(?P<a>x)(?!y)`")
