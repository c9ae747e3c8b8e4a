"""An order refused because its price was off the tick grid: one line in the log, of a market that does not exist."""

from __future__ import annotations

import shlex

import msgspec

from bot.events import LINE_PREFIX, OrderReject
from firedrill.checks import places
from firedrill.drills.drill import Drill, Scene

MARKET = "DRILL-{id}"
"""Whoever is woken by the alarm reads in it that it is a drill; another drill is another alarm."""


def _event(scene: Scene) -> OrderReject:
    return OrderReject(
        market=MARKET.format(id=scene.id),
        side="bid",
        price=1.005,
        size=1.0,
        seq=1,
        cloid=f"0x{scene.id.rjust(32, '0')}",
        tif="Alo",
        ro=False,
        code="E_TICK",
        reason="Price must be divisible by tick size. asset=0",
        latency_ms=1.0,
    )


def line(scene: Scene, ts: str) -> str:
    """The event as the bot writes it, with `ts` as it stands."""
    event = _event(scene)
    columns = {
        "ts": msgspec.Raw(ts.encode()),
        "level": event.level,
        "run": scene.id,
        "n": 1,
        "release": scene.release,
    }
    head = msgspec.json.encode({name: columns[name] for name in LINE_PREFIX})
    return (head[:-1] + b"," + msgspec.json.encode(event)[1:]).decode()


def _file(scene: Scene, day: str) -> str:
    return f"{places.LOGS}/events-{day}{places.DRILL_FILES}{scene.id}.jsonl"


def _inject(scene: Scene) -> str:
    """Written aside and renamed, so that no reader sees half a line; the time is the host's own."""
    aside = f"{places.LOGS}/.drill-{scene.id}"
    before, after = line(scene, "0").split('"ts":0', 1)
    return f"""set -e
        umask 027
        {{ printf %s {shlex.quote(before)}; printf '"ts":%s' "$(date +%s.%6N)"; printf '%s\\n' {shlex.quote(after)}
        }} > {aside}
        chown {places.BOT_USER}:{places.BOT_USER} {aside}
        mv {aside} {_file(scene, '"$(date -u +%F)"')}"""


def _restore(scene: Scene) -> str:
    return f"rm -f {places.LOGS}/.drill-{scene.id} {_file(scene, '*')}"


DRILL = Drill(
    name="etick_error",
    alert="ETickError",
    summary="an order rejected with E_TICK appears in the event log",
    inject=_inject,
    restore=_restore,
    alarm_within_s=60,
    recover_within_s=90,
    remedy="follow alerts/orders/ETickError.md from the log to the webhook: store, rule, Alertmanager, route",
)
