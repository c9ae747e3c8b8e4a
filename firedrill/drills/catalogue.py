"""All drills, in the order in which they are performed: the gentlest first."""

from __future__ import annotations

from firedrill.drills import bot_silent, etick_error, order_reject_rate_high, watchdog
from firedrill.drills.drill import Drill

DRILLS: dict[str, Drill] = {
    drill.name: drill for drill in (etick_error.DRILL, order_reject_rate_high.DRILL, bot_silent.DRILL, watchdog.DRILL)
}
"""By name."""
