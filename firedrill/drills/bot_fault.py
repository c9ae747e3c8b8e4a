"""Drills whose fault the running bot is asked for, over its control socket: the whole way, from the venue's end.

Only the paper venue has faults to ask for; a live one refuses, and the drill says so.
"""

from __future__ import annotations

from firedrill.checks import places
from firedrill.drills.drill import Drill

CTL = f"{places.VENV}/bin/mm-bot ctl --socket {places.CONTROL_SOCKET}"


def drill(
    name: str,
    alert: str,
    summary: str,
    ask: str,
    take_back: str,
    remedy: str,
    *,
    alarm_within_s: float,
    recover_within_s: float,
) -> Drill:
    """A drill of two words to the bot. Without a bot nothing is left to take back: its venue forgets with it."""
    return Drill(
        name=name,
        alert=alert,
        summary=summary,
        inject=lambda _scene: f"{CTL} {ask}",
        restore=lambda _scene: f"! systemctl --quiet is-active {places.BOT} || {CTL} {take_back}",
        alarm_within_s=alarm_within_s,
        recover_within_s=recover_within_s,
        remedy=remedy,
    )
