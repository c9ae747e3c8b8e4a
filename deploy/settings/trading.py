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
PEM = "kalshi_private_key"
KEYS = {
    AGENT: "signs the bot's orders: an agent (API wallet) of HYPERLIQUID_ACCOUNT, of this host alone",
    WATCHDOG: "signs the cancels of mm-bot-watchdog: another agent of that account, so that both can sign at once",
    PEM: "signs Kalshi's stream of prices, and live the bot's orders: the private key of KALSHI_KEY_ID",
}
"""Secrets of a bot that talks to a venue, by name, with the purpose of each."""

_HEX = re.compile(r"0x[0-9a-fA-F]{64}")
_PEM = re.compile(r"(-----BEGIN ((RSA )?PRIVATE KEY)-----)\\n(([A-Za-z0-9+/=]+\\n)+)-----END \2-----(\\n)?")
_SHAPES = {
    AGENT: (_HEX, "0x and 64 hex digits"),
    WATCHDOG: (_HEX, "0x and 64 hex digits"),
    PEM: (_PEM, r"a PEM file in one line, \n where its lines end, as awk -v ORS='\\n' 1 FILE.pem prints it"),
}


@dataclass(frozen=True, slots=True)
class Trading:
    """`reaches_out`: it talks to a venue beyond this host. A watchdog stands beside a bot where it has a key.

    `asks` is the setting that makes the keys necessary.
    """

    reaches_out: bool
    bot_keys: tuple[str, ...] = ()
    watchdog_keys: tuple[str, ...] = ()
    asks: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The secrets it takes, with the purpose of each."""
        return {name: KEYS[name] for name in (*self.bot_keys, *self.watchdog_keys)}


def trading(bot: Mapping[str, str]) -> Trading:
    """Read out of the settings in the env file's words.

    On Kalshi every order expires by itself unless the bot renews it, so that no watchdog stands beside.
    """
    venue = bot.get("VENUE", "paper")
    if venue not in ("hyperliquid", "kalshi"):
        return Trading(reaches_out=False)
    away = not is_loopback(bot.get(f"{venue.upper()}_API_URL", ""))
    if venue == "kalshi":
        return Trading(away, bot_keys=(PEM,), asks="VENUE=kalshi")
    if bot.get("LIVE_TRADING_ENABLED", "").lower() == "true":
        return Trading(away, bot_keys=(AGENT,), watchdog_keys=(WATCHDOG,), asks="LIVE_TRADING_ENABLED")
    return Trading(away)


def key_problems(trades: Trading, secrets: Mapping[str, str]) -> list[str]:
    """What keeps a bot from its keys; a value is never told."""
    problems = []
    for name, purpose in trades.keys.items():
        shape, said = _SHAPES[name]
        if not secrets.get(name):
            wanted = f"{trades.asks} wants the secret {name}, which {purpose}"
            problems.append(f"{wanted}: add {name}=... to the file, {said}")
        elif not shape.fullmatch(secrets[name]):
            problems.append(f"the secret {name} is not {said} (it is not shown)")
    if not problems and WATCHDOG in trades.keys and secrets[AGENT].lower() == secrets[WATCHDOG].lower():
        problems.append(f"{AGENT} and {WATCHDOG} are the same key, and two processes would burn each other's nonces")
    return problems


def delivered(name: str, value: str) -> str:
    """A secret as its reader wants it: of a PEM file the lines again."""
    return value.replace("\\n", "\n") if name == PEM else value


def is_loopback(url: str) -> bool:
    """Whether a server on the host itself is meant, such as a simulator."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
