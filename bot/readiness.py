"""Whether the bot does its work now, and the numbers on /metrics: reads facts, changes nothing."""

from __future__ import annotations

from bot.market.orders import OrderState
from bot.runtime.health import Metric
from bot.runtime.telemetry import Telemetry
from bot.session import Session, terms

SECOND = 1_000_000_000
QUOTE_WITHIN = 5 * SECOND
VENUE = "venue"
"""Who holds quotes off when the venue refuses an order for a reason that trying again does not mend."""


def reasons(session: Session, telemetry: Telemetry, now: int) -> list[str]:
    """Why the bot is not ready; empty when prices are fresh and quotes rest, or are off on purpose."""
    if session.draining:
        return ["shutting down"]
    found = [] if telemetry.problem is None else [telemetry.problem]
    if not session.reconciled:
        return [*found, "the venue's account was not read yet"]
    silent = session.md_age(now)
    if silent > session.params.stale_after:
        return [*found, f"no price for {silent / SECOND:.1f} s"]
    if VENUE in session.holders:
        found += [f"the venue refused {_refused(session)}; mend it, then `mm-bot ctl quotes on`"]
    return found + [reason for market in session.markets if (reason := _unquoted(session, market, now))]


def idle(session: Session, now: int) -> str:
    """Why nothing needs to rest, in words; "" where quotes should."""
    if not session.markets:
        return "no market can be entered now"
    edge = session.edge
    if edge is None or any(session.orders.open()):
        return ""
    shut = all(
        session.closed(market, now) or terms.quiet(session.specs[market], edge, now) for market in session.markets
    )
    return "every game has begun, or is about to" if shut else ""


def _refused(session: Session) -> str:
    told = [f"{market} ({said.code}: {said.reason})" for market, said in session.last_reject.items()]
    return ", ".join(told) or "an order"


def _unquoted(session: Session, market: str, now: int) -> str | None:
    if not session.quotes_enabled or session.closed(market, now):
        return None
    rejected = session.last_reject.get(market)
    why = f" (last rejection {rejected.code}: {rejected.reason})" if rejected else ""
    if market not in session.quoted_at:
        return f"{market} was not quoted yet{why}"
    since = now - session.quoted_at[market]
    return f"{market} has no working quote for {since / SECOND:.1f} s{why}" if since > QUOTE_WITHIN else None


def metrics(session: Session, telemetry: Telemetry, turns: int, now: int) -> list[Metric]:
    """For Prometheus; names without their prefix mm_bot_."""
    failing = telemetry.problem is not None
    open_orders = list(session.orders.open())
    found = [
        Metric("ready", "gauge", "1 when /readyz answers 200.", float(not reasons(session, telemetry, now))),
        Metric("quotes_enabled", "gauge", "0 while quotes are held off.", float(session.quotes_enabled)),
        Metric("market_data_age_seconds", "gauge", "Age of the stalest price.", session.md_age(now) / SECOND),
        Metric("uptime_seconds", "counter", "Since this run began.", (now - session.params.started) / SECOND),
        Metric("turns_total", "counter", "Messages the session has handled.", turns),
        Metric("cancels_total", "counter", "Cancels sent.", session.cancels),
        Metric("log_lines_total", "counter", "Event lines made.", telemetry.lines),
        Metric("log_lines_dropped_total", "counter", "Event lines that could not be kept.", telemetry.dropped),
        Metric("log_failing", "gauge", "1 while the event log cannot be written.", float(failing)),
    ]
    for state in OrderState:
        count = sum(1 for order in open_orders if order.state is state)
        found.append(Metric("open_orders", "gauge", "Orders that may rest, by state.", count, f'state="{state}"'))
    for market in session.positions.markets():
        size = session.specs[market].size(session.positions[market].lots)
        found.append(Metric("position", "gauge", "Held, in base units.", size, f'market="{market}"'))
    return found
