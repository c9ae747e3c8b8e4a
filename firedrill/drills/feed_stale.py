"""No more prices: the paper venue's feed falls silent, so the bot pulls its quotes, and says how old its data is."""

from __future__ import annotations

from firedrill.drills import bot_fault

SILENT_S = 120

DRILL = bot_fault.drill(
    "feed_stale",
    "FeedStale",
    f"the paper venue's feed is silent for {SILENT_S} s",
    f"fault drop_feed {SILENT_S}",
    "fault drop_feed 0",
    "follow alerts/feed/FeedStale.md; the bot must be in paper mode for this drill",
    alarm_within_s=75,
    recover_within_s=60,
)
