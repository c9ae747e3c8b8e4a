"""What a file's settings come to: the mode, and the Params of every part. Reads nothing and refuses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.execution import order_manager, retry_guard
from bot.market.overrides import Override
from bot.risk import limits
from bot.settings.table import OVERRIDE
from bot.strategy import perp_maker
from bot.venues import connection


@dataclass(frozen=True, slots=True)
class Settings:
    """Parsed values by name, and the Params made of them."""

    values: Mapping[str, Any]

    @property
    def mode(self) -> connection.Mode:
        """paper, shadow or live: what becomes of an order."""
        if self.values["LIVE_TRADING_ENABLED"]:
            return "live"
        return "shadow" if self.values["SHADOW_MODE"] else "paper"

    @property
    def connection(self) -> connection.Params:
        return connection.Params(
            mode=self.mode,
            venue=self.values["VENUE"],
            state_dir=self.state_dir,
            paper_seed=self.values["PAPER_SEED"],
            api_url=self.values["HYPERLIQUID_API_URL"],
            ws_url=self.values["HYPERLIQUID_WS_URL"] or connection.socket_of(self.values["HYPERLIQUID_API_URL"]),
            account=self.values["HYPERLIQUID_ACCOUNT"],
        )

    @property
    def overrides(self) -> dict[str, Override]:
        """What the desk asked for, by market."""
        found: dict[str, dict[str, Decimal]] = {}
        for name, value in self.values.items():
            if named := OVERRIDE.fullmatch(name):
                found.setdefault(named[1], {})[named[2]] = value
        return {market: Override(asked.get("TICK"), asked.get("LOT")) for market, asked in found.items()}

    @property
    def guard(self) -> retry_guard.Params:
        return retry_guard.Params(
            enabled=self.values["RETRY_GUARD_ENABLED"],
            max_retries=self.values["RETRY_GUARD_MAX_RETRIES"],
            spec_ttl=self.values["RETRY_GUARD_SPEC_TTL_MS"] * retry_guard.MILLI,
        )

    @property
    def send(self) -> order_manager.Params:
        """A venue grants so many requests in all, and following each flicker of the sizes uses them up in half an hour.

        The bot's own exchange grants any number.
        """
        after = Decimal(0) if self.values["VENUE"] == "paper" else self.values["QUOTE_ADVANCE_AFTER_S"]
        return order_manager.Params(advance_after=int(after * order_manager.SECOND))

    @property
    def maker(self) -> perp_maker.Params:
        return perp_maker.Params(
            half_spread_bps=self.values["QUOTE_HALF_SPREAD_BPS"],
            requote_bps=self.values["REQUOTE_BPS"],
            size_usd=self.values["QUOTE_SIZE_USD"],
            min_edge_bps=self.values["QUOTE_MIN_EDGE_BPS"],
            capital_pct=self.values["QUOTE_CAPITAL_PCT"],
            legacy=self.values["USE_LEGACY_LOGIC"],
        )

    @property
    def limits(self) -> limits.Params:
        caps = self.values["MAX_INVENTORY_PER_MARKET"]
        return limits.Params(
            max_markets=self.values["MAX_MARKETS_TO_TRADE"],
            max_inventory={m: cap for m in self.markets if (cap := caps.get(m, caps.get("*"))) is not None},
        )

    @property
    def markets(self) -> tuple[str, ...]:
        return tuple(self.values["MARKETS"])

    @property
    def quotes_off(self) -> bool:
        return bool(self.values["DISABLE_NEW_QUOTES"])

    @property
    def watchdog_after_s(self) -> float:
        """How long the bot may be silent before `mm-bot watchdog` cancels its orders."""
        return float(self.values["WATCHDOG_AFTER_S"])

    @property
    def log_dir(self) -> Path:
        return Path(self.values["LOG_DIR"])

    @property
    def state_dir(self) -> Path:
        return Path(self.values["STATE_DIR"])

    @property
    def control_socket(self) -> Path:
        return Path(self.values["CONTROL_SOCKET"])

    @property
    def health(self) -> tuple[str, int]:
        return str(self.values["HEALTH_ADDRESS"]), int(self.values["HEALTH_PORT"])
