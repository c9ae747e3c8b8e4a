"""The long jq programs of the runbook, letter by letter: what they say of a log, our reports must say as well."""

from __future__ import annotations

DAILY_ANALYSIS = """
  group_by(.market) |
  map({
    market: .[0].market,
    fills: [.[] | select(.action=="FILL")] | length,
    exits: [.[] | select(.action | test("exit"))] | length,
    avg_hold_time: ([.[] | select(.action | test("exit")) | .age_s] | add / length),
    cb_triggers: [.[] | select(.action | test("cb_"))] | length
  })
"""
SUCCESS_METRICS = """
{
  "total_fills": [.[] | select(.action=="FILL")] | length,
  "avg_hold_time_min": ([.[] | select(.age_s) | .age_s] | add / length) / 60,
  "exits_in_sweet_spot": [.[] | select(.action=="sweet_spot_exit")] | length,
  "cb_activations": [.[] | select(.action | test("cb_"))] | length,
  "fills_in_zone": [.[] | select(.action=="FILL" and ((.price <= 0.48) or (.price >= 0.65)))] | length
}
"""
