"""A market-data connection that breaks off again and again."""

from __future__ import annotations

from bot.events import FeedDisconnect
from firedrill.drills import log_lines


def _entries(market: str) -> list[log_lines.Entry]:
    return [FeedDisconnect(venue=market, reason="drill")] * 5


DRILL = log_lines.drill(
    "feed_flapping",
    "FeedFlapping",
    "five disconnects of a venue that does not exist appear in the event log",
    _entries,
    "follow alerts/feed/FeedFlapping.md",
)
