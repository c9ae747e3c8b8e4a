"""The settings themselves, a line each, and those whose names carry a market's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import syntax
from bot.venues.hyperliquid.signing import MAINNET_URL


@dataclass(frozen=True, slots=True)
class Setting:
    """`live` settings follow a reload; the others need a restart."""

    default: str
    parse: Callable[[str], Any]
    help: str
    live: bool = False


TABLE: dict[str, Setting] = {
    "VENUE": Setting("paper", syntax.one_of("paper", "hyperliquid"), "whose markets: paper is our own exchange"),
    "SHADOW_MODE": Setting("false", syntax.switch, "quote on VENUE's prices, log every quote, send none"),
    "LIVE_TRADING_ENABLED": Setting("false", syntax.switch, "send orders to VENUE, for real"),
    "MARKETS": Setting("BTC,ETH,SOL", syntax.names, "what to quote, most wanted first"),
    "MAX_MARKETS_TO_TRADE": Setting("3", syntax.whole(1, 100), "quote at most the first N of MARKETS"),
    "PAPER_SEED": Setting("7", syntax.whole(0, 2**31), "seed of the prices of VENUE=paper"),
    "HYPERLIQUID_API_URL": Setting(MAINNET_URL, syntax.url("https", "http"), "where it answers; http on loopback only"),
    "HYPERLIQUID_WS_URL": Setting("", syntax.maybe(syntax.url("wss", "ws")), "its socket; empty: /ws of the above"),
    "HYPERLIQUID_ACCOUNT": Setting("", syntax.maybe(syntax.account), "address that trades, not the agent key's"),
    "DISABLE_NEW_QUOTES": Setting("false", syntax.switch, "kill switch: take quotes off, place none", live=True),
    "MAX_INVENTORY_PER_MARKET": Setting(
        "BTC:0.05,ETH:1.5,SOL:30", syntax.by_market, "base units, long or short: one number, or MARKET:N,...", live=True
    ),
    "QUOTE_HALF_SPREAD_BPS": Setting("3", syntax.number("0.1", "1000"), "from the fair price to each quote", live=True),
    "QUOTE_MIN_EDGE_BPS": Setting(
        "0.5", syntax.number("-1000", "1000"), "the half spread is at least the maker fee and this", live=True
    ),
    "QUOTE_SIZE_USD": Setting("500", syntax.number("10", "1000000"), "value of each quote", live=True),
    "QUOTE_CAPITAL_PCT": Setting(
        "100", syntax.number("0.01", "100"), "a quote is worth at most this percent of the account", live=True
    ),
    "REQUOTE_BPS": Setting("2", syntax.number("0.1", "1000"), "a quote this far off its wish is moved", live=True),
    "QUOTE_ADVANCE_AFTER_S": Setting(
        "5", syntax.number("0", "600"), "no sooner is a quote moved towards the market; VENUE=paper: at once"
    ),
    "USE_LEGACY_LOGIC": Setting("false", syntax.switch, "the old quoting: around the mid, leaned by inventory"),
    "RETRY_GUARD_ENABLED": Setting("true", syntax.switch, "after a tick reject: refresh the spec, quote once more"),
    "RETRY_GUARD_MAX_RETRIES": Setting("1", syntax.whole(0, 10), "so many times an order"),
    "RETRY_GUARD_SPEC_TTL_MS": Setting("60000", syntax.whole(1000, 86_400_000), "a spec this old is read again"),
    "WATCHDOG_AFTER_S": Setting("15", syntax.number("3", "600"), "mm-bot watchdog cancels after this silence"),
    "LOG_DIR": Setting("/var/log/mm-bot", syntax.path, "folder of the event log"),
    "STATE_DIR": Setting("/var/lib/mm-bot", syntax.path, "folder of the journal and the flag file quotes.off"),
    "CONTROL_SOCKET": Setting("/run/mm-bot/control.sock", syntax.path, "where mm-bot ctl connects"),
    "HEALTH_ADDRESS": Setting("127.0.0.1", syntax.address, "where /healthz, /readyz and /metrics listen"),
    "HEALTH_PORT": Setting("9180", syntax.whole(1, 65535), "their port"),
}

OVERRIDE = re.compile(r"SPEC_OVERRIDE_([A-Za-z0-9]+)_(TICK|LOT)")
BY_MARKET: dict[str, Setting] = {
    "TICK": Setting("", syntax.number("0.00000001", "1000000"), "price step of the desk's, where coarser than VENUE's"),
    "LOT": Setting("", syntax.number("0.00000001", "1000000"), "size step of the desk's, where coarser than VENUE's"),
}
"""SPEC_OVERRIDE_<MARKET>_TICK and _LOT; a market has none unless the file names it."""


def setting_of(name: str) -> Setting | None:
    """The setting of that name, also of a name that carries a market's."""
    override = OVERRIDE.fullmatch(name)
    return BY_MARKET[override[2]] if override else TABLE.get(name)


def show(value: object) -> str:
    """A parsed value as one would write it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{number}" if name != "*" else str(number) for name, number in value.items())
    return ",".join(value) if isinstance(value, tuple) else str(value)
