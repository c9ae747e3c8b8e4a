"""Where the bot's log lines are kept and alarms are rung: our embedded store, Loki on the host, or one elsewhere."""

from __future__ import annotations

from ..service import Service
from ..settings.contexts import Context
from . import alloy, embedded_store, loki, promtail


def found_at(context: Context) -> dict[str, object]:
    """Which unit is the store, where its rules lie, who brings it lines: what the proof has to know."""
    shippers = {"promtail": promtail.NAME, "alloy": alloy.NAME}
    places = {"embedded": (embedded_store.NAME, embedded_store.RULES), "loki": (loki.NAME, loki.TENANT)}
    unit, rules = places.get(context.stack.store, ("", ""))
    return {
        "unit": unit,
        "rules": rules,
        "reads_files": context.stack.store == "embedded",
        "shipper": shippers.get(context.stack.shipper, ""),
    }


def service(context: Context) -> Service:
    """The service of the store that the setting `log_store` names."""
    match context.stack.store:
        case "embedded":
            return embedded_store.service(context)
        case "loki":
            return loki.service(context)
        case _:
            return Service("log store")
