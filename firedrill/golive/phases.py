"""The phases of going live and what each must show: the runbook's tables as data."""

from __future__ import annotations

from firedrill.golive import queries as q
from firedrill.golive.criterion import Criterion, Phase
from firedrill.report.success import METRICS

_NO_START = "no start of the bot in the period: reach back to it with --since"
_NO_SHADOW = "no shadow_quote in the period: set SHADOW_MODE=true and let it run"
_NO_EXIT = "no exit in the period: let it run until positions were left"


def _mode(mode: str, setting: str) -> Criterion:
    return Criterion(
        "mode",
        q.OTHER_MODES.replace("$mode", mode),
        f"no start in another mode than {mode}",
        f"set {setting} and start the bot again",
        lacking=_NO_START,
        unit="start(s)",
        high=0,
    )


def _ran(minutes: int) -> Criterion:
    return Criterion(
        "ran",
        q.LONGEST_RUN_MIN,
        f">= {minutes} min in one run",
        "let it run on, without a restart",
        lacking="no heartbeat in the period: start the bot",
        unit="min",
        low=minutes,
    )


def _success(name: str, query: str, remedy: str, lacking: str) -> Criterion:
    """A green-light number of the report, within the same bounds."""
    (metric,) = (metric for metric in METRICS if metric.name == name)
    low, high = metric.green
    bound = {"above": low} if metric.above else {"low": low}
    return Criterion(
        name,
        query,
        metric.wanted,
        remedy,
        lacking,
        metric.unit,
        high=high,
        edge_locked=name != "cb_activations",
        **bound,
    )


_ERRORS = Criterion(
    "errors",
    q.ERRORS,
    "none but post-only refusals",
    "read them with `firedrill query errors`, mend the cause, run again",
    unit="line(s)",
    high=0,
)
_DEFECTS = Criterion(
    "defects",
    q.DEFECTS,
    "no internal error, mismatch or lost retry",
    "read alerts/host/InternalErrors.md, alerts/risk/ReconcileMismatch.md, alerts/orders/RetryGuardExhausted.md",
    unit="line(s)",
    high=0,
)
_VALID = Criterion(
    "telemetry_valid",
    q.MALFORMED,
    "no malformed line",
    "read them with `firedrill query malformed`; nothing but the bot may write to its log",
    unit="line(s)",
    high=0,
)
_WHOLE = Criterion(
    "telemetry_whole",
    q.LOST,
    "no line lost or doubled in a run",
    "read alerts/pipeline/LogLinesLost.md",
    unit="line(s)",
    low=0,
    high=0,
)
_CONNECTED = Criterion(
    "connected",
    q.CONNECTED_MARKETS,
    ">= 1 market with data",
    "read alerts/feed/FeedStale.md",
    lacking=f"no feed_connect in the period; if it did connect, {_NO_START}",
    unit="market(s)",
    low=1,
)
_TP_LOCKED = Criterion(
    "tp_locked",
    q.TP_DRIFT,
    "TP within 0.005 of its VWAP's place",
    "a critical bug, do not trade: read alerts/strategy/TpDrift.md",
    lacking="no quote of a held position in the period: let it run until something was held",
    high=0.005,
    edge_locked=True,
)
_NO_LEAK = Criterion(
    "no_skew_leak",
    q.SKEW_LEAKS,
    "never a quote that adds to a position",
    "stop at once: read alerts/strategy/SkewLeak.md",
    lacking="no quote in the period",
    unit="quote(s)",
    high=0,
    edge_locked=True,
)

PAPER = Phase(
    "2h",
    "shadow mode, or live trading in one market",
    (
        _mode("paper", "LIVE_TRADING_ENABLED=false and SHADOW_MODE=false"),
        _ran(30),
        _CONNECTED,
        Criterion(
            "quoted",
            q.QUOTES,
            ">= 1 quote",
            "look whether quoting is off (`firedrill query kill-switch`) and what `mm-bot check` says of the markets",
            unit="quote(s)",
            low=1,
        ),
        _ERRORS,
        Criterion(
            "tp_offset",
            q.TP_OFFSET_C,
            ">= 7 c at start, in every market",
            "compare the fees that `mm-bot check` prints with the venue's schedule",
            lacking=f"no startup_sanity of edge_locked; {_NO_START}",
            unit="c",
            low=7,
            edge_locked=True,
        ),
        _VALID,
        _WHOLE,
        _TP_LOCKED,
        _NO_LEAK,
        Criterion(
            "kill_switch_tested",
            q.SWITCHED_OFF,
            "switched off at least once",
            "`mm-bot ctl quotes off`, see that nothing new is quoted, `mm-bot ctl quotes on`",
            unit="time(s)",
            low=1,
        ),
    ),
)
SHADOW = Phase(
    "2h",
    "live trading in one market",
    (
        _mode("shadow", "SHADOW_MODE=true and LIVE_TRADING_ENABLED=false"),
        _CONNECTED,
        Criterion(
            "never_crosses",
            q.CROSSING,
            "would_cross is never true",
            "read alerts/strategy/ShadowWouldCross.md",
            lacking=_NO_SHADOW,
            unit="quote(s)",
            high=0,
        ),
        Criterion(
            "cancel_rate",
            q.SHADOW_CANCELS,
            "< 10 cancels in 30 s: no breaker trips there",
            "quote less often: a longer cooldown, a coarser step",
            lacking=_NO_SHADOW,
            unit="in 30 s",
            below=10,
        ),
        Criterion("breaker", q.TRIPS, "no trip", "read alerts/risk/CircuitBreakerSoft.md", unit="trip(s)", high=0),
        _ERRORS,
        _VALID,
        _WHOLE,
        _NO_LEAK,
    ),
)
LIVE_1 = Phase(
    "2h",
    "24 to 48 hours in one market",
    (
        _mode("live", "LIVE_TRADING_ENABLED=true"),
        _ran(60),
        Criterion(
            "one_market",
            q.MARKETS_ALLOWED,
            "1 market",
            "set MAX_MARKETS_TO_TRADE=1 and start the bot again",
            lacking=f"no startup_sanity; {_NO_START}",
            unit="market(s)",
            high=1,
        ),
        Criterion(
            "entries_in_zone",
            q.ENTRY_INSIDE_GATES,
            "no entry inside the gates",
            "stop: read alerts/strategy/PriceGateBreach.md",
            lacking="no entry in the period: let it run until one was filled",
            high=0,
            edge_locked=True,
        ),
        _TP_LOCKED,
        Criterion(
            "transitions",
            q.ILLEGAL_TRANSITIONS,
            "only from FLAT and to FLAT",
            "stop: read the market's state_change lines, then alerts/strategy/SkewLeak.md",
            lacking="no change of state in the period: let it run until something was held",
            unit="illegal",
            high=0,
            edge_locked=True,
        ),
        _NO_LEAK,
        Criterion(
            "no_false_trip",
            q.FALSE_TRIPS,
            "no trip under 10 cancels in 30 s without an error",
            "the breaker is too tight: read alerts/risk/CircuitBreakerSoft.md",
            unit="trip(s)",
            high=0,
        ),
        _DEFECTS,
        _VALID,
        _WHOLE,
    ),
)
SCALE = Phase(
    "48h",
    "twice the markets, and after another 48 hours all of them",
    (
        _mode("live", "LIVE_TRADING_ENABLED=true"),
        Criterion(
            "ran",
            q.ALIVE_H,
            ">= 23.75 h with a heartbeat each second",
            "let it run on; where there is a gap read alerts/pipeline/BotSilent.md",
            lacking="no heartbeat in the period: start the bot",
            unit="h",
            low=23.75,
        ),
        _success(
            "avg_hold_time_min",
            q.HOLD_MIN,
            "too long: exits do not fire, read alerts/strategy/PositionOverdue.md; too short: see what exits first",
            _NO_EXIT,
        ),
        _success(
            "exits_in_sweet_spot",
            q.SWEET_SPOT_PERCENT,
            'see which other exits come first: `firedrill query \'{job="bot", action=~".*exit"}\'`',
            _NO_EXIT,
        ),
        _success(
            "cb_activations", q.TRIPS, "read alerts/risk/CircuitBreakerSoft.md", "the logs hold no line of the bot"
        ),
        _success(
            "fills_in_zone",
            q.ZONE_PERCENT,
            "read alerts/strategy/PriceGateBreach.md",
            "no entry in the period: let it run until some were filled",
        ),
        _DEFECTS,
        _VALID,
        _WHOLE,
    ),
)
PHASES = {"paper": PAPER, "shadow": SHADOW, "live-1": LIVE_1, "scale": SCALE}
"""In the order in which a desk walks through them."""
