"""Somebody switches new quotes off and forgets it."""

from __future__ import annotations

from firedrill.drills import bot_fault

DRILL = bot_fault.drill(
    "kill_switch_on",
    "KillSwitchOn",
    "new quotes are switched off through the control socket",
    "quotes off",
    "quotes on",
    "follow alerts/risk/KillSwitchOn.md; its rule waits a minute",
    alarm_within_s=120,
    recover_within_s=60,
)
