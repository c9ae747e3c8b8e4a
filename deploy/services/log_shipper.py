"""Who carries the bot's log lines to Loki: Promtail or Alloy; nobody where the embedded store reads the files."""

from __future__ import annotations

from ..service import Service
from ..settings.contexts import Context
from . import alloy, log_review, promtail


def service(context: Context) -> Service:
    """The service of the shipper that the setting `log_shipper` names."""
    match context.stack.shipper:
        case "promtail":
            return log_review.beside(promtail.service(context), context, "promtail", promtail.POSITIONS)
        case "alloy":
            return log_review.beside(alloy.service(context), context, "alloy", alloy.POSITIONS)
        case _:
            return Service("log shipper")


def positions(context: Context) -> str:
    """The file in which the shipper notes how far it has read; empty where there is none."""
    return {"promtail": promtail.POSITIONS, "alloy": alloy.POSITIONS}.get(context.stack.shipper, "")
