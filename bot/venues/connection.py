"""Which connection a mode means: Params say what a run may touch, and nothing else decides it.

paper with the venue "paper" is our own exchange; another venue gives real prices, on which paper judges fills, shadow
places quotes that are never sent, and live trades.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.venues.hyperliquid.signing import MAINNET_URL
from bot.venues.kalshi import addresses

Mode = Literal["paper", "shadow", "live"]
TESTNET_URL = "https://api.hyperliquid-testnet.xyz"


@dataclass(frozen=True, slots=True)
class Params:
    """`account` is who trades: on Hyperliquid an address, needed in live mode only; on Kalshi the id of an API key.

    `state_dir` holds what paper must remember. `contracts_in_15_s` is the most that may match of Kalshi's order group.
    """

    mode: Mode
    venue: str
    state_dir: Path
    paper_seed: int
    api_url: str
    ws_url: str
    account: str
    contracts_in_15_s: int = 0


def _beside(api_url: str) -> str:
    return f"ws{api_url.removeprefix('http')}/ws"


@dataclass(frozen=True, slots=True)
class Exchange:
    """`networks` names the exchange's own servers by host; real money is at those called `real`."""

    title: str
    real: str
    networks: Mapping[str, str]
    socket_of: Callable[[str], str]
    signs_as: str


EXCHANGES = {
    "hyperliquid": Exchange(
        "Hyperliquid",
        "mainnet",
        {urlsplit(MAINNET_URL).hostname or "": "mainnet", urlsplit(TESTNET_URL).hostname or "": "testnet"},
        _beside,
        "the account",
    ),
    "kalshi": Exchange("Kalshi", addresses.PRODUCTION, addresses.NETWORKS, addresses.socket_of, "the account of key"),
}


def is_loopback(url: str) -> bool:
    """Whether a server of this machine is meant."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def network(venue: str, url: str) -> str | None:
    """Which of the venue's own networks a server belongs to; None where it is none of the venue's."""
    return EXCHANGES[venue].networks.get(urlsplit(url).hostname or "")


def meaning(to: Params) -> str:
    """What a run in this mode does, for people."""
    if to.venue == "paper":
        return "paper: orders stay on this machine, at our own exchange with prices of its own making"
    place, who = f"{_server(to)} ({to.api_url})", f"{EXCHANGES[to.venue].signs_as} {to.account}"
    return {
        "paper": f"paper: prices of {place}; orders stay on this machine, fills are judged by that book and its prints",
        "shadow": f"shadow: prices of {place}; quotes are logged as shadow_quote, none is sent and none fills",
        "live": f"live: ORDERS GO to {place} for {who}",
    }[to.mode]


def name(to: Params) -> str:
    """Of the account behind a connection, for the files that belong to it: venue, mode, server, who trades."""
    host = urlsplit(to.api_url).hostname or ""
    server = network(to.venue, to.api_url) or ("simulator" if is_loopback(to.api_url) else host)
    who = [to.account.removeprefix("0x")[:8]] if to.mode == "live" else []
    return "-".join([to.venue, to.mode, server, *who])


def _server(to: Params) -> str:
    exchange, own = EXCHANGES[to.venue], network(to.venue, to.api_url)
    if own is not None:
        return f"{exchange.title}'s {own}"
    if is_loopback(to.api_url):
        return f"a simulated {exchange.title} on this machine"
    return f"a {exchange.title} elsewhere, not {exchange.real}"
