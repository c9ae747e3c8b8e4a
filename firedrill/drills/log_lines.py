"""Drills whose fault is what the bot would log: lines of a market that does not exist, in a file of the drill's own.

They prove everything behind the bot: store, rule, Alertmanager, route. The file goes away with the drill, so the
alarm ends at once and no query finds the lines later. Which lines make which alarm is each drill's own business.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

import msgspec

from bot.events import LINE_PREFIX, Event
from firedrill.checks import places
from firedrill.drills.drill import Drill, Scene

MARKET = "DRILL-{id}"
"""Whoever is woken by the alarm reads in it that it is a drill; another drill is another alarm."""

Entry = Event | str | None
"""An event, a line as it stands, or a numbered line that was lost on its way."""
Entries = Callable[[str], Sequence[Entry]]
"""The lines of a fault, given the name of the market."""


def drill(
    name: str,
    alert: str,
    summary: str,
    entries: Entries,
    remedy: str,
    *,
    alarm_within_s: float = 60,
    recover_within_s: float = 90,
) -> Drill:
    """A drill that is only its lines."""
    return Drill(
        name=name,
        alert=alert,
        summary=summary,
        inject=lambda scene: _inject(scene, entries(MARKET.format(id=scene.id))),
        restore=_restore,
        alarm_within_s=alarm_within_s,
        recover_within_s=recover_within_s,
        remedy=remedy,
        alone=False,
    )


def cloid(market: str) -> str:
    """A client order id that names the drill."""
    return f"0x{market.removeprefix('DRILL-').rjust(32, '0')}"


def line(scene: Scene, event: Event, ts: str = "0", number: int = 1) -> str:
    """The event as the bot writes it, with `ts` as it stands."""
    columns = {
        "ts": msgspec.Raw(ts.encode()),
        "level": event.level,
        "run": scene.id,
        "n": number,
        "release": scene.release,
    }
    head = msgspec.json.encode({name: columns[name] for name in LINE_PREFIX})
    return (head[:-1] + b"," + msgspec.json.encode(event)[1:]).decode()


def _lines(scene: Scene, entries: Sequence[Entry]) -> list[str]:
    numbered = ((number, entry) for number, entry in enumerate(entries, 1) if entry is not None)
    return [entry if isinstance(entry, str) else line(scene, entry, number=number) for number, entry in numbered]


def _file(scene: Scene, day: str) -> str:
    return f"{places.LOGS}/events-{day}{places.DRILL_FILES}{scene.id}.jsonl"


def _inject(scene: Scene, entries: Sequence[Entry]) -> str:
    """Written aside and renamed, so that no reader sees half a line; the time is the host's own."""
    aside = f"{places.LOGS}/.drill-{scene.id}"
    text = " ".join(shlex.quote(text) for text in _lines(scene, entries))
    return f"""set -e
        umask 027
        printf '%s\\n' {text} | sed "s/^{{\\"ts\\":0,/{{\\"ts\\":$(date +%s.%6N),/" > {aside}
        chown {places.BOT_USER}:{places.BOT_USER} {aside}
        mv {aside} {_file(scene, '"$(date -u +%F)"')}"""


def _restore(scene: Scene) -> str:
    return f"rm -f {places.LOGS}/.drill-{scene.id} {_file(scene, '*')}"
