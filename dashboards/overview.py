"""Health at a glance: is it alive, which release, does it quote, does it earn, does anything complain."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.panels import About, Asked, columns, grid, lines, names, number, ranking, states, unit_of
from dashboards.queries import count, or_zero, over, total
from dashboards.queries import lines as asked

_BEATS = asked("heartbeat")
_SENT = asked("quote_place", fields="market")
_REFUSED = asked("order_reject", fields="market")

_HEALTH = (
    number(
        About(
            "Heartbeats a minute",
            "Heartbeats in the last minute of the time shown, by host: 60 when the bot is alive, 0 once it is not.",
            width=4,
            height=5,
            runbooks=("alerts/pipeline/BotSilent.md",),
            steps=((None, "bad"), (30, "warn"), (55, "good")),
        ),
        Asked(f"{count(_BEATS, 'host', '1m')} or {count(_BEATS, 'host')} * 0", "{{host}}"),
    ),
    names(
        About("Release", "Version and commit that wrote the last minutes' heartbeats.", width=4, height=5),
        Asked(count(asked("heartbeat", fields="release"), "release", "5m"), "{{release}}"),
    ),
    number(
        About(
            "New quotes",
            "Off while the kill switch is on: exits go on, nothing new is quoted.",
            width=4,
            height=5,
            runbooks=("alerts/risk/KillSwitchOn.md",),
        ),
        Asked(over("last", asked("heartbeat", fields="kill"), "kill", "host", "5m"), "{{host}}"),
        words={0: ("on", "good"), 1: ("OFF", "bad")},
    ),
    number(
        About(
            "Errors",
            "Lines of level error: refused orders, hard breakers, mismatches, defects.",
            width=4,
            height=5,
            steps=((None, "good"), (1, "warn")),
        ),
        Asked(or_zero(count(asked(level="error")))),
    ),
    number(
        About(
            "Orders accepted",
            "Part of the orders sent that the venue did not refuse.",
            "percentunit",
            4,
            5,
            runbooks=("alerts/orders/OrderRejectRateHigh.md",),
            steps=((None, "bad"), (0.8, "warn"), (0.95, "good")),
        ),
        Asked(f"1 - ({or_zero(count(_REFUSED))}) / {count(_SENT)}"),
    ),
    number(
        About(
            "Realised",
            "What exits realised, less their own fees, and markets that paid out, in the quote currency.",
            unit_of("FILL", "pnl"),
            4,
            5,
        ),
        Asked(or_zero(total(asked("FILL", "settlement", fields="market, pnl"), "pnl"))),
    ),
)

_TROUBLE = (
    columns(
        About("Warnings and errors", "Lines of level warn or error between two points, by event.", width=16),
        Asked(or_zero(count(asked(level="warn|error"), "action"), "action"), "{{action}}"),
    ),
    ranking(
        About(
            "Inventory of its limit",
            "How much of its limit each market last held: 1 is full, and one side is quoted only.",
            "percentunit",
            8,
            runbooks=("alerts/risk/InventoryNearLimit.md",),
            steps=((None, "plain"), (0.9, "bad")),
        ),
        Asked(
            over("last", asked("FILL", "inventory", fields="market, pos_frac"), "pos_frac", "market"),
            "{{market}}",
        ),
    ),
)

_LIFE = (
    states(
        About("Alive", "Whether the host's bot wrote heartbeats between two points; a hole is silence.", height=6),
        Asked(f"{count(_BEATS, 'host')} > bool 0", "{{host}}"),
        words={1: ("alive", "good"), 0: ("silent", "bad")},
    ),
    lines(
        About(
            "Age of the market data",
            "The oldest that the newest market data was between two points.",
            unit_of("heartbeat", "md_age_ms"),
            height=6,
            runbooks=("alerts/feed/FeedStale.md",),
        ),
        Asked(over("max", asked("heartbeat", fields="md_age_ms"), "md_age_ms", "host"), "{{host}}"),
    ),
)

_ACTIVITY = (
    columns(
        About("Orders sent", "Orders sent between two points, by market."),
        Asked(count(_SENT, "market"), "{{market}}"),
    ),
    columns(
        About("Fills", "Trades of ours between two points, by market."),
        Asked(or_zero(count(asked("FILL", fields="market"), "market"), "market"), "{{market}}"),
    ),
)

_STARTS = (
    grid(
        About("Starts", "Runs that began in this time, with what they run and where.", width=24, height=6),
        {"starts": count(asked("startup", fields="venue, mode, release, run"), "host, venue, mode, release, run")},
        ("host", "venue", "mode", "release", "run"),
    ),
)

BOARD = Board(
    "mm-bot-overview",
    "mm-bot: overview",
    "Health of the bots at a glance. Each number has its detail on one of the other dashboards.",
    (_HEALTH, _TROUBLE, _LIFE, _ACTIVITY, _STARTS),
)
