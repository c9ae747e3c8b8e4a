"""Whether market data flows, told once when it begins, stops and flows again. Knows no prices."""

from __future__ import annotations

from bot import events

SECOND = 1_000_000_000


class Feed:
    """One venue's feed of so many markets; it does not flow yet, since `started` (ns)."""

    def __init__(self, venue: str, markets: int, started: int) -> None:
        self._venue, self._markets = venue, markets
        self._down_since: int | None = started
        self._said_down = False

    def news(self, silent: int, stale_after: int, complete: bool, now: int) -> list[events.Event]:
        """`silent`: ns since the stalest market was heard of; `complete`: every market was, at least once."""
        if silent > stale_after:
            return self._fell_silent(silent, now)
        if self._down_since is None or not complete:
            return []
        down, self._down_since, self._said_down = now - self._down_since, None, False
        return [events.FeedConnect(venue=self._venue, markets=self._markets, down_s=round(down / SECOND, 3))]

    def lost(self, reason: str, now: int) -> list[events.Event]:
        """The connection itself says that it ended."""
        return self._down(now, reason)

    def _fell_silent(self, silent: int, now: int) -> list[events.Event]:
        return self._down(now - silent, f"no price for {silent / SECOND:.1f} s")

    def _down(self, since: int, reason: str) -> list[events.Event]:
        if self._down_since is None:
            self._down_since = since
        if self._said_down:
            return []
        self._said_down = True
        return [events.FeedDisconnect(venue=self._venue, reason=reason)]
