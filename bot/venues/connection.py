"""Which connection a mode means: Params say what a run may touch, and nothing else decides it.

paper with the venue "paper" is our own exchange; "hyperliquid" gives real prices, on which paper judges fills, shadow
places quotes that are never sent, and live trades.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.venues.hyperliquid.signing import MAINNET_URL, network_of

Mode = Literal["paper", "shadow", "live"]
TESTNET_URL = "https://api.hyperliquid-testnet.xyz"
OFFICIAL = frozenset(urlsplit(url).hostname for url in (MAINNET_URL, TESTNET_URL))


@dataclass(frozen=True, slots=True)
class Params:
    """`account` is the address that trades, needed in live mode only; `state_dir` holds what paper must remember."""

    mode: Mode
    venue: str
    state_dir: Path
    paper_seed: int
    api_url: str
    ws_url: str
    account: str


def socket_of(api_url: str) -> str:
    """The socket of the server that answers at `api_url`."""
    return f"ws{api_url.removeprefix('http')}/ws"


def is_loopback(url: str) -> bool:
    """Whether a server of this machine is meant."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def meaning(to: Params) -> str:
    """What a run in this mode does, for people."""
    if to.venue == "paper":
        return "paper: orders stay on this machine, at our own exchange with prices of its own making"
    place = f"{_server(to.api_url)} ({to.api_url})"
    return {
        "paper": f"paper: prices of {place}; orders stay on this machine, fills are judged by that book and its prints",
        "shadow": f"shadow: prices of {place}; quotes are logged as shadow_quote, none is sent and none fills",
        "live": f"live: ORDERS GO to {place} for the account {to.account}",
    }[to.mode]


def name(to: Params) -> str:
    """Of the account behind a connection, for the files that belong to it: venue, mode, server, who trades."""
    host = urlsplit(to.api_url).hostname or ""
    server = network_of(to.api_url) if host in OFFICIAL else "simulator" if is_loopback(to.api_url) else host
    who = [to.account[2:10]] if to.mode == "live" else []
    return "-".join([to.venue, to.mode, server, *who])


def _server(api_url: str) -> str:
    if urlsplit(api_url).hostname in OFFICIAL:
        return f"Hyperliquid's {network_of(api_url)}"
    return "a simulated Hyperliquid on this machine" if is_loopback(api_url) else "a Hyperliquid elsewhere, not mainnet"
