"""What no single setting can see: names that must fit each other, and combinations that can only be a mistake."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.risk import limits
from bot.settings import kalshi
from bot.settings.table import OVERRIDE
from bot.settings.values import Settings
from bot.venues import connection, paper


def refusals(settings: Settings) -> list[str]:
    """Every reason why these settings cannot be meant."""
    reasons = [*_mode(settings), *_markets(settings), *_caps(settings), *_overrides(settings)]
    return reasons + (kalshi.refusals(settings) if settings.values["VENUE"] == "kalshi" else [])


def _mode(settings: Settings) -> list[str]:
    values, reasons = settings.values, []
    live, shadow = values["LIVE_TRADING_ENABLED"], values["SHADOW_MODE"]
    if live and shadow:
        reasons.append("SHADOW_MODE: sends no order, LIVE_TRADING_ENABLED sends them: only one can be true")
    elif (live or shadow) and values["VENUE"] == "paper":
        name = "LIVE_TRADING_ENABLED" if live else "SHADOW_MODE"
        reasons.append(f"{name}: VENUE=paper is our own exchange, always paper: name another VENUE, or set it false")
    if values["VENUE"] != "paper":
        reasons += _addresses(settings.connection)
    if live and values["VENUE"] == "hyperliquid":
        reasons += _real_money(settings)
    return reasons


def _real_money(settings: Settings) -> list[str]:
    values, reasons = settings.values, []
    if not values["HYPERLIQUID_ACCOUNT"]:
        reasons.append("HYPERLIQUID_ACCOUNT: LIVE_TRADING_ENABLED needs the address of the account that trades")
    if values["QUOTE_MIN_EDGE_BPS"] < 0:
        reasons.append(
            "QUOTE_MIN_EDGE_BPS: below 0 each fill loses money by design; LIVE_TRADING_ENABLED takes 0 or more"
        )
    return reasons


def _addresses(to: connection.Params) -> list[str]:
    """Both URLs must mean one exchange, and a password-free channel stays on this machine."""
    reasons, api, ws = [], f"{to.venue.upper()}_API_URL", f"{to.venue.upper()}_WS_URL"
    for name, url in ((api, to.api_url), (ws, to.ws_url)):
        if urlsplit(url).scheme in ("http", "ws") and not connection.is_loopback(url):
            reasons.append(f"{name}: {url} is not encrypted, which is for a simulator on this machine only")
    hosts = [urlsplit(url).hostname for url in (to.api_url, to.ws_url)]
    networks = [connection.network(to.venue, url) for url in (to.api_url, to.ws_url)]
    if networks[0] != networks[1]:
        reasons.append(f"{ws}: {hosts[1]} and {api}'s {hosts[0]} are different exchanges")
    return reasons


def _markets(settings: Settings) -> list[str]:
    """Only our own exchange's markets are known here; others are asked at start."""
    if settings.discovers and settings.values["VENUE"] != "kalshi":
        return [f"MARKETS: auto is for VENUE=kalshi; name what to quote on VENUE={settings.values['VENUE']}"]
    if settings.values["VENUE"] != "paper":
        return []
    unlisted = [market for market in settings.markets if market not in paper.SPECS]
    return [f"MARKETS: VENUE=paper lists {', '.join(paper.SPECS)}, not {', '.join(unlisted)}"] if unlisted else []


def _caps(settings: Settings) -> list[str]:
    caps, reasons = settings.values["MAX_INVENTORY_PER_MARKET"], []
    known = paper.SPECS if settings.values["VENUE"] == "paper" else {}
    for market in settings.markets:
        if market not in caps and "*" not in caps:
            reasons.append(f"MAX_INVENTORY_PER_MARKET: no limit for {market}, which MARKETS names")
        elif market in known and limits.cap(known[market], settings.limits) < 1:
            reasons.append(f"MAX_INVENTORY_PER_MARKET: under one lot of {market} ({known[market].lot})")
    return reasons


def _overrides(settings: Settings) -> list[str]:
    return [
        f"{name}: MARKETS does not name {asked[1]}"
        for name in settings.values
        if (asked := OVERRIDE.fullmatch(name)) and asked[1] not in settings.markets
    ]
