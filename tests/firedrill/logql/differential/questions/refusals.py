"""What Loki refuses, and what looks as if it might."""

LOGS = r"""
{
{}
{job}
{job=}
{job="bot"
{job="bot"}}
{job=~".*"}
{job=~"b.*|"}
{job!="bot"}
{job=""}
{job="bot" action="num"}
{job="bot",}
{"job"="bot"}
{job=~"("}
{job='bot'}
{job=bot}
{1job="bot"}
{job="bot"} |
{job="bot"} | nothing
{job="bot"} | jsonx
{job="bot"} | json |
{job="bot"} |= x
{job="bot"} |~ "("
{job="bot"} |~ "a{2,1}"
{job="bot"} |~ "(?=x)"
{job="bot"} |= ip("10.0.0")
{job="bot"} |= ip("nonsense")
{job="bot"} |~ ip("10.0.0.1")
{job="bot"} |> "no capture"
{job="bot"} |> "<a><b>"
{job="bot"} |> "<named> <_>"
{job="bot"} == "x"
{job="bot"} |= "unclosed
{job="bot"} | json x
{job="bot"} | json x=
{job="bot"} | json x="a..b"
{job="bot"} | json x="a["
{job="bot"} | json x="a[b]"
{job="bot"} | json x=""
{job="bot"} | json x=y
{job="bot"} | logfmt --nothing
{job="bot"} | logfmt x="a b"
{job="bot"} | logfmt x=""
{job="bot"} | regexp "no groups"
{job="bot"} | regexp "(unnamed)"
{job="bot"} | regexp "(?P<a>x)(?P<a>y)"
{job="bot"} | regexp "(?P<a>"
{job="bot"} | regexp "(?P<1a>x)"
{job="bot"} | pattern "no captures"
{job="bot"} | pattern "<a><b>"
{job="bot"} | pattern "<_>"
{job="bot"} | pattern "<a> <a>"
{job="bot"} | pattern ""
{job="bot"} | line_format
{job="bot"} | line_format "{{"
{job="bot"} | line_format "{{ .x"
{job="bot"} | line_format "{{ nofunc .x }}"
{job="bot"} | line_format "{{ if .x }}"
{job="bot"} | line_format "{{ end }}"
{job="bot"} | line_format "{{ else }}"
{job="bot"} | line_format "{{ .x | }}"
{job="bot"} | line_format "{{ $y }}"
{job="bot"} | label_format x
{job="bot"} | label_format x=
{job="bot"} | label_format x="{{"
{job="bot"} | label_format x="{{ nofunc }}"
{job="bot"} | label_format x=y, x=z
{job="bot"} | label_format __error__="x"
{job="bot"} | label_format x=="y"
{job="bot"} | keep
{job="bot"} | drop
{job="bot"} | keep a="b" c
{job="bot"} | drop a=~"("
{job="bot"} | unwrap x
{job="bot"} | distinct x
{job="bot"} | x
{job="bot"} | x >
{job="bot"} | x > y
{job="bot"} | x > "1"
{job="bot"} | x =~ 1
{job="bot"} | x ! 1
{job="bot"} | x = 1x
{job="bot"} | x > 1 and
{job="bot"} | (x > 1
{job="bot"} | x = ip("bad")
{job="bot"} | x > ip("10.0.0.1")
{job="bot"} | x =~ "("
{job="bot"} [5m]
{job="bot"} offset 5m
{job="bot"} or {job="x"}
{job="bot"} + 1
"text"
job="bot"
# only a comment
{job="bot"} # a comment at the end
{job="bot", action="edge"} |= "1" # comment ⏎ |= "9"
({action="edge"})
({action="edge"} |= "1")
 {  action = "edge"  }   |=   "9"
{action="edge"} |="1"|= "9"
{action="edge"} | json|v>1
{action="grid"} | json | x>0 and(g="a"or g="b")
{action="edge"} |= "\d"
{action="edge"} |= "\x31"
{action="edge"} |~ `\d{3}`
{action="edge"} | line_format "\x41"
"""

METRICS = r"""
sum(
sum()
sum({job="bot"})
sum(count_over_time({job="bot"}))
count_over_time({job="bot"})
count_over_time({job="bot"}[5])
count_over_time({job="bot"}[5x])
count_over_time({job="bot"}[5m)
count_over_time({job="bot"}[])
count_over_time({job="bot"}[0s])
count_over_time({job="bot"}[-5m])
count_over_time({job="bot"}[5m:1m])
count_over_time({job="bot"}[5m]) by (level)
count_over_time({job="bot"} | unwrap x [5m])
count_over_time(0.5, {job="bot"}[5m])
count_over_time({}[5m])
count_over_time({job=~".*"}[5m])
rate({job="bot"} | json | unwrap x | unwrap y [5m])
rate({job="bot"}[5m] [5m])
rate({job="bot"}[5m] offset)
rate({job="bot"}[5m] offset 5)
rate({job="bot"}[5m] @ 100)
rate(rate({job="bot"}[5m]))
rate({job="bot"}[5m]) by (level)
sum_over_time({job="bot"}[5m])
sum_over_time({job="bot"} | json | unwrap v [5m]) by (level)
avg_over_time({job="bot"}[5m])
max_over_time({job="bot"} | json [5m])
rate_counter({job="bot"}[5m])
bytes_over_time({job="bot"} | json | unwrap n [5m])
bytes_rate({job="bot"} | json | unwrap n [5m])
quantile_over_time({job="bot"} | json | unwrap v [5m])
quantile_over_time(0.5, {job="bot"}[5m])
quantile_over_time("0.5", {job="bot"} | json | unwrap v [5m])
absent_over_time({job="bot"}[5m]) by (level)
first_over_time({job="bot"}[5m])
sum_over_time({job="bot"} | json | unwrap nothing(v) [5m])
sum_over_time({job="bot"} | json | unwrap [5m])
sum_over_time({job="bot"} | json | unwrap v | json [5m])
sum_over_time({job="bot"} | json | unwrap v |= "x" [5m])
sum_over_time({job="bot"} | json | unwrap v | label_format x=y [5m])
nofunc({job="bot"}[5m])
nofunc(rate({job="bot"}[5m]))
sum by level (rate({job="bot"}[5m]))
sum by (level (rate({job="bot"}[5m]))
sum by (1) (rate({job="bot"}[5m]))
sum by (level) without (action) (rate({job="bot"}[5m]))
sum by (level) (rate({job="bot"}[5m])) by (level)
sum(1)
sum(vector(1))
topk(rate({job="bot"}[5m]))
topk(0, rate({job="bot"}[5m]))
topk(-1, rate({job="bot"}[5m]))
topk(1.5, rate({job="bot"}[5m]))
topk("2", rate({job="bot"}[5m]))
approx_topk(2, rate({job="bot"}[5m])) by (level)
sum(2, rate({job="bot"}[5m]))
sort(rate({job="bot", action="grid"}[5m])) by (level)
count_values("x", rate({job="bot"}[5m]))
group(rate({job="bot"}[5m]))
quantile(0.5, rate({job="bot"}[5m]))
histogram_quantile(0.5, rate({job="bot"}[5m]))
label_replace(rate({job="bot"}[5m]), "x", "$1", "y")
label_replace(rate({job="bot"}[5m]), "x", "$1", "y", "(")
label_replace(rate({job="bot"}[5m]), "1x", "$1", "y", "(.*)")
label_replace(rate({job="bot"}[5m]), "x", "$1", "1y", "(.*)")
label_replace(1, "x", "$1", "y", "(.*)")
label_join(rate({job="bot"}[5m]), "x", ",", "y")
vector()
vector("1")
vector(rate({job="bot"}[5m]))
1 +
1 + + 2
1 > 2
1 and 2
1 or vector(1)
vector(1) and 1
vector(1) unless 1
1 2
1 + {job="bot"}
rate({job="bot"}[5m]) + bool 1
rate({job="bot"}[5m]) and bool rate({job="bot"}[5m])
rate({job="bot"}[5m]) and group_left rate({job="bot"}[5m])
rate({job="bot"}[5m]) and on (level) group_left rate({job="bot"}[5m])
rate({job="bot"}[5m]) + group_left rate({job="bot"}[5m])
rate({job="bot"}[5m]) + on (level) group_left (level) rate({job="bot"}[5m])
rate({job="bot"}[5m]) + on level rate({job="bot"}[5m])
rate({job="bot"}[5m]) + on (level) ignoring (action) rate({job="bot"}[5m])
rate({job="bot"}[5m]) == on (job) rate({job="bot"}[5m])
rate({job="bot"}[5m]) =~ 1
rate({job="bot"}[5m]) && 1
not rate({job="bot"}[5m])
-rate({job="bot"}[5m])
variants(count_over_time({job="bot"}[5m])) of ({job="bot"}[5m])
sum(count_over_time({job="bot"} |~ "(" [5m]))
sum(count_over_time({job="bot"} | regexp "(" [5m]))
sum(count_over_time({job="bot"} | line_format "{{" [5m]))
sum by (v) (count_over_time({action="num"} | json | v > 1 [20m]))
count_over_time({action="num"} | json | v > 1 [20m])
sum(sum_over_time({action="num"} | json | unwrap v [20m]))
sum by (z) (count_over_time({action="tpl"} | json | label_format z="{{ div .n 0 }}" [20m]))
sum by (z) (count_over_time({action="tpl"} | json | label_format z="{{ div .n 0 }}" | __error__="" [20m]))
sum(count_over_time({job="bot"}[5m]⏎))
sum(⏎  count_over_time({job="bot"}[5m])⏎) by (nothing
sum(count_over_time({action="grid"}[1h30m]))
sum(count_over_time({action="grid"}[1.5m]))
sum(count_over_time({action="grid"}[90000ms]))
sum(count_over_time({action="grid"}[1d]))
sum(count_over_time({action="grid"}[1w]))
sum(count_over_time({action="grid"} # inside⏎[5m]))
SUM(count_over_time({action="grid"}[5m]))
Sum(count_over_time({action="grid"}[5m]))
sum BY (level) (count_over_time({action="grid"}[5m]))
count_over_time({action="grid"}[5m] OFFSET 1m)
sum by(level)(count_over_time({action="grid"}[5m]))
sum by (level,) (count_over_time({action="grid"}[5m]))
"""

INSTANT = r"""
{job="bot"}
{job="bot"} | json
"""
