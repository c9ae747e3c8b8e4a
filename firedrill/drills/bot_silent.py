"""The bot is gone: its heartbeat stops, and somebody must hear of it although nothing writes to the log any more."""

from __future__ import annotations

from firedrill.checks import places
from firedrill.drills.drill import Drill, Scene


def _inject(_scene: Scene) -> str:
    return f"systemctl stop {places.BOT}"


def _restore(_scene: Scene) -> str:
    """Waits until the bot says that it is ready (the unit is of type notify)."""
    return f"systemctl start {places.BOT}"


DRILL = Drill(
    name="bot_silent",
    alert="BotSilent",
    summary="the bot is stopped",
    inject=_inject,
    restore=_restore,
    alarm_within_s=120,
    recover_within_s=90,
    remedy="follow alerts/pipeline/BotSilent.md; the store must ring when there is nothing to read",
)
