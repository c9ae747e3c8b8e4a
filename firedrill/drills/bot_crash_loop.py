"""The bot dies again and again: killed outright, each time once it has said that it is ready."""

from __future__ import annotations

from firedrill.checks import places
from firedrill.drills.drill import Drill, Scene

KILLS = 4


def _inject(_scene: Scene) -> str:
    """The unit is of type notify, so `active` means ready; it is restarted a second after each kill."""
    return f"""for _ in $(seq {KILLS}); do
            systemctl kill --signal=KILL {places.BOT}
            sleep 1
            for _ in $(seq 100); do systemctl --quiet is-active {places.BOT} && break; sleep 0.1; done
        done"""


def _restore(_scene: Scene) -> str:
    """Nothing kills it any more; should it have hit the limit of starts, that is forgiven."""
    return f"systemctl reset-failed {places.BOT}; systemctl start {places.BOT}"


DRILL = Drill(
    name="bot_crash_loop",
    alert="BotCrashLoop",
    summary=f"the bot is killed {KILLS} times in a row",
    inject=_inject,
    restore=_restore,
    alarm_within_s=90,
    recover_within_s=180,
    remedy="follow alerts/host/BotCrashLoop.md; systemd must restart a killed bot each time",
)
