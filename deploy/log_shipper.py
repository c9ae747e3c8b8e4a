"""Who carries the bot's log lines to Loki: Promtail or Alloy; nobody where the embedded store reads the files."""

from __future__ import annotations

from . import alloy, promtail
from .contexts import Context
from .service import Service


def service(context: Context) -> Service:
    """The service of the shipper that the setting `log_shipper` names."""
    match context.stack.shipper:
        case "promtail":
            return promtail.service(context)
        case "alloy":
            return alloy.service(context)
        case _:
            return Service("log shipper")
