"""What the bot's own settings mean for its host: whether it needs the world, which keys it gets, who watches it. Pure.

`mm-bot check` judges the settings themselves, on the host and with the release's own code; here only what the host is
made of is read out of them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

AGENT = "hyperliquid_agent_key"
WATCHDOG = "hyperliquid_watchdog_key"
KEYS = {
    AGENT: "signs the bot's orders: an agent (API wallet) of HYPERLIQUID_ACCOUNT, of this host alone",
    WATCHDOG: "signs the cancels of mm-bot-watchdog: another agent of that account, so that both can sign at once",
}
"""Secrets of a bot that trades live, by name, with the purpose of each."""


@dataclass(frozen=True, slots=True)
class Trading:
    """`reaches_out`: it talks to a venue beyond this host. `live`: orders are real, so it has keys and a watchdog."""

    reaches_out: bool
    live: bool


def trading(bot: Mapping[str, str]) -> Trading:
    """Read out of the settings in the env file's words."""
    on_feed = bot.get("VENUE") == "hyperliquid"
    here = is_loopback(bot.get("HYPERLIQUID_API_URL", ""))
    return Trading(on_feed and not here, on_feed and bot.get("LIVE_TRADING_ENABLED", "").lower() == "true")


def key_problems(secrets: Mapping[str, str]) -> list[str]:
    """What keeps a live bot from its keys; a value is never told."""
    problems = []
    for name, purpose in KEYS.items():
        if not secrets.get(name):
            problems.append(
                f"LIVE_TRADING_ENABLED wants the secret {name}, which {purpose}: add {name}=... to the file"
            )
        elif not re.fullmatch(r"0x[0-9a-fA-F]{64}", secrets[name]):
            problems.append(f"the secret {name} is not 0x and 64 hex digits (it is not shown)")
    if not problems and secrets[AGENT].lower() == secrets[WATCHDOG].lower():
        problems.append(f"{AGENT} and {WATCHDOG} are the same key, and two processes would burn each other's nonces")
    return problems


def is_loopback(url: str) -> bool:
    """Whether a server on the host itself is meant, such as a simulator."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
