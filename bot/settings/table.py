"""The settings themselves, a line each, and those whose names carry a market's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import syntax
from bot.venues.hyperliquid.signing import MAINNET_URL
from bot.venues.kalshi.addresses import PRODUCTION_URL

AUTO = "auto"
"""MARKETS=auto: the bot looks for them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`live` settings follow a reload; the others need a restart."""

    default: str
    parse: Callable[[str], Any]
    help: str
    live: bool = False


TABLE: dict[str, Setting] = {
    "VENUE": Setting(
        "paper", syntax.one_of("paper", "hyperliquid", "kalshi"), "whose markets: paper is our own exchange"
    ),
    "SHADOW_MODE": Setting("false", syntax.switch, "quote on VENUE's prices, log every quote, send none"),
    "LIVE_TRADING_ENABLED": Setting("false", syntax.switch, "send orders to VENUE, for real"),
    "MARKETS": Setting("BTC,ETH,SOL", syntax.names, "what to quote, most wanted first; auto: VENUE=kalshi looks"),
    "MAX_MARKETS_TO_TRADE": Setting("3", syntax.whole(1, 100), "quote at most the first N of MARKETS"),
    "PAPER_SEED": Setting("7", syntax.whole(0, 2**31), "seed of the prices of VENUE=paper"),
    "HYPERLIQUID_API_URL": Setting(MAINNET_URL, syntax.url("https", "http"), "where it answers; http on loopback only"),
    "HYPERLIQUID_WS_URL": Setting("", syntax.maybe(syntax.url("wss", "ws")), "its socket; empty: /ws of the above"),
    "HYPERLIQUID_ACCOUNT": Setting("", syntax.maybe(syntax.account), "address that trades, not the agent key's"),
    "KALSHI_API_URL": Setting(
        PRODUCTION_URL, syntax.url("https", "http"), "where it answers, with its path; http on loopback only"
    ),
    "KALSHI_WS_URL": Setting("", syntax.maybe(syntax.url("wss", "ws")), "its socket; empty: the one beside the above"),
    "KALSHI_KEY_ID": Setting(
        "", syntax.maybe(syntax.key_id), "id of the API key; Kalshi's stream wants one on paper too"
    ),
    "KALSHI_SERIES": Setting(
        "NHL:KXNHLGAME,NFL:KXNFLGAME,CFB:KXNCAAFGAME", syntax.series, "whose markets are traded: LEAGUE:SERIES,..."
    ),
    "PRICE_GATES": Setting(
        "NHL:0.48/0.65,NFL:0.44/0.72,CFB:0.42/0.75",
        syntax.gates,
        "entries buy at LOW or lower, sell at HIGH or higher: LEAGUE:LOW/HIGH,...",
        live=True,
    ),
    "ENTRY_SIZE": Setting("10", syntax.number("0.01", "100000"), "contracts of an entry on Kalshi", live=True),
    "SWEET_SPOT_FROM_MIN": Setting(
        "8", syntax.number("0.1", "1440"), "a position this old leaves at a fair price", live=True
    ),
    "SWEET_SPOT_TO_MIN": Setting("12", syntax.number("0.1", "1440"), "this old it leaves eagerly", live=True),
    "HARD_CAP_MIN": Setting("20", syntax.number("0.1", "1440"), "this old it leaves at any price", live=True),
    "MAE_TRIM_RATE": Setting(
        "0.03",
        syntax.number("0", "1"),
        "1-exp(-RATE x cents against it) of a position is trimmed; 0: nothing",
        live=True,
    ),
    "MAE_TRIM_FROM_C": Setting("5", syntax.number("0", "100"), "from so many cents against it on", live=True),
    "QUOTE_COOLDOWN_S": Setting(
        "2", syntax.number("0", "600"), "between two moves of an entry; exits never wait", live=True
    ),
    "QUIET_BEFORE_START_MIN": Setting(
        "5",
        syntax.number("0", "1440"),
        "so long before a game entries are off; a position leaves once it starts",
        live=True,
    ),
    "DISABLE_NEW_QUOTES": Setting("false", syntax.switch, "kill switch: no new quotes, exits go on", live=True),
    "MAX_INVENTORY_PER_MARKET": Setting(
        "BTC:0.05,ETH:1.5,SOL:30", syntax.by_market, "base units or contracts: one number, or MARKET:N,...", live=True
    ),
    "MAX_INVENTORY_PER_EVENT": Setting(
        "0", syntax.number("0", "1000000"), "contracts of a game's markets together; 0: as of one market", live=True
    ),
    "FILL_LIMIT_15S": Setting(
        "0",
        syntax.whole(0, 1_000_000),
        "more contracts filled in 15 s: Kalshi cancels all entries; 0: 4 x a market's limit",
    ),
    "CB_SOFT_CANCELS": Setting("10", syntax.whole(10, 1000), "more cancels of a market in 30 s: no entry moves"),
    "CB_HARD_CANCELS": Setting("20", syntax.whole(10, 1000), "more than these: its entries go"),
    "DISCOVERY_EVERY_MIN": Setting(
        "5",
        syntax.number("0.05", "1440"),
        "MARKETS=auto: the choice is made anew so often; under 2, BotCrashLoop may ring",
    ),
    "DISCOVERY_MAX_SPREAD_C": Setting(
        "4", syntax.number("0.01", "100"), "MARKETS=auto: no market whose best prices are further apart, in cents"
    ),
    "DISCOVERY_MIN_DEPTH": Setting(
        "20", syntax.number("0", "1000000"), "MARKETS=auto: contracts that must stand at both best prices"
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

BY_VENUE: dict[str, dict[str, str]] = {
    "kalshi": {"MARKETS": AUTO, "MAX_MARKETS_TO_TRADE": "1", "MAX_INVENTORY_PER_MARKET": "20"},
}
"""Defaults of a venue whose markets are not those of the others."""

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
        return ",".join(f"{name}:{_one(part)}" if name != "*" else _one(part) for name, part in value.items())
    return ",".join(value) if isinstance(value, tuple) else str(value)


def defaults(venue: str) -> dict[str, Any]:
    """What holds where the file names nothing, at this venue."""
    texts = {name: setting.default for name, setting in TABLE.items()} | BY_VENUE.get(venue, {})
    return {name: TABLE[name].parse(text) for name, text in texts.items()}


def _one(part: object) -> str:
    return "/".join(map(str, part)) if isinstance(part, tuple) else str(part)
