"""Selectors, line filters and label filters."""

LOGS = r"""
{job="bot", action="num"}
{job="bot", level="error"}
{action=~"FILL|order_.*"} |= "BTC"
{action!="heartbeat", job="bot"} |= "reject"
{job=~".+", action=~"h.st"}
{job="bot", action!~"heart.*|quote.*|order.*|FILL|clock"}
{job="bot", level=""}
{job="bot", action="", level=""}
{job="bot", nothing=""} |= "E_POST_ONLY"
{job="bot", nothing!="x"} |= "startup"
{job="bot"} |= "ERROR"
{job="bot", level=""} != "a" != "e"
{job="bot", level=""} |~ "(?i)error"
{job="bot", level=""} |~ "^ERROR|error:"
{job="bot", level=""} !~ "[a-z]"
{job="bot", level=""} |= "caller" or "10.0.0.1"
{job="bot", level=""} |~ "^one" or "^alpha" or "UPPER"
{job="bot", level=""} != "caller" or "10.0.0"
{job="bot", level=""} !~ "caller" or "10.0.0" or "[{]"
{job="bot", level=""} |= "caller" |= "msg" != "two"
{job="bot", level=""} |= ``
{job="bot", level=""} != ``
{job="bot", level=""} |~ ""
{job="bot", level=""} |= "\\"
{job="bot", level=""} |= `\`
{job="bot", level=""} |= "\t"
{job="bot", level=""} |= "\u20ac"
{job="bot", level=""} |= "😀"
{job="bot", level=""} |~ "ü.*ö"
{job="bot", level=""} |~ `\bcount\b`
{job="bot", level=""} |~ `^\s+`
{job="bot", level=""} |= "a.b*c"
{job="bot", level=""} |> "<_>caller=<_> msg=<_>"
{job="bot", level=""} |> "10.0.0.1 <_>"
{job="bot", level=""} |> "<_> HTTP/1.1<_>"
{job="bot", level=""} !> "<_>=<_>"
{job="bot", level=""} |> "alpha <_>"
{job="bot", level=""} |> "<_>beta"
{job="bot", level=""} |> "one <_> three <_>" or "alpha<_>"
{job="bot", level=""} |= ip("10.0.0.1")
{job="bot", level=""} |= ip("10.0.0.0/24")
{job="bot", level=""} != ip("10.0.0.0/8")
{job="bot", level=""} |= ip("10.0.0.2-10.0.0.99")
{job="bot", level=""} |= ip("192.168.0.0/16")
{job="bot", level=""} |= ip("2001:db8::/32")
{job="bot", level=""} |= ip("fe80::1")
{job="bot", level=""} |= ip("2001:db8::1-2001:db8::ffff")
{job="bot", level=""} != ip("::/0")
{action="ip"} |= ip("10.0.0.0/30")
{action="ip"} | json | addr = ip("10.0.0.0/24")
{action="ip"} | json | addr != ip("10.0.0.0/24")
{action="ip"} | json | addr = ip("10.0.0.1-10.0.1.0")
{action="ip"} | json | addr = ip("::1")
{action="ip"} | json | addr = ip("2001:db8::/64")
{action="ip"} | json addr="addr" | addr = ip("192.168.1.77")
{action="ip"} | json | other = ip("10.0.0.1")
{action="ip"} | json | addr = ip("10.0.0.0/8") or other = 1
{job="bot", level=""} | decolorize
{job="bot", level=""} | decolorize |= "red plain green"
{job="bot", level=""} |= "colours" or "orange" or "title" | decolorize | line_format "<{{__line__}}>"
{action="num"} | json | v = 1
{action="num"} | json | v == 1.0
{action="num"} | json | v != 1
{action="num"} | json | v > 3
{action="num"} | json | v >= 3 and v < 1000
{action="num"} | json | v < 0
{action="num"} | json | v <= -0.0
{action="num"} | json | v > 1e20
{action="num"} | json | v > 0x10
{action="num"} | json | v > -5 | __error__=""
{action="num"} | json | v = "1"
{action="num"} | json | v != "1"
{action="num"} | json | v = ""
{action="num"} | json | v != ""
{action="num"} | json | v =~ "1.*"
{action="num"} | json | v !~ "1.*"
{action="num"} | json | v =~ ""
{action="num"} | json | v =~ ".+"
{action="num"} | json | v !~ ""
{action="num"} | json | v !~ ".*"
{action="num"} | json | v !~ ".+"
{action="num"} | json | v =~ ".*0"
{action="num"} | json | v =~ "abc|17"
{action="num"} | json | v =~ "1.*|2.*"
{action="num"} | json | nothing =~ "x.*"
{action="num"} | json | nothing !~ "x.*"
{action=~"FILL|order_.*"} | json | market =~ "BTC|ETH" | side !~ "b.*"
{action="num"} | json | v =~ "(?i)nan|inf"
{action="num"} | json | v > 2 or v = "abc"
{action="num"} | json | v = "abc" or v > 2
{action="num"} | json | n > 5, n < 9
{action="num"} | json | n > 5 | n < 9
{action="num"} | json | n > 5 n < 9
{action="num"} | json | (n > 5 and n < 9) or n = 20
{action="num"} | json | n > 30 or n < 2 and v = "1"
{action="num"} | json | nothing > 1
{action="num"} | json | nothing = 0
{action="num"} | json | nothing != 1
{action="num"} | json | nothing = ""
{action="num"} | json | nothing != "x" |= "abc"
{action="num"} | json | level = "warn" | n < 9
{action="num"} | level = "warn"
{action="num"} | level != "info" |= "1"
{action="num"} | json | n > 5 |= "1"
{action="num"} |= "1" | json | n > 5 != "e"
{action="dur"} | json | d > 1s
{action="dur"} | json | d >= 1m30s
{action="dur"} | json | d = 1h
{action="dur"} | json | d < 1ms | __error__ = ""
{action="dur"} | json | d != 90s
{action="dur"} | json | d > -10s
{action="dur"} | json | z > 4KB
{action="dur"} | json | z >= 4KiB
{action="dur"} | json | z = 20MB
{action="dur"} | json | z < 1kB | __error__ = ""
{action="dur"} | json | z > 1.4GB
{action="dur"} | json | z <= 123B
{action="dur"} | json | z != 0B
{action="dur"} | json | d > 1m or z > 1MB
{action="dur"} | json | __error__ = "" | d > 1s | __error__ = "LabelFilterErr"
{action="dur"} | json | d > 1s | drop __error__, __error_details__
{action=~"FILL|quote_place"} | json | market="BTC", side="bid" | price > 97000
{action="quote_place"} | json | price > 3000 and size < 1 | tif = "Alo" |= "ETH"
{action="order_ack"} | json | latency_ms > 100
{action="order_ack"} | json latency_ms="latency_ms", m="market" | latency_ms > 60 | m != "BTC"
"""

METRICS = r"""
count_over_time({job="bot", level=""}[10m])
count_over_time({job="bot", level=""} |= "caller" [10m])
sum by (level) (count_over_time({job="bot"} |~ "BTC|ETH" [5m]))
sum by (action, level) (count_over_time({job="bot", level=~"warn|error"}[20m]))
sum(count_over_time({job="bot"} != "heartbeat" [90s]))
count_over_time({action="num"} | json | v > 2 [20m])
sum(count_over_time({action="num"} | json | v > 2 [20m]))
sum(count_over_time({action="num"} | json | v > 2 | __error__="" [20m]))
sum by (n) (count_over_time({action="num"} | json | v > 2 | __error__="" [20m]))
sum by (__error__) (count_over_time({action="num"} | json | v > 2 [20m]))
sum by (v) (count_over_time({action="num"} | json | v =~ "[0-9].*" [20m]))
sum(count_over_time({action="dur"} | json | d > 1s [20m]))
sum(count_over_time({action="dur"} | json | d > 1s | __error__="" [20m]))
sum by (z) (count_over_time({action="dur"} | json | z > 1KB | __error__="" [20m]))
sum(count_over_time({action="ip"} | json | addr = ip("10.0.0.0/24") [20m]))
sum by (addr) (count_over_time({action="ip"} | json | addr != ip("10.0.0.0/8") [20m]))
sum(count_over_time({job="bot", level=""} |= ip("10.0.0.0/24") [20m]))
sum(count_over_time({job="bot", level=""} |> "<_>=<_>" [20m]))
bytes_over_time({job="bot", level=""} | decolorize [20m])
sum(bytes_over_time({job="bot", level=""}[20m]))
sum by (action) (bytes_rate({job="bot", action=~"F.*|h.*"}[5m]))
"""
