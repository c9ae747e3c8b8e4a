"""Where the bot's log lines are kept and alarms are rung: our embedded store, Loki on the host, or one elsewhere."""

from __future__ import annotations

from . import embedded_store, loki
from .contexts import Context
from .service import Service


def service(context: Context) -> Service:
    """The service of the store that the setting `log_store` names."""
    match context.stack.store:
        case "embedded":
            return embedded_store.service(context)
        case "loki":
            return loki.service(context)
        case _:
            return Service("log store")
