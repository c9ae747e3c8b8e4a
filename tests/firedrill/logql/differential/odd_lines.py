"""Lines made by hand, for what the bot's own events never show: odd numbers, keys, nesting, and text that is no JSON.

Each entry is a second of the data set, and the lines written then. A JSON line gets its time put in front; any other
line has the time of the line before it, as everywhere in the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Timed = tuple[float, str]


def _event(at: float, action: str, body: str, level: str = "info") -> Timed:
    """A JSON line whose fields, `body`, are written exactly so."""
    return at, f'{{"ts":@,"level":"{level}","action":"{action}",{body}}}'


_NUMBERS = (
    "1", "1.0", "1e3", "-0.0", "0", "-7", "12345678901234567890", "0.1", "1E-7", "1e21", "123456789.123456789",
    "100000000000000000000000", '"17"', '"abc"', '""', "null", "true", "false", '"NaN"', '"Inf"', '"-Inf"', '"1_000"',
    '"0x10"', '" 5"', '"5 "', '"+3"', '".5"', '"5."', '"1e400"', '"٣"', "2", "3", "4", "10",
)  # fmt: skip
"""Spellings of a field `v`."""

_NESTED = (
    '"a":{"b":{"c":1}}', '"a":{"b.c":2}', '"a":{"b":3},"a_b":"own"', '"a_b":"first","a":{"b":4}', '"arr":[1,2,3]',
    '"arr":[{"x":1},{"x":"two"}]', '"arr":[[1,2],[3]]', '"o":{}', '"o":{"e":[]}', '"o":{"n":null,"t":true}',
    '"o":{"s":"","u":"ü","deep":{"er":{"est":"yes"}}}', '"arr":["a","b\\"c"],"idx":1', '"a":{"level":"inner"}',
    '"job":"collides","host":{"name":"inner"}', '"app_job":"1","x":{"job":"2"}', '"a":{"b":"x"},"a":{"b":"y"}',
    '"dup":1,"dup":2', '"s":"tab\\there","n":"line\\nbreak"', '"uni":"\\u00fc\\u20ac\\ud83d\\ude00"',
    '"esc":"back\\\\slash \\"quoted\\" \\/"', '"long":"' + "x" * 300 + '"',
)  # fmt: skip

_KEYS = (
    '"with space":"1"', '"dash-ed":"2"', '"dot.ted":"3"', '"1digit":"4"', '"quo\\"te":"5"', '"ünïcode":"6"',
    '"a/b":"7"', '"UPPER":"8"', '"_under":"9"', '"sl\\\\ash":"10"', '"col:on":"11"',
    '"a-b":"first","a.b":"second"', '"tab\\tkey":"12"', '"emoji😀":"13"', '"nest ed":{"in ner":"14"}',
    '"level_extracted":"15"', '"__error__":"own"', '"__name__":"16"', '"$":"17"', '"[0]":"18"',
)  # fmt: skip

_AMOUNTS = (
    '"d":"1m30s","z":"20MB"', '"d":"250ms","z":"4KiB"', '"d":"1h","z":"1.5GB"', '"d":"1.5s","z":"123"',
    '"d":"-5s","z":"0B"', '"d":"abc","z":"abc"', '"d":"","z":""', '"d":"90","z":"1e3"', '"d":"1d","z":"10 MB"',
    '"d":"1us","z":"1,000B"', '"d":"1µs","z":"7k"', '"d":"100ns","z":"8Ki"', '"d":"2h45m","z":"1TB"', '"d":"0","z":"0"',
    '"d":3,"z":4096', '"d":1.5,"z":10.5', '"d":"1s500ms","z":"2 KiB"', '"d":"+2s","z":"5mb"',
)  # fmt: skip

_ADDRESSES = (
    '"addr":"10.0.0.1"', '"addr":"10.0.0.255"', '"addr":"10.0.1.0"', '"addr":"192.168.1.77"', '"addr":"256.1.1.1"',
    '"addr":"::1"', '"addr":"2001:db8::7"', '"addr":"2001:db8:0:0:1::"', '"addr":"no address"', '"addr":""',
    '"addr":"from 10.0.0.9 to 10.9.9.9"', '"addr":"10.0.0.1:8080"', '"addr":"fe80::1%eth0"', '"addr":"10.0.0"',
    '"addr":"::ffff:10.0.0.1"', '"addr":"010.0.0.1"', '"addr":"1.10.0.0.1"', '"other":1',
)  # fmt: skip

_TEXTS = (
    '"t":"Hello World","n":3,"f":2.5', '"t":"  padded  ","n":-3,"f":-2.5', '"t":"","n":0,"f":0.0',
    '"t":"a,b,c","n":10,"f":3.14159', '"t":"ünï cödé","n":7,"f":1e-7', '"t":"a b&c=d/e?","n":100,"f":123456789.5',
    '"t":"aGVsbG8=","n":1,"f":0.1', '"t":"2026-01-02T03:04:05Z","n":1767323045,"f":1.0', '"t":"1m30s","n":2,"f":1e21',
    '"t":"{\\"k\\":\\"v\\",\\"l\\":[1,2]}","n":4,"f":1.25', '"t":"x<y>&\\"z\\"","n":5,"f":7',
    '"t":"AbC","n":"six","f":"x"',
    '"t":"20MB","n":8,"f":0.5', '"n":9,"f":null', '"t":"foo bar foo","n":12,"f":-0.5', '"t":"$1 \\\\1","n":6,"f":1.005',
)  # fmt: skip

_PACKED = (
    '"_entry":"the line itself","app":"a1"', '"_entry":"level=warn msg=packed","app":"a2","pod":"p"',
    '"_entry":"{\\"inner\\":1}","n":5', '"app":"no entry"', '"_entry":"","app":"empty"', '"_entry":7,"app":"number"',
    '"_entry":"dup","job":"other","app":"a3"', '"_entry":"x","o":{"a":1},"app":""',
)  # fmt: skip

_LOGFMT = (
    "level=info caller=main.go:1 msg=started took=1.5s size=10KB",
    'level=warn caller=main.go:2 msg="two words" took=20ms',
    'level=error caller=main.go:3 msg="with \\"quotes\\" inside" err=',
    "caller=main.go:4 flag empty= trailing",
    'caller=main.go:5 a=1 a=2 job=other dash-key=3 dot.key=4 1st=5',
    'caller=main.go:6 msg="unclosed quote took=3s',
    "caller=main.go:7 =novalue msg=x",
    'caller=main.go:8 msg="tab\\tnewline\\n" uni="\\u00fc" ü=1',
    "caller=main.go:9   spaced   msg=y   ",
    'caller=main.go:10 a="1"b=2 c=3=4 d=\'q\'',
    'caller=main.go:11 took=7 count=12 ratio=0.25',
    'caller=main.go:12 took=abc count=x ratio=',
)  # fmt: skip

_NGINX = (
    '10.0.0.1 - - [02/Jan/2026:00:10:00 +0000] "GET /api/v1/orders?id=7 HTTP/1.1" 200 512 "-" "curl/8.0" 0.012',
    '10.0.0.2 - bob [02/Jan/2026:00:10:01 +0000] "POST /api/v1/orders HTTP/1.1" 201 77 "-" "bot" 0.250',
    '192.168.1.5 - - [02/Jan/2026:00:10:02 +0000] "GET /health HTTP/2.0" 200 2 "-" "probe" 0.001',
    '2001:db8::1 - - [02/Jan/2026:00:10:03 +0000] "GET /api/v1/fills HTTP/1.1" 500 0 "-" "curl/8.0" 1.500',
    '10.0.0.1 - - [02/Jan/2026:00:10:04 +0000] "DELETE /api/v1/orders/9 HTTP/1.1" 404 19 "-" "curl/8.0" -',
    '- - - [02/Jan/2026:00:10:05 +0000] "" 400 0 "-" "-" 0.000',
    "10.0.0.1 - - [02/Jan/2026:00:10:06 +0000] cut off",
)

_BROKEN = (
    '{"a":1,"b":"cut of', '{"a":1', '{"a":1} trailing', '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":NaN}', "{}", "[1,2]",
    '"text"', "17", "null", '{"a":"x" "b":1}', '{"a" 1}', '{"a":tru}', '{a:1}', ' {"a":1} ', '{"a":{"b":1}', "{",
    '{"a":"bad \\q escape"}', '{"a":[1,2}', '{"first":"kept","second":', '{"a":1}{"b":2}',
)  # fmt: skip

_PLAIN = (
    "\x1b[31mred\x1b[0m plain \x1b[1;32mgreen\x1b[0m", "\x1b[38;5;208morange\x1b[39m text", "no colours here",
    "\x1b]0;title\x07after title", "Ünïcödé läuft €uro 😀 日本語", "UPPER lower MiXeD", "a.b*c+d?(e)[f]{g}|h^i$j\\k",
    "tab\tseparated\tvalues", "  leading and trailing  ", "key=value", 'quote " and backslash \\',
    "peer 10.0.0.77 lost",
    "peers 10.0.0.1,10.0.0.2;192.168.0.1", "addr=10.1.2.3:443", "v6 2001:db8::99 here", "v6 [fe80::1]:80", "1.2.3",
    "1.2.3.4.5", "999.10.0.0.1", "`backquote`", "one two three four", "alpha beta", "alpha  beta", "<tag> text </tag>",
    "ERROR failed to place order: timeout", "error: lower case", "warn ERROR mixed",
)  # fmt: skip

_SAME_TIME = ("same 1", "same 2", "same 3")


def odd_lines() -> Iterator[Timed]:
    """All of them by second, without their times put in."""
    for n, text in enumerate(_NUMBERS):
        yield _event(600 + n * 5, "num", f'"n":{n},"v":{text}', "warn" if n % 3 == 0 else "info")
    for action, bodies, first, every in _FAMILIES:
        for n, body in enumerate(bodies):
            yield _event(first + n * every, action, body, "error" if n % 4 == 1 else "info")
    for second in (900, 930, 960, 959.999999, 960.000001, 990, 1020, 1080, 1140, 1200):
        yield _event(second, "edge", f'"at":{second},"v":{second % 7:.6g}')
    for n in range(12):
        value: dict[str, Any] = {"x": n % 3, "y": n * 1.5, "g": "abc"[n % 3], "h": "de"[n % 2]}
        yield _event(1000 + n * 10, "grid", json.dumps(value)[1:-1])
        yield _event(1000 + n * 10, "grid2", json.dumps({**value, "y": n + 1, "w": f"w{n % 2}"})[1:-1])
    for n, text in enumerate((*_LOGFMT, *_NGINX, *_BROKEN, *_PLAIN)):
        second = 700.5 + n * 7
        yield _event(second, "clock", f'"tick":{n}', "debug")
        yield second, text
    yield _event(1111.5, "clock", '"tick":-1', "debug")
    yield from ((1111.5, text) for text in _SAME_TIME)


_FAMILIES = (
    ("nest", _NESTED, 610, 25),
    ("key", _KEYS, 611, 25),
    ("dur", _AMOUNTS, 612, 30),
    ("ip", _ADDRESSES, 613, 30),
    ("tpl", _TEXTS, 614, 33),
    ("pack", _PACKED, 615, 60),
)
