"""What cannot be meant on Kalshi, setting beside setting."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.settings.values import Settings
from bot.venues.kalshi.signing import REST_PREFIX, WS_PATH


def refusals(settings: Settings) -> list[str]:
    """Every reason why these settings cannot be meant."""
    return [*_key(settings), *_paths(settings), *_times(settings), *_leagues(settings), *_sizes(settings)]


def _key(settings: Settings) -> list[str]:
    if settings.values["KALSHI_KEY_ID"]:
        return []
    why = "LIVE_TRADING_ENABLED sends signed orders" if settings.mode == "live" else "Kalshi's stream is signed"
    return [f"KALSHI_KEY_ID: {why}: the id of an API key of the account"]


def _paths(settings: Settings) -> list[str]:
    """What is signed is a path, so that no other will do."""
    to, reasons = settings.connection, []
    for name, url, path in (("KALSHI_API_URL", to.api_url, REST_PREFIX), ("KALSHI_WS_URL", to.ws_url, WS_PATH)):
        if urlsplit(url).path != path:
            reasons.append(f"{name}: must end in {path}, as that is what is signed, found {url}")
    return reasons


def _times(settings: Settings) -> list[str]:
    values, reasons = settings.values, []
    since, until, cap = (values[name] for name in ("SWEET_SPOT_FROM_MIN", "SWEET_SPOT_TO_MIN", "HARD_CAP_MIN"))
    if since >= until:
        reasons.append(f"SWEET_SPOT_FROM_MIN: {since} is not before SWEET_SPOT_TO_MIN ({until})")
    if until > cap:
        reasons.append(f"HARD_CAP_MIN: {cap} is before SWEET_SPOT_TO_MIN ({until}): positions would leave at any price")
    return reasons


def _leagues(settings: Settings) -> list[str]:
    gates, series = settings.values["PRICE_GATES"], settings.values["KALSHI_SERIES"]
    return [
        f"PRICE_GATES: none for {league}, so that {name} of KALSHI_SERIES could never be entered"
        for league, name in series.items()
        if league not in gates
    ]


def _sizes(settings: Settings) -> list[str]:
    values, reasons = settings.values, []
    if set(values["MAX_INVENTORY_PER_MARKET"]) != {"*"}:
        reasons.append("MAX_INVENTORY_PER_MARKET: VENUE=kalshi takes one number of contracts for all markets")
    if values["CB_HARD_CANCELS"] < values["CB_SOFT_CANCELS"]:
        found = f"{values['CB_HARD_CANCELS']} is under CB_SOFT_CANCELS ({values['CB_SOFT_CANCELS']})"
        reasons.append(f"CB_HARD_CANCELS: {found}")
    if 0 < values["FILL_LIMIT_15S"] < values["ENTRY_SIZE"]:
        found = f"{values['FILL_LIMIT_15S']} is under ENTRY_SIZE ({values['ENTRY_SIZE']})"
        reasons.append(f"FILL_LIMIT_15S: {found}: the first entry filled would end all others")
    return reasons
