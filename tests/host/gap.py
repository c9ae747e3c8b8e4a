"""How long the market saw no quote of ours around the last change of process, from the bot's own log."""

from __future__ import annotations

import json

from tests.host.desk import Desk


def gap_in_quoting(desk: Desk) -> float:
    """Seconds between the first quote withdrawn at shutdown and the first one placed by the next run."""
    text = desk.ssh("cat /var/log/mm-bot/events.jsonl")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    runs = list(dict.fromkeys(line["run"] for line in lines))
    gone = [line["ts"] for line in lines if line["run"] == runs[-2] and line.get("reason") == "shutdown"]
    back = [line["ts"] for line in lines if line["run"] == runs[-1] and line["action"] == "quote_place"]
    return float(min(back) - min(gone))
