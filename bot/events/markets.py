"""Events of the markets themselves: the feed, the price grid, and which markets are chosen."""

from __future__ import annotations

from typing import Literal

from bot.events.event import Bps, Count, Event, Market, Millis, Price, Ratio, Score, Seconds, Size, Usd


class FeedConnect(Event, tag="feed_connect", frozen=True, kw_only=True):
    """Market data flows, for the first time or again; `down_s` is how long it did not."""

    venue: str
    markets: Count
    down_s: Seconds


class FeedDisconnect(Event, tag="feed_disconnect", frozen=True, kw_only=True):
    """The market-data connection was lost."""

    level = "warn"
    venue: str
    reason: str


class FeedStale(Event, tag="feed_stale", frozen=True, kw_only=True):
    """One market fell silent while others live; its quotes leave the book."""

    level = "warn"
    market: Market
    md_age_ms: Millis


class FeedGap(Event, tag="feed_gap", frozen=True, kw_only=True):
    """A sequence number was skipped: the book is asked for anew."""

    level = "warn"
    market: Market
    expected: Count
    received: Count


class SpecRefresh(Event, tag="spec_refresh", frozen=True, kw_only=True):
    """The price grid was read from the venue. `reason`: start, ttl, e_tick, structure; `age_ms` is the old one's."""

    market: Market
    reason: str
    tick: Price
    lot: Size
    changed: bool
    age_ms: Millis
    took_ms: Millis


class SpecOverride(Event, tag="spec_override", frozen=True, kw_only=True):
    """A setting asks for another grid than the venue's; `tick` and `lot` are in effect, legal on both."""

    level = "warn"
    market: Market
    tick: Price
    lot: Size
    asked_tick: Price | None = None
    asked_lot: Size | None = None
    venue_tick: Price | None = None
    venue_lot: Size | None = None


class NansenSignal(Event, tag="nansen_signal", frozen=True, kw_only=True):
    """What the smart-money feed says of a market; `composite` is null when it is too old or missing."""

    market: Market
    signal_age_s: Seconds
    buy_ratio: Ratio | None = None
    netflow_usd: Usd | None = None
    whale_score: Ratio | None = None
    composite: Ratio | None = None


class RotationEvt(Event, tag="rotation_evt", frozen=True, kw_only=True):
    """One candidate of one rotation with all its terms; of a rotation that failed, one line with the reason.

    `z_*` are the normalised terms, `w_*` their signed weights; `score` is the sum of their products.
    """

    status: Literal["ok", "failed"]
    rotation: Count
    reason: str = ""
    market: Market | None = None
    decision: Literal["enter", "stay", "leave", "out", "ineligible"] | None = None
    rank: Count | None = None
    score: Score | None = None
    capital_usd: Usd | None = None
    vol: Ratio | None = None
    spread_bps: Bps | None = None
    depth_usd: Usd | None = None
    fee_bps: Bps | None = None
    nansen: Ratio | None = None
    z_vol: Score | None = None
    z_spread: Score | None = None
    z_depth: Score | None = None
    z_fees: Score | None = None
    z_nansen: Score | None = None
    w_vol: Ratio | None = None
    w_spread: Ratio | None = None
    w_depth: Ratio | None = None
    w_fees: Ratio | None = None
    w_nansen: Ratio | None = None


class Discovery(Event, tag="discovery", frozen=True, kw_only=True):
    """A market that was looked at for quoting, when the decision on it was made or changed.

    `event` is what it bets on, of which one market at most is chosen; `held` is taken because a position is held there.
    `to_gate` is how far its best prices are from where an entry may be; `depth` stands at the thinner of them.
    """

    market: Market
    event: str
    decision: Literal["chosen", "held", "out"]
    reason: str
    starts_in_s: Seconds | None = None
    bid: Price | None = None
    ask: Price | None = None
    spread: Price | None = None
    depth: Size | None = None
    to_gate: Price | None = None


class Drain(Event, tag="drain", frozen=True, kw_only=True):
    """A market that was rotated out is being left: no new entries until the position is gone."""

    market: Market
    phase: Literal["begin", "done"]
    position: Size
    took_s: Seconds


FAMILY = (
    FeedConnect,
    FeedDisconnect,
    FeedStale,
    FeedGap,
    SpecRefresh,
    SpecOverride,
    NansenSignal,
    RotationEvt,
    Discovery,
    Drain,
)
