"""What a file's settings come to: the mode, and the Params of every part. Reads nothing and refuses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from bot.execution import order_manager, retry_guard
from bot.market.overrides import Override
from bot.risk import circuit_breaker, limits
from bot.selection import discovery
from bot.settings.table import AUTO, OVERRIDE
from bot.strategy import perp_maker
from bot.strategy.edge_locked import params as edge_locked
from bot.venues import connection

MINUTE = 60
FILLS = 4
"""A market's limit so many times over within 15 s is no trading any more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Parsed values by name, and the Params made of them. `chosen` are the markets found where MARKETS is auto."""

    values: Mapping[str, Any]
    chosen: tuple[str, ...] = ()

    def having(self, values: Mapping[str, Any]) -> Settings:
        """The same run with other values."""
        return replace(self, values=values)

    def quoting(self, markets: Sequence[str]) -> Settings:
        """The same settings, with the markets that were found."""
        return replace(self, chosen=tuple(markets))

    @property
    def mode(self) -> connection.Mode:
        """paper, shadow or live: what becomes of an order."""
        if self.values["LIVE_TRADING_ENABLED"]:
            return "live"
        return "shadow" if self.values["SHADOW_MODE"] else "paper"

    @property
    def connection(self) -> connection.Params:
        venue = self.values["VENUE"]
        named = "HYPERLIQUID" if venue == "paper" else venue.upper()
        api_url = self.values[f"{named}_API_URL"]
        return connection.Params(
            mode=self.mode,
            venue=venue,
            state_dir=self.state_dir,
            paper_seed=self.values["PAPER_SEED"],
            api_url=api_url,
            ws_url=self.values[f"{named}_WS_URL"] or connection.EXCHANGES[named.lower()].socket_of(api_url),
            account=self.values["KALSHI_KEY_ID" if venue == "kalshi" else "HYPERLIQUID_ACCOUNT"],
            contracts_in_15_s=self._fill_limit if venue == "kalshi" else 0,
        )

    @property
    def _fill_limit(self) -> int:
        caps = self.values["MAX_INVENTORY_PER_MARKET"].values()
        return int(self.values["FILL_LIMIT_15S"] or max(ceil(FILLS * max(caps)), 1))

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
    def edge(self) -> edge_locked.Params | None:
        """Edge-locked quoting, where event contracts are traded and the old logic is not asked for."""
        given = self.values
        if given["VENUE"] != "kalshi" or given["USE_LEGACY_LOGIC"]:
            return None
        return edge_locked.Params(
            leagues={series: league for league, series in given["KALSHI_SERIES"].items()},
            gates={league: edge_locked.Gate(low, high) for league, (low, high) in given["PRICE_GATES"].items()},
            size=given["ENTRY_SIZE"],
            mae_rate=given["MAE_TRIM_RATE"],
            trim_from=given["MAE_TRIM_FROM_C"] / 100,
            sweet_from_s=int(given["SWEET_SPOT_FROM_MIN"] * MINUTE),
            sweet_to_s=int(given["SWEET_SPOT_TO_MIN"] * MINUTE),
            hard_cap_s=int(given["HARD_CAP_MIN"] * MINUTE),
            cooldown_s=given["QUOTE_COOLDOWN_S"],
            quiet_s=int(given["QUIET_BEFORE_START_MIN"] * MINUTE),
        )

    @property
    def breaker(self) -> circuit_breaker.Params:
        """What it may learn to be usual is never under what the desk allows."""
        soft, hard, usual = self.values["CB_SOFT_CANCELS"], self.values["CB_HARD_CANCELS"], circuit_breaker.Params()
        return circuit_breaker.Params(
            soft_cancels=soft,
            hard_cancels=hard,
            most_soft_cancels=max(soft, usual.most_soft_cancels),
            most_hard_cancels=max(hard, usual.most_hard_cancels),
        )

    @property
    def limits(self) -> limits.Params:
        caps = self.values["MAX_INVENTORY_PER_MARKET"]
        return limits.Params(
            max_markets=max(self.values["MAX_MARKETS_TO_TRADE"], len(self.chosen)),
            max_inventory={m: cap for m in self.markets if (cap := caps.get(m, caps.get("*"))) is not None},
            max_per_event=self._per_event,
        )

    @property
    def _per_event(self) -> Decimal | None:
        """Two teams' markets are one bet: together they may hold what one may, unless the desk says otherwise."""
        if self.values["VENUE"] != "kalshi":
            return None
        return Decimal(self.values["MAX_INVENTORY_PER_EVENT"] or self.values["MAX_INVENTORY_PER_MARKET"].get("*", 0))

    @property
    def discovers(self) -> bool:
        """Whether the bot has to look for markets itself."""
        return tuple(self.values["MARKETS"]) == (AUTO,)

    @property
    def discovery(self) -> discovery.Params:
        """How they are chosen; a series whose league has no gates is not looked at."""
        gates = self.values["PRICE_GATES"]
        return discovery.Params(
            max_markets=self.values["MAX_MARKETS_TO_TRADE"],
            gates={of: gates[league] for league, of in self.values["KALSHI_SERIES"].items() if league in gates},
            max_spread=self.values["DISCOVERY_MAX_SPREAD_C"] / 100,
            min_depth=self.values["DISCOVERY_MIN_DEPTH"],
            quiet=int(self.values["QUIET_BEFORE_START_MIN"] * MINUTE * discovery.SECOND),
        )

    @property
    def discovery_every_s(self) -> float:
        return float(self.values["DISCOVERY_EVERY_MIN"] * MINUTE)

    @property
    def markets(self) -> tuple[str, ...]:
        return self.chosen if self.discovers else tuple(self.values["MARKETS"])

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
