"""An order's life: how fast it is answered, how often refused and why, what the retry guard did about it."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.panels import About, Asked, columns, lines, number, ranking, unit_of
from dashboards.queries import count, or_zero, over
from dashboards.queries import lines as asked

_SENT = asked("quote_place", fields="market")
_REFUSED = asked("order_reject", fields="market, code")
_OFF_GRID = asked("order_reject", fields="market, code", where='code="E_TICK"')
_LATENCY = asked("order_ack", fields="market, latency_ms")
_UNKNOWN = asked("order_unknown", fields="market")
_MS = unit_of("order_ack", "latency_ms")


def _percentile(share: str, by: str = "") -> str:
    return over(f"quantile {share}", _LATENCY, "latency_ms", by)


_GLANCE = (
    number(About("Orders sent", "Orders sent in the time shown.", width=4, height=4), Asked(count(_SENT))),
    number(
        About(
            "Accepted",
            "Part of the orders sent that the venue did not refuse.",
            "percentunit",
            4,
            4,
            ("alerts/orders/OrderRejectRateHigh.md",),
            ((None, "bad"), (0.8, "warn"), (0.95, "good")),
        ),
        Asked(f"1 - ({or_zero(count(_REFUSED))}) / {count(_SENT)}"),
    ),
    number(
        About(
            "P95 latency",
            "One order in twenty took longer from send to acknowledgement.",
            _MS,
            4,
            4,
            ("alerts/orders/OrderLatencyHigh.md",),
            ((None, "good"), (500, "warn"), (1000, "bad")),
        ),
        Asked(_percentile("0.95")),
    ),
    number(
        About(
            "E_TICK",
            "Orders refused because their price was off the venue's grid. It must never happen.",
            "short",
            4,
            4,
            ("alerts/orders/ETickError.md",),
            ((None, "good"), (1, "bad")),
        ),
        Asked(or_zero(count(_OFF_GRID))),
    ),
    number(
        About(
            "Retries",
            "Refused orders that the retry guard sent once more on a fresh grid.",
            width=4,
            height=4,
            runbooks=("alerts/orders/RetryGuardExhausted.md",),
            steps=((None, "good"), (1, "warn")),
        ),
        Asked(or_zero(count(asked("retry_attempt", fields="market")))),
    ),
    number(
        About(
            "No answer",
            "Sends and cancels that ended without an answer; the venue was asked what became of them.",
            width=4,
            height=4,
            runbooks=("alerts/orders/OrderUnknownHigh.md",),
            steps=((None, "good"), (1, "warn")),
        ),
        Asked(or_zero(count(_UNKNOWN))),
    ),
)

_SPEED = (
    lines(
        About(
            "Latency P50, P95, P99",
            "From send to acknowledgement, over all orders between two points.",
            _MS,
            runbooks=("alerts/orders/OrderLatencyHigh.md",),
            steps=((None, "plain"), (1000, "bad")),
            marked=True,
        ),
        Asked(_percentile("0.99"), "P99"),
        Asked(_percentile("0.95"), "P95"),
        Asked(_percentile("0.5"), "P50"),
    ),
    lines(
        About("P95 latency by market", "One order in twenty of a market took longer to be acknowledged.", _MS),
        Asked(_percentile("0.95", "market"), "{{market}}"),
    ),
)

_REFUSALS = (
    lines(
        About(
            "Accepted, by market",
            "Part of a market's orders that the venue did not refuse, between two points.",
            "percentunit",
            runbooks=("alerts/orders/OrderRejectRateHigh.md",),
        ),
        Asked(
            f"1 - ({count(_REFUSED, 'market')} or {count(_SENT, 'market')} * 0) / {count(_SENT, 'market')}",
            "{{market}}",
        ),
        low=None,
    ),
    columns(
        About("Refused, by code", "Orders refused between two points, by our code for the venue's reason."),
        Asked(or_zero(count(_REFUSED, "code"), "code"), "{{code}}"),
    ),
)

_DETAIL = (
    ranking(
        About("Refused, by market and code", "Orders refused in the time shown.", width=8),
        Asked(or_zero(count(_REFUSED, "market, code"), "code"), "{{market}} {{code}}"),
    ),
    columns(
        About(
            "E_TICK, by market",
            "Orders refused for the tick size between two points: a grid that changed, or a defect of ours.",
            width=8,
            runbooks=("alerts/orders/ETickError.md",),
        ),
        Asked(or_zero(count(_OFF_GRID, "market"), "market"), "{{market}}"),
    ),
    columns(
        About(
            "Retry guard",
            "Refused orders sent once more, and those given up.",
            width=8,
            runbooks=("alerts/orders/RetryGuardExhausted.md",),
        ),
        Asked(or_zero(count(asked("retry_attempt", fields="market"))), "tried again"),
        Asked(or_zero(count(asked("retry_exhausted", fields="market"))), "given up"),
    ),
)

_FLOW = (
    columns(
        About("Orders sent, by market", "Orders sent between two points.", width=8),
        Asked(count(_SENT, "market"), "{{market}}"),
    ),
    columns(
        About("Cancels, by reason", "Working orders asked to leave the book between two points.", width=8),
        Asked(count(asked("quote_cancel", fields="market, reason"), "reason"), "{{reason}}"),
    ),
    columns(
        About(
            "No answer, by market",
            "Sends and cancels without an answer between two points.",
            width=8,
            runbooks=("alerts/orders/OrderUnknownHigh.md",),
        ),
        Asked(or_zero(count(_UNKNOWN, "market"), "market"), "{{market}}"),
    ),
)

BOARD = Board(
    "mm-bot-orders",
    "mm-bot: orders",
    "From send to acknowledgement or refusal: latency, acceptance, E_TICK, retries.",
    (_GLANCE, _SPEED, _REFUSALS, _DETAIL, _FLOW),
)
