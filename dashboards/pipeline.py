"""Whether what the other dashboards say can be believed: lines, losses, heartbeats, the feed, and the machine."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.panels import About, Asked, columns, lines, number, ranking, unit_of
from dashboards.queries import AUTO, count, or_zero, over, selector
from dashboards.queries import lines as asked

_NUMBERED = asked(fields="run, n")
_NO_EVENT = selector("")
_LOST = (
    f"sum by (host) ({over('max', _NUMBERED, 'n', 'host, run')} - {over('min', _NUMBERED, 'n', 'host, run')} + 1"
    f" - {count(asked(fields='run, n', where='n >= 1'), 'host, run')})"
)
_LOSS_TEXT = (
    "Lines of a run are numbered without gaps: largest number minus smallest plus one, minus the lines there are."
)


def _host(name: str, statistic: str = "last", by: str = "host") -> str:
    return over(statistic, asked("host", fields=name), name, by)


_GLANCE = (
    number(
        About("Lines", "Lines of the log in the time shown.", width=4, height=4),
        Asked(count(selector())),
    ),
    number(
        About(
            "Lines lost",
            f"{_LOSS_TEXT} Below zero: lines that are there twice.",
            width=4,
            height=4,
            runbooks=("alerts/pipeline/LogLinesLost.md",),
            steps=((None, "bad"), (0, "good"), (1, "bad")),
        ),
        Asked(_LOST, "{{host}}"),
    ),
    number(
        About(
            "Malformed",
            "Lines that are no events; every other panel and rule passes over them.",
            width=4,
            height=4,
            runbooks=("alerts/pipeline/MalformedLogLines.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(_NO_EVENT))),
    ),
    number(
        About(
            "Starts",
            "Runs that began in the time shown.",
            width=4,
            height=4,
            runbooks=("alerts/host/BotCrashLoop.md",),
            steps=((None, "good"), (4, "bad")),
        ),
        Asked(or_zero(count(asked("startup", fields="venue")))),
    ),
    number(
        About(
            "Internal errors",
            "Defects of ours that surfaced.",
            width=4,
            height=4,
            runbooks=("alerts/host/InternalErrors.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(asked("internal_error")))),
    ),
    number(
        About(
            "Disk free",
            "Of the file system that holds the event log.",
            unit_of("host", "disk_free_pct"),
            4,
            4,
            ("alerts/host/DiskLow.md",),
            ((None, "bad"), (10, "warn"), (20, "good")),
        ),
        Asked(_host("disk_free_pct"), "{{host}}"),
    ),
)

_LINES = (
    lines(
        About("Lines a second", "By host.", "suffix: lines/s", 10),
        Asked(f"sum by (host) (rate({selector()} [{AUTO}]))", "{{host}}"),
    ),
    ranking(
        About("Lines by event", "In the time shown.", width=7),
        Asked(count(selector(), "action"), "{{action}}"),
    ),
    lines(
        About(
            "Lines lost over time",
            f"{_LOSS_TEXT} Between two points.",
            width=7,
            runbooks=("alerts/pipeline/LogLinesLost.md",),
        ),
        Asked(_LOST, "{{host}}"),
    ),
)

_PULSE = (
    lines(
        About(
            "Heartbeats a second",
            "One when all is well.",
            "suffix: /s",
            8,
            runbooks=("alerts/pipeline/BotSilent.md",),
        ),
        Asked(f"sum by (host) (rate({selector('heartbeat')} [{AUTO}]))", "{{host}}"),
    ),
    lines(
        About(
            "Loop lag",
            "The longest that the bot's loop was late.",
            unit_of("heartbeat", "loop_lag_ms"),
            8,
            runbooks=("alerts/host/LoopLagHigh.md",),
        ),
        Asked(over("max", asked("heartbeat", fields="loop_lag_ms"), "loop_lag_ms", "host"), "{{host}}"),
    ),
    columns(
        About(
            "Malformed lines",
            "Lines between two points that are no events.",
            width=8,
            runbooks=("alerts/pipeline/MalformedLogLines.md",),
        ),
        Asked(or_zero(count(_NO_EVENT, "host"), "host"), "{{host}}"),
    ),
)

_FEED = (
    lines(
        About(
            "Age of the market data",
            "Median and oldest, as the heartbeats say.",
            unit_of("heartbeat", "md_age_ms"),
            8,
            runbooks=("alerts/feed/FeedStale.md",),
        ),
        Asked(over("max", asked("heartbeat", fields="md_age_ms"), "md_age_ms"), "oldest"),
        Asked(over("quantile 0.5", asked("heartbeat", fields="md_age_ms"), "md_age_ms"), "median"),
    ),
    columns(
        About(
            "Feed connections",
            "Connects and disconnects between two points, by venue.",
            width=8,
            runbooks=("alerts/feed/FeedFlapping.md",),
        ),
        Asked(
            or_zero(count(asked("feed_connect", "feed_disconnect", fields="venue"), "venue, action"), "action"),
            "{{venue}} {{action}}",
        ),
    ),
    columns(
        About("Gaps and silent markets", "Skipped sequence numbers and stale books between two points.", width=8),
        Asked(
            or_zero(count(asked("feed_gap", "feed_stale", fields="market"), "market, action"), "action"),
            "{{market}} {{action}}",
        ),
    ),
)

_MACHINE = (
    lines(
        About(
            "Disk and memory left",
            "Of the event log's file system, and of the machine's memory.",
            unit_of("host", "disk_free_pct"),
            8,
            runbooks=("alerts/host/DiskLow.md", "alerts/host/MemoryLow.md"),
        ),
        Asked(_host("disk_free_pct", "min"), "{{host}} disk"),
        Asked(_host("mem_available_pct", "min"), "{{host}} memory"),
    ),
    lines(
        About("Memory of the bot", "What the process takes.", unit_of("host", "rss_mb"), 8),
        Asked(_host("rss_mb", "max"), "{{host}}"),
    ),
    lines(
        About(
            "Clock",
            "This clock minus the true time.",
            unit_of("host", "clock_offset_ms"),
            8,
            runbooks=("alerts/host/ClockOff.md",),
        ),
        Asked(_host("clock_offset_ms", "avg"), "{{host}}"),
        low=None,
    ),
)

BOARD = Board(
    "mm-bot-pipeline",
    "mm-bot: pipeline",
    "Lines, losses, heartbeats, the feed and the machine: whether the other dashboards can be believed.",
    (_GLANCE, _LINES, _PULSE, _FEED, _MACHINE),
)
