"""Where Kalshi's servers are. Its REST and its websockets answer at hosts of their own."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH

PRODUCTION, DEMO = "production", "demo"
PRODUCTION_URL = f"https://external-api.kalshi.com{REST_PREFIX}"
DEMO_URL = f"https://external-api.demo.kalshi.co{REST_PREFIX}"

_SOCKETS = {
    "external-api.kalshi.com": "external-api-ws.kalshi.com",
    "external-api.demo.kalshi.co": "external-api-ws.demo.kalshi.co",
}
NETWORKS = {
    "external-api.kalshi.com": PRODUCTION,
    "external-api-ws.kalshi.com": PRODUCTION,
    "api.elections.kalshi.com": PRODUCTION,
    "external-api.demo.kalshi.co": DEMO,
    "external-api-ws.demo.kalshi.co": DEMO,
    "demo-api.kalshi.co": DEMO,
}
"""Which exchange an official host belongs to: money is real at the first only."""


def socket_of(api_url: str) -> str:
    """The websocket of the exchange that answers at `api_url`; of an unknown server, at the same host."""
    parts = urlsplit(api_url)
    place = parts.netloc.replace(parts.hostname or "", _SOCKETS.get(parts.hostname or "", parts.hostname or ""))
    return f"{'ws' if parts.scheme == 'http' else 'wss'}://{place}{WS_PATH}"
