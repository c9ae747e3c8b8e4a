"""The LogQL behind the criteria, written out; [$over] is the period.

A count of what went wrong has no series where nothing did, and none where nothing happened at all. So it ends with
`or EVIDENCE * 0`: 0 where the logs show that nothing went wrong, no answer where they do not show it.
"""

from __future__ import annotations

from firedrill.report.questions import HELD

_AGES = "|".join(HELD)
_EXITS = "|".join(action for action in HELD if "exit" in action)
_ANY = 'sum(count_over_time({job="bot"} [$over]))'
_STARTS = 'sum(count_over_time({job="bot", action="startup"} [$over]))'

OTHER_MODES = (
    'sum(count_over_time({job="bot", action="startup"} | json mode="mode" | __error__="" | mode!="$mode" [$over]))'
    f" or {_STARTS} * 0"
)
LONGEST_RUN_MIN = (
    'max(max_over_time({job="bot", action="heartbeat"} | json uptime_s="uptime_s" | __error__=""'
    ' | unwrap uptime_s | __error__="" [$over])) / 60'
)
ALIVE_H = 'min(sum by (host) (count_over_time({job="bot", action="heartbeat"} [$over]))) / 3600'
CONNECTED_MARKETS = (
    'max(max_over_time({job="bot", action="feed_connect"} | json markets="markets" | __error__=""'
    ' | unwrap markets | __error__="" [$over]))'
)
MARKETS_ALLOWED = (
    'max(max_over_time({job="bot", action="startup_sanity"} | json max_markets="max_markets" | __error__=""'
    ' | unwrap max_markets | __error__="" [$over]))'
)
QUOTES = f'sum(count_over_time({{job="bot", action=~"quote_place|shadow_quote"}} [$over])) or {_ANY} * 0'
# A maker's order that would have taken is refused, as it asked to be: no error of ours.
ERRORS = (
    'sum(count_over_time({job="bot", level="error"} | json code="code" | __error__="" | code!="E_POST_ONLY" [$over]))'
    f" or {_ANY} * 0"
)
DEFECTS = (
    'sum(count_over_time({job="bot", action=~"internal_error|reconcile_mismatch|retry_exhausted"} [$over]))'
    f" or {_ANY} * 0"
)
MALFORMED = f'sum(count_over_time({{job="bot", action=""}} [$over])) or {_ANY} * 0'
# Lines of a run are numbered without gaps, so their numbers span as many as there are.
LOST = (
    'max_over_time({job="bot"} | json run="run", n="n" | __error__="" | n!="" | unwrap n | __error__="" [$over])'
    " by (host, run) - "
    'min_over_time({job="bot"} | json run="run", n="n" | __error__="" | n!="" | unwrap n | __error__="" [$over])'
    " by (host, run) + 1 - "
    'sum by (host, run) (count_over_time({job="bot"} | json run="run", n="n" | __error__="" | n!="" [$over]))'
)
TP_OFFSET_C = (
    'min_over_time({job="bot", action="startup_sanity"} | json market="market", strategy="strategy",'
    ' tp_offset_c="tp_offset_c" | __error__="" | strategy="edge_locked" | tp_offset_c!=""'
    ' | unwrap tp_offset_c | __error__="" [$over]) by (market)'
)
TP_DRIFT = (
    'max_over_time({job="bot", action=~"quote_place|shadow_quote"} | json market="market", tp_err="tp_err"'
    ' | __error__="" | tp_err!="" | unwrap tp_err | __error__="" [$over]) by (market)'
)
SKEW_LEAKS = (
    'sum by (market) (count_over_time({job="bot", action=~"quote_place|shadow_quote"}'
    ' | json market="market", state="state", side="side", strategy="strategy" | __error__="" | strategy="edge_locked"'
    ' | (state="SKEW_LONG" and side="bid") or (state="SKEW_SHORT" and side="ask") [$over]))'
    ' or sum by (market) (count_over_time({job="bot", action=~"quote_place|shadow_quote"}'
    ' | json market="market", strategy="strategy" | __error__="" | strategy="edge_locked" [$over])) * 0'
)
ENTRY_INSIDE_GATES = (
    'max_over_time({job="bot", action="FILL"} | json market="market", gate_err="gate_err" | __error__=""'
    ' | gate_err!="" | unwrap gate_err | __error__="" [$over]) by (market)'
)
# A position of the edge-locked strategy turns around only by way of FLAT; others may flip.
ILLEGAL_TRANSITIONS = (
    '(sum by (market) (count_over_time({job="bot", action="state_change"}'
    ' | json market="market", state="state", previous="previous" | __error__=""'
    ' | state!="FLAT" and previous!="FLAT" [$over]))'
    ' or sum by (market) (count_over_time({job="bot", action="state_change"} | json market="market" | __error__=""'
    " [$over])) * 0) and on (market)"
    ' sum by (market) (count_over_time({job="bot", action=~"quote_place|FILL"}'
    ' | json market="market", strategy="strategy" | __error__="" | strategy="edge_locked" [$over]))'
)
# Fewer cancels than any limit of the breaker, and no error to explain the trip.
FALSE_TRIPS = (
    'sum(count_over_time({job="bot", action=~"cb_soft|cb_hard"} | json cancels_30="cancels_30", errors_30="errors_30"'
    f' | __error__="" | cancels_30 < 10 and errors_30 < 1 | __error__="" [$over])) or {_ANY} * 0'
)
TRIPS = f'sum(count_over_time({{job="bot", action=~"cb_soft|cb_hard"}} [$over])) or {_ANY} * 0'
CROSSING = (
    'sum by (market) (count_over_time({job="bot", action="shadow_quote"}'
    ' | json market="market", would_cross="would_cross" | __error__="" | would_cross="true" [$over]))'
    ' or sum by (market) (count_over_time({job="bot", action="shadow_quote"} | json market="market"'
    ' | __error__="" [$over])) * 0'
)
SHADOW_CANCELS = (
    'max_over_time({job="bot", action="shadow_quote"} | json market="market", cancels_30="cancels_30" | __error__=""'
    ' | unwrap cancels_30 | __error__="" [$over]) by (market)'
)
# `on` is a word of LogQL's own, so the field goes by another name.
SWITCHED_OFF = (
    'sum(count_over_time({job="bot", action="kill_switch"} | json off="on" | __error__="" | off="true" [$over]))'
    f" or {_ANY} * 0"
)
# The seed's average takes in every age there is, of exits and of trims.
HOLD_MIN = (
    f'sum(sum_over_time({{job="bot", action=~"{_AGES}"}} | json age_s="age_s" | __error__=""'
    ' | unwrap age_s | __error__="" [$over]))'
    f' / sum(count_over_time({{job="bot", action=~"{_AGES}"}} [$over])) / 60'
)
SWEET_SPOT_PERCENT = (
    '100 * (sum(count_over_time({job="bot", action="sweet_spot_exit"} [$over]))'
    f' or sum(count_over_time({{job="bot", action=~"{_EXITS}"}} [$over])) * 0)'
    f' / sum(count_over_time({{job="bot", action=~"{_EXITS}"}} [$over]))'
)
# Only an entry has a gate_err; it is 0 where it traded in its zone.
ZONE_PERCENT = (
    '100 * (sum(count_over_time({job="bot", action="FILL"} | json gate_err="gate_err" | __error__="" | gate_err!=""'
    ' | gate_err <= 0 | __error__="" [$over]))'
    ' or sum(count_over_time({job="bot", action="FILL"} | json gate_err="gate_err" | __error__=""'
    ' | gate_err!="" [$over])) * 0)'
    ' / sum(count_over_time({job="bot", action="FILL"} | json gate_err="gate_err" | __error__="" | gate_err!=""'
    " [$over]))"
)
EDGE_LOCKED_RUNS = (
    'sum(count_over_time({job="bot", action=~"startup_sanity|quote_place|shadow_quote|FILL"}'
    ' | json strategy="strategy" | __error__="" | strategy="edge_locked" [$over]))'
)
