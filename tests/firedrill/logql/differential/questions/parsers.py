"""json, logfmt, regexp, pattern, unpack, keep, drop, label_format, errors."""

# ruff: noqa: E501 (a query is one line)

LOGS = r"""
{action="num"} | json
{action="nest"} | json
{action="key"} | json
{action="dur"} | json
{action="ip"} | json
{action="tpl"} | json
{action="grid"} | json
{action="edge"} | json
{action="pack"} | json
{action=~"startup|rotation_evt|reconcile"} | json
{action="order_reject"} | json
{job="bot", level=""} | json
{job="bot", level=""} |= `{` | json
{job="bot", level=""} |= `{` | json a="a"
{job="bot", level=""} |= `{` | json a="a", b="b"
{job="bot", level=""} |= `{` | json | a="1"
{job="bot", level=""} |= `{` | json | a!=""
{job="bot", level=""} |= `{` | json | __error__=""
{job="bot", level=""} |= `{` | json | __error__!=""
{job="bot", level=""} |= `{` | json | __error__="JSONParserErr" | line_format "{{.__error__}} {{__line__}}"
{job="bot", level=""} |= `{` | json | drop __error__
{job="bot", level=""} |= `{` | json | drop __error__, __error_details__
{job="bot", level=""} |= `{` | json | drop __error__="JSONParserErr"
{job="bot", level=""} |= `{` | json | keep __error__
{job="bot", level=""} |= `{` | json | keep a
{action="nest"} | json x="a.b.c"
{action="nest"} | json x="a.b", y="arr[0]", z="arr[1]"
{action="nest"} | json x="arr", y="o", z="o.s"
{action="nest"} | json x="arr[0].x", y="arr[1].x", z="arr[9]"
{action="nest"} | json x="arr[0][1]"
{action="nest"} | json x="o.deep.er.est", y="o.n", z="o.t"
{action="nest"} | json x="[\"a\"][\"b\"]", y="a[\"b\"]"
{action="nest"} | json x=`["a"]["b.c"]`
{action="nest"} | json job="job", level="a.level"
{action="nest"} | json dup, s, uni, esc
{action="nest"} | json a_b
{action="nest"} | json | a_b_c = "1"
{action="nest"} | json | a_b != ""
{action="nest"} | json | job_extracted != ""
{action="nest"} | json | level_extracted = "inner"
{action="nest"} | json | idx = 1 | arr = ""
{action="nest"} | json | dup = "1"
{action="nest"} | json | dup = "2"
{action="nest"} | json a="a" | json
{action="nest"} | json | json a="a"
{action="key"} | json x="[\"with space\"]", y="[\"dash-ed\"]"
{action="key"} | json x="[\"dot.ted\"]", y="dot.ted"
{action="key"} | json | with_space = "1" or dash_ed = "2" or dot_ted = "3"
{action="key"} | json | _1digit = "4"
{action="key"} | json | quo_te != ""
{action="key"} | json | a_b = "first"
{action="key"} | json | __error__ = ""
{action="key"} | json | line_format "{{.with_space}}{{.dash_ed}}{{._1digit}}"
{action="num"} | json v="v"
{action="num"} | json v="v", x="missing"
{action="num"} | json | v = "1.0"
{action="num"} | json | v = "1e3"
{action="num"} | json | v = "-0.0" or v = "12345678901234567890" or v = "1E-7"
{job="bot", level=""} |= "caller" | logfmt
{job="bot", level=""} | logfmt
{job="bot", level=""} |= "caller" | logfmt --strict
{job="bot", level=""} |= "caller" | logfmt --keep-empty
{job="bot", level=""} |= "caller" | logfmt --strict --keep-empty
{job="bot", level=""} |= "caller" | logfmt msg, took
{job="bot", level=""} |= "caller" | logfmt m="msg", t="took", x="nothing"
{job="bot", level=""} |= "caller" | logfmt --strict m="msg"
{job="bot", level=""} |= "caller" | logfmt --keep-empty e="err", f="flag"
{job="bot", level=""} |= "caller" | logfmt | took > 1s
{job="bot", level=""} |= "caller" | logfmt | size >= 10KB
{job="bot", level=""} |= "caller" | logfmt | count > 1
{job="bot", level=""} |= "caller" | logfmt | msg =~ ".*words.*" or level = "info"
{job="bot", level=""} |= "caller" | logfmt | __error__ != ""
{job="bot", level=""} |= "caller" | logfmt | line_format "{{.caller}}:{{.msg}}"
{action="num"} |= "1.0" | logfmt
{job="bot", level=""} |= "HTTP" | regexp `^(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>\w+) (?P<path>\S+)`
{job="bot", level=""} |= "HTTP" | regexp "(?P<status>[0-9]{3}) (?P<bytes>[0-9]+)" | status >= 400
{job="bot", level=""} |= "HTTP" | regexp `(?P<method>GET|POST)? /(?P<first>[a-z]*)`
{job="bot", level=""} | regexp `(?P<job>peers?) (?P<rest>.*)` | rest != ""
{job="bot", level=""} |= "caller" | regexp `caller=(?P<file>[a-z.]+):(?P<no>\d+)` | no > 5
{job="bot", level=""} |= "10.0.0.1 -" | pattern `<ip> - <user> [<time>] "<method> <path> <_>" <status> <size> <_>`
{job="bot", level=""} |= "HTTP" | pattern `<ip> <_> <user> [<_>] "<method> <path>?<query> <_>" <status> <_>`
{job="bot", level=""} |= "HTTP" | pattern `<_> "<method> <path> HTTP/<v>" <status> <size> "<_>" "<agent>" <took>` | took > 0.1
{job="bot", level=""} |= "alpha" | pattern `<a> <b>`
{job="bot", level=""} | pattern `<a>=<b>` | b != ""
{job="bot", level=""} |= "ERROR" | pattern `ERROR <what>: <why>`
{job="bot", level=""} |= "10.0.0" | pattern `10.0.0.<last> <_>`
{job="bot", level=""} |= "HTTP" | pattern `<job> - <_>`
{action="pack"} | unpack
{action="pack"} | unpack | app = "a1"
{action="pack"} | unpack |= "line"
{action="pack"} | unpack | logfmt
{action="pack"} | unpack | json
{action="pack"} | unpack | app =~ "a.+" | line_format "{{.app}} {{__line__}}"
{job="bot", level=""} |= `{` | unpack
{action="grid"} | json | keep x, g
{action="grid"} | json | keep g="a", x
{action="grid"} | json | keep g=~"a|b"
{action="grid"} | json | keep job, level
{action="grid"} | json | keep nothing
{action="grid"} | json | drop x, g, ts
{action="grid"} | json | drop g="a", ts
{action="grid"} | json | drop g!~"a|b", ts
{action="grid"} | json | drop job, level, action, host
{action="grid"} | json | drop level | keep level_extracted, x
{action="grid"} | drop level
{action="grid"} | drop level="info", action
{action="grid"} | keep job
{action="grid"} | json | label_format z=x
{action="grid"} | json | label_format z=x, w=g
{action="grid"} | json | label_format x=g, g=x
{action="grid"} | json | label_format z=nothing
{action="grid"} | json | label_format level=g
{action="grid"} | json | label_format job=nothing
{action="grid"} | json | label_format lvl=level
{action="grid"} | json | label_format z="{{.x}}-{{.g}}", y=""
{action="grid"} | json | label_format z="{{.x}}" | z = "1"
{action="grid"} | json | label_format z=`{{ if eq .g "a" }}first{{ else }}rest{{ end }}` | z != "first"
{action="grid"} | json | label_format x="new" | x = "new" | keep x, y
{action="grid"} | json | line_format "{{.x}} {{.y}} {{.g}}"
{action="grid"} | json | line_format "{{.x}}" |= "1"
{action="grid"} | json | line_format `{"k":"{{.g}}"}` | json k | keep k, x
{action="grid"} | json | line_format `{"x":"{{.g}}","n":1}` | json | keep x, x_extracted, n
{action="grid"} | json | line_format "k={{.g}}" | logfmt | k = "b"
{action="grid"} | json | logfmt | x > 1
{action="grid"} | json x | json y | x = "1"
{action="FILL"} | json | pnl != "" | keep market, pnl
{action="quote_place"} | json | vwap = "" | keep market, vwap, tp | market="BTC"
{action="inventory"} | json | keep market, position, level
{action="startup"} | json m0="markets[0]", m9="markets[9]", ms="markets"
"""

METRICS = r"""
count_over_time({action="grid"} | json [3m])
sum by (g) (count_over_time({action="grid"} | json [3m]))
sum by (g, h) (count_over_time({action="grid"} | json x="x", g, h [3m]))
sum without (ts, y) (count_over_time({action="grid"} | json [5m]))
sum by (level) (count_over_time({job="bot", level=""} |= `{` | json [20m]))
sum(count_over_time({job="bot", level=""} |= `{` | json [20m]))
count_over_time({job="bot", level=""} |= `{` | json [20m])
sum by (a) (count_over_time({job="bot", level=""} |= `{` | json [20m]))
sum by (a) (count_over_time({job="bot", level=""} |= `{` | json a="a" [20m]))
sum by (a) (count_over_time({job="bot", level=""} |= `{` | json | __error__="" [20m]))
sum by (__error__) (count_over_time({job="bot", level=""} |= `{` | json [20m]))
sum by (a, __error__) (count_over_time({job="bot", level=""} |= `{` | json [20m]))
sum by (a) (count_over_time({job="bot", level=""} |= `{` | json | drop __error__, __error_details__ [20m]))
sum by (a) (count_over_time({job="bot", level=""} |= `{` | json | drop __error__ [20m]))
sum(count_over_time({job="bot", level=""} |= `{` | json | a != "" [20m]))
count_over_time({job="bot", level=""} |= `{` | json | __error__="" [20m])
count_over_time({job="bot", level=""} |= `{` | json | __error__!="" [20m])
sum by (a_b) (count_over_time({action="nest"} | json [20m]))
sum by (job_extracted) (count_over_time({action="nest"} | json [20m]))
sum by (dup) (count_over_time({action="nest"} | json dup [20m]))
sum by (with_space, quo_te, _1digit) (count_over_time({action="key"} | json | __error__="" [20m]))
sum by (method, status) (count_over_time({job="bot", level=""} |= "HTTP" | pattern `<_> "<method> <path> HTTP/<v>" <status> <size> <_>` [20m]))
sum by (status) (count_over_time({job="bot", level=""} |= "HTTP" | regexp "\" (?P<status>[0-9]{3}) " [20m]))
sum by (msg) (count_over_time({job="bot", level=""} |= "caller" | logfmt [20m]))
sum by (msg) (count_over_time({job="bot", level=""} |= "caller" | logfmt --strict [20m]))
sum by (msg) (count_over_time({job="bot", level=""} |= "caller" | logfmt --strict | __error__="" [20m]))
sum by (msg) (count_over_time({job="bot", level=""} |= "caller" | logfmt msg [20m]))
sum by (app) (count_over_time({action="pack"} | unpack [20m]))
sum by (app, n) (count_over_time({action="pack"} | unpack | __error__="" [20m]))
sum by (app) (bytes_over_time({action="pack"} | unpack [20m]))
sum by (z) (count_over_time({action="grid"} | json | label_format z="{{.g}}{{.h}}" [20m]))
sum by (z) (count_over_time({action="grid"} | json | label_format z=g [20m]))
sum by (g) (bytes_over_time({action="grid"} | json | line_format "{{.x}}{{.y}}" [20m]))
count_over_time({action="grid"} | json | keep g [20m])
count_over_time({action="grid"} | json | drop ts, y, x [20m])
count_over_time({action="grid"} | json | drop ts, y, x, level, host [20m])
sum by (level) (count_over_time({action="grid"} | json | drop level [20m]))
max by (g) (max_over_time({action="grid"} | json | unwrap y [20m]))
"""
