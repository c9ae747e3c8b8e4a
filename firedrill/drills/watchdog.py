"""The log store is gone, and with it every alarm: the one alert that always fires must be reported as ended.

A ruler gives each alert an end of its own, four times its resend delay ahead (Loki: 4 minutes): so long it takes.
"""

from __future__ import annotations

from firedrill.drills.drill import Drill, Scene


def _inject(scene: Scene) -> str:
    return f"systemctl stop {scene.store}"


def _restore(scene: Scene) -> str:
    return f"systemctl start {scene.store}"


DRILL = Drill(
    name="watchdog",
    alert="Watchdog",
    summary="the log store is stopped, so no rule is evaluated",
    inject=_inject,
    restore=_restore,
    alarm_within_s=300,
    recover_within_s=90,
    remedy="follow alerts/pipeline/Watchdog.md; its route must repeat often, and its end must be sent",
    alarm="resolved",
)
