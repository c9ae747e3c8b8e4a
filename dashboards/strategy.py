"""What is held and why: states, take-profits, inventory, exits, zones, breakers."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.panels import About, Asked, columns, lines, number, ranking, states, unit_of
from dashboards.queries import count, or_zero, over, total
from dashboards.queries import lines as asked

_QUOTES = ("quote_place", "shadow_quote")
_EXITS = ("tp_exit", "sweet_spot_exit", "hard_cap_exit", "mae_trim")
_STATE = (
    f"{asked(*_QUOTES, 'inventory', fields='market, state')} | label_format"
    ' now=`{{ if eq .state "SKEW_LONG" }}1{{ else if eq .state "SKEW_SHORT" }}-1{{ else }}0{{ end }}`'
)
_ADDING = asked(
    *_QUOTES,
    fields="market, state, side, strategy",
    where='strategy="edge_locked" | (state="SKEW_LONG" and side="bid") or (state="SKEW_SHORT" and side="ask")',
)
_ENTRIES = "market, gate_err"
_BREAKER = asked("cb_soft", "cb_hard", "breaker_reset", fields="market")
_EDGE_LOCKED = asked("inventory", fields="market, held_s, strategy", where='strategy="edge_locked"')
_HELD = asked(*_EXITS, fields="market, age_s")

_GLANCE = (
    number(
        About(
            "Skew leaks",
            "Quotes of the edge-locked strategy that add to what it holds. One is enough to stop.",
            width=4,
            height=4,
            runbooks=("alerts/strategy/SkewLeak.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(_ADDING))),
    ),
    number(
        About(
            "Entries inside the gates",
            "Entries that traded strictly between the low and the high gate.",
            width=4,
            height=4,
            runbooks=("alerts/strategy/PriceGateBreach.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(asked("FILL", fields=_ENTRIES, where='gate_err!="" | gate_err > 0')))),
    ),
    number(
        About(
            "Largest TP drift",
            "How far a quoted take-profit was from where its VWAP puts it, in the quote currency.",
            unit_of("quote_place", "tp_err"),
            4,
            4,
            ("alerts/strategy/TpDrift.md",),
            ((None, "good"), (0.005, "bad")),
        ),
        Asked(or_zero(over("max", asked(*_QUOTES, fields="market, tp_err"), "tp_err"))),
    ),
    number(
        About(
            "Longest held",
            "The oldest position of the edge-locked strategy: its hard cap is 20 minutes.",
            unit_of("inventory", "held_s"),
            4,
            4,
            ("alerts/strategy/PositionOverdue.md",),
            ((None, "good"), (1200, "warn"), (1500, "bad")),
        ),
        Asked(
            or_zero(
                over(
                    "max",
                    asked("inventory", fields="market, held_s, strategy", where='strategy="edge_locked"'),
                    "held_s",
                )
            )
        ),
    ),
    number(
        About(
            "Hard breakers",
            "How often the circuit breaker stopped new quotes in a market.",
            width=4,
            height=4,
            runbooks=("alerts/risk/CircuitBreakerHard.md",),
            steps=((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(asked("cb_hard", fields="market")))),
    ),
    number(
        About(
            "Would cross",
            "Orders that shadow mode kept back and that would have taken at once.",
            width=4,
            height=4,
            runbooks=("alerts/strategy/ShadowWouldCross.md",),
            steps=((None, "good"), (1, "warn")),
        ),
        Asked(
            or_zero(count(asked("shadow_quote", fields="market, would_cross", where='would_cross="true"'))),
        ),
    ),
)

_POSITIONS = (
    states(
        About("States", "What each market was at the end of each point: flat, long or short.", width=24, height=9),
        Asked(over("last", _STATE, "now", "market"), "{{market}}"),
        words={-1: ("short", "short"), 0: ("flat", "flat"), 1: ("long", "long")},
    ),
)

_RISK = (
    lines(
        About(
            "Inventory of its limit",
            "How much of its limit each market held: at 1 one side is quoted only.",
            "percentunit",
            runbooks=("alerts/risk/InventoryNearLimit.md",),
            steps=((None, "plain"), (0.9, "bad")),
            marked=True,
        ),
        Asked(over("last", asked("FILL", "inventory", fields="market, pos_frac"), "pos_frac", "market"), "{{market}}"),
    ),
    lines(
        About(
            "TP drift",
            "How far quoted take-profits are from where their VWAP puts them: TP moves only when VWAP moves.",
            unit_of("quote_place", "tp_err"),
            runbooks=("alerts/strategy/TpDrift.md",),
            steps=((None, "plain"), (0.005, "bad")),
            marked=True,
        ),
        Asked(over("max", asked(*_QUOTES, fields="market, tp_err"), "tp_err", "market"), "{{market}}"),
    ),
)

_LEAVING = (
    columns(
        About("Exits, by kind", "Decisions to leave a position, all or in part, between two points.", width=10),
        Asked(or_zero(count(asked(*_EXITS, fields="market"), "action"), "action"), "{{action}}"),
    ),
    ranking(
        About("Exits in all", "By kind, in the time shown.", width=6),
        Asked(or_zero(count(asked(*_EXITS, fields="market"), "action"), "action"), "{{action}}"),
    ),
    lines(
        About(
            "Hold time",
            "How long what was left had been held. The sweet spot is 8 to 12 minutes, the hard cap 20.",
            unit_of("tp_exit", "age_s"),
            8,
            runbooks=("alerts/strategy/PositionOverdue.md",),
            steps=((None, "plain"), (1200, "bad")),
            marked=True,
        ),
        Asked(over("max", _HELD, "age_s"), "longest"),
        Asked(over("quantile 0.5", _HELD, "age_s"), "median"),
    ),
)

_MONEY = (
    columns(
        About(
            "Entries and the gates",
            "Entries that traded where they may, and strictly inside the gates, between two points.",
            width=8,
            runbooks=("alerts/strategy/PriceGateBreach.md",),
        ),
        Asked(or_zero(count(asked("FILL", fields=_ENTRIES, where='gate_err!="" | gate_err <= 0'))), "where they may"),
        Asked(or_zero(count(asked("FILL", fields=_ENTRIES, where='gate_err!="" | gate_err > 0'))), "inside the gates"),
    ),
    ranking(
        About(
            "Realised, by market", "What exits realised, less their own fees, and payouts.", unit_of("FILL", "pnl"), 8
        ),
        Asked(total(asked("FILL", "settlement", fields="market, pnl"), "pnl", "market"), "{{market}}"),
    ),
    lines(
        About("Unrealised, by market", "What positions are worth at the mark.", unit_of("inventory", "upnl"), 8),
        Asked(over("last", asked("inventory", fields="market, upnl"), "upnl", "market"), "{{market}}"),
        low=None,
    ),
)

_BREAKERS = (
    columns(
        About(
            "Circuit breaker",
            "Trips and resets between two points.",
            width=8,
            runbooks=("alerts/risk/CircuitBreakerSoft.md", "alerts/risk/CircuitBreakerHard.md"),
        ),
        Asked(or_zero(count(_BREAKER, "action"), "action"), "{{action}}"),
    ),
    lines(
        About("Cancels in 30 s", "The most cancels within 30 s that the breaker saw, by market.", width=8),
        Asked(over("max", asked("quote_place", fields="market, cancels_30"), "cancels_30", "market"), "{{market}}"),
    ),
    lines(
        About(
            "Worst against us",
            "Maximum adverse excursion of what is held, per contract.",
            unit_of("inventory", "mae_c"),
            8,
        ),
        Asked(over("max", asked("inventory", fields="market, mae_c"), "mae_c", "market"), "{{market}}"),
    ),
)

BOARD = Board(
    "mm-bot-strategy",
    "mm-bot: strategy",
    "States, take-profits, inventory, exits, zones and the circuit breaker.",
    (_GLANCE, _POSITIONS, _RISK, _LEAVING, _MONEY, _BREAKERS),
)
