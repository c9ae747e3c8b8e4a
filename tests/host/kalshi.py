"""A simulated Kalshi as a transient unit of a host, and a second client of the bot's account that asks past the bot."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.venues.kalshi.signing import REST_PREFIX, Key
from tests.bot.process import free_port
from tests.host.desk import Desk
from tests.host.trader import BIN

UNIT = "kalshi-simulator"
PACE_S = 0.3
SCRIPT, SAID = f"/run/{UNIT}.json", f"/run/{UNIT}"


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as the venue has it; `entry`: in the bot's order group; `updated` in seconds of the host's clock."""

    oid: str
    ticker: str
    side: str
    price: str
    size: float
    resting: bool
    entry: bool
    updated: float


class Kalshi:
    """Call `start` first."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.url = f"http://127.0.0.1:{free_port()}{REST_PREFIX}"
        self.key_id = self.pem = ""
        self._next = 0.0

    def start(self, script: dict[str, object]) -> None:
        port = urllib.parse.urlsplit(self.url).port
        self.desk.write(SCRIPT, json.dumps(script))
        command = f"{BIN} simulate kalshi --port {port} --seed 3 --script {SCRIPT}"
        self.desk.ssh(f"systemd-run --quiet --collect --unit {UNIT} -p StandardOutput=file:{SAID} {command}")
        said = json.loads(self.desk.ssh(f"for i in $(seq 100); do [ -s {SAID} ] && break; sleep 0.1; done; cat {SAID}"))
        self.key_id, self.pem = said["key_id"], self.desk.ssh(f"cat {said['private_key_file']}")
        self._key = Key(self.key_id, self.pem.encode())

    def stop(self) -> None:
        self.desk.ssh(f"systemctl stop {UNIT}.service", check=False)

    def ask(self, path: str, **query: object) -> Any:
        """GET, signed by the account's own key, a few times a second at most: its tokens are the bot's as well."""
        time.sleep(max(self._next - time.monotonic(), 0.0))
        self._next = time.monotonic() + PACE_S
        headers = self._key.headers(time.time_ns() // 1_000_000, "GET", f"{REST_PREFIX}{path}")
        request = urllib.request.Request(f"{self.url}{path}?{urllib.parse.urlencode(query)}", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def orders(self, **query: object) -> list[Seen]:
        """The newest thousand, resting or not."""
        return [_seen(order) for order in self.ask("/portfolio/orders", limit=1000, **query)["orders"]]

    def resting(self) -> list[Seen]:
        return self.orders(status="resting")

    def entries(self) -> list[Seen]:
        return [order for order in self.resting() if order.entry]

    def positions(self) -> dict[str, float]:
        """What is held, by ticker."""
        held = self.ask("/portfolio/positions", limit=1000)["market_positions"]
        return {one["ticker"]: size for one in held if (size := float(one["position_fp"]))}


def _seen(order: dict[str, Any]) -> Seen:
    return Seen(
        oid=order["order_id"],
        ticker=order["ticker"],
        side=order["book_side"],
        price=order["yes_price_dollars"],
        size=float(order["initial_count_fp"]),
        resting=order["status"] == "resting",
        entry=bool(order.get("order_group_id")),
        updated=datetime.fromisoformat(order["last_update_time"]).timestamp(),
    )
