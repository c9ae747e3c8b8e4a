"""Templates as Go and its sprig functions fill them in, and their arithmetic against exact decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firedrill.logql import quote
from firedrill.logql.functions import MACROS
from firedrill.logql.template import TemplateError, fields, read
from firedrill.logql.template_sql import compile_template

CONNECTION = duckdb.connect()
for macro in MACROS:
    CONNECTION.execute(macro)
LABELS = {"a": "x", "n": "1.5", "i": "7", "s": "  two words ", "empty": "", "d": "1m30s"}


def filled(template: str, **labels: str) -> str | None:
    known = {**LABELS, **labels}
    compiled = compile_template(read(template), lambda n: quote.text(known.get(n, "")), quote.text("the line"))
    ((text,),) = CONNECTION.execute(f"SELECT {compiled}").fetchall()
    assert text is None or isinstance(text, str)
    return text


TEMPLATES = [
    ("plain", "plain"),
    ("", ""),
    ("{{.a}}-{{ .none }}.", "x-."),
    ("a  {{- .a -}}  b", "axb"),
    ("{{/* nothing */}}x", "x"),
    ("{{ __line__ }}", "the line"),
    ("{{ if .a }}y{{ else }}n{{ end }}", "y"),
    ("{{ if .empty }}y{{ else if eq .a `x` }}e{{ else }}n{{ end }}", "e"),
    ("{{ if .none }}y{{ end }}", ""),
    ('{{ if and (eq .a "x") (ne .i "8") }}y{{ end }}', "y"),
    ('{{ if or (eq .a "y" "x") .none }}y{{ end }}', "y"),
    ("{{ if not .none }}y{{ end }}", "y"),
    ("{{ if gt (float64 .n) 1.0 }}big{{ end }}", "big"),
    ("{{ if le (int .i) 7 }}y{{ end }}", "y"),
    ("{{ .a | ToUpper }}{{ ToLower `A` }}", "Xa"),
    ('{{ Replace .s "o" "0" -1 }}', "  tw0 w0rds "),
    ('{{ .s | trim | replace "o" "0" }}', "tw0 w0rds"),
    ("{{ TrimSpace .s }}|{{ trimAll ` ts` .s }}", "two words|wo word"),
    ('{{ Trim "--x-" "-" }}{{ TrimLeft "--x-" "-" }}{{ TrimRight "--x-" "-" }}', "xx---x"),
    ('{{ TrimPrefix "abc" "a" }}{{ trimSuffix "c" "abc" }}{{ TrimSuffix "abc" "x" }}', "bcababc"),
    ('{{ .empty | default "-" }}{{ default "-" .a }}', "-x"),
    ("{{ addf .n 1 }} {{ subf .n 1 }} {{ mulf .n 2 2 }} {{ divf .n 4 }}", "2.5 0.5 6 0.375"),
    ("{{ subf .none 1 }}", "-1"),
    ("{{ addf 0.1 0.2 }} {{ divf 0.3 0.1 }} {{ mulf 1.1 1.1 }}", "0.3 3 1.21"),
    ("{{ subf 0.55 0.5 0.07 }}", "-0.02"),
    ("{{ divf 1 0 }}", None),
    ("{{ if divf 1 0 }}x{{ end }}", None),
    ("{{ if .a }}ok{{ else }}{{ divf 1 0 }}{{ end }}", "ok"),
    ("{{ add .i 1 2 }} {{ sub .i 8 }} {{ mul 2 3 }} {{ div 7 -2 }} {{ mod -7 2 }}", "10 -1 6 -3 -1"),
    ("{{ div 1 0 }}", None),
    ("{{ max 1 3 2 }} {{ minf .n 2 }} {{ ceil .n }} {{ floor -1.5 }}", "3 1.5 2 -2"),
    ("{{ round .n 0 }} {{ round 1.2345 2 }}", "2 1.23"),
    ("{{ int .n }} {{ int .i }} {{ float64 .i }}", "0 7 7"),
    ("{{ duration .d }} {{ duration_seconds `5ms` }} {{ bytes `1KB` }}", "90 0.005 1000"),
    ("{{ duration `soon` }}", None),
    ('{{ printf "%s=%.2f|%5s|%d%%" .a (float64 .n) .a (int .i) }}', "x=1.50|    x|7%"),
    ('{{ printf "%v %v" (addf .n 1) .a }}', "2.5 x"),
    ('{{ regexReplaceAll "(t)(w)" .s "$2${1}" }}', "  wto words "),
    ('{{ regexReplaceAllLiteral "t" .s "$1" }}', "  $1wo words "),
    ('{{ count "o" .s }} {{ len .s }}', "2 12"),
    ('{{ contains "wo" .s }} {{ hasPrefix "x" .a }} {{ hasSuffix "y" .a }}', "true true false"),
    ("{{ trunc 3 `abcdef` }} {{ trunc -2 `abcdef` }} {{ trunc 9 `abc` }}", "abc ef abc"),
    ("{{ substr 1 3 `abcdef` }} {{ substr -1 2 `abcdef` }} {{ substr 4 -1 `abcdef` }}", "bc ab ef"),
    ("{{ alignLeft 3 .a }}|{{ alignRight 3 .a }}|{{ alignRight 2 `abc` }}", "x  |  x|bc"),
    ("{{ repeat 3 .a }}{{ b64enc `x` }}", "xxxeA=="),
    ("{{ mulf 1e300 1e300 }}", "+Inf"),
    ("{{ float64 `1e21` }} {{ float64 `0.00001` }}", "1e+21 1e-05"),
    ("{{ float64 `123456789012345678` }}", "1.2345678901234568e+17"),
]


@pytest.mark.parametrize(("template", "text"), TEMPLATES)
def test_templates(template: str, text: str | None) -> None:
    assert filled(template) == text


REFUSED = [
    ('{{ .s | trim | Replace "o" "0" -1 }}', "another count than -1"),  # piped, the text is the count
    ("{{ or (eq .a .b) .a }}", "printing what and, or give of several kinds"),
    ("{{ regexReplaceAll .a .b .c }}", "constant pattern"),
    ("{{ printf `%d` .a }}", "%d of a text"),
    ("{{ printf `%s` }}", "more verbs than arguments"),
    ("{{ printf `x` .a }}", "more arguments than verbs"),
    ("{{ now }}", "the template function now"),
    ("{{ fromJson .a }}", "the template function fromJson"),
    ("{{ . }}", "unexpected '.'"),
    ("{{ .a .b }}", "unexpected '.b'"),
    ("{{ (.a }}", "( without its )"),
    ("{{ .a | .b }}", "is no function"),
    ("{{ }}", "a value is missing"),
]


@pytest.mark.parametrize(("template", "reason"), REFUSED)
def test_what_is_not_implemented_is_refused_by_name(template: str, reason: str) -> None:
    with pytest.raises(TemplateError) as caught:
        filled(template)
    assert reason in str(caught.value)


def test_the_labels_a_template_asks_for() -> None:
    assert fields(read("{{ if eq .a .b }}{{ .c | trim }}{{ else }}{{ addf (int .d) 1 }}{{ end }}")) == {*"abcd"}


NUMBERS = st.decimals(-1_000_000, 1_000_000, places=4).map(lambda d: f"{d.normalize():f}")


@settings(max_examples=60, deadline=None)
@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic_is_decimal(a: str, b: str) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = {"addf": Decimal(a) + Decimal(b), "subf": Decimal(a) - Decimal(b), "mulf": Decimal(a) * Decimal(b)}
        if Decimal(b):
            exact["divf"] = (Decimal(a) / Decimal(b)).quantize(Decimal("1e-16"), ROUND_HALF_UP)
    for name, value in exact.items():
        found = filled(f"{{{{ {name} .p .q }}}}", p=a, q=b)
        assert found is not None
        assert float(found) == float(value), (name, a, b)
