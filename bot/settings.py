"""Every setting: its name in the env file, its default, what it may be, and whether it may change while running.

One file in systemd's EnvironmentFile syntax (a subset: KEY=value, whole-line comments, quotes) is parsed once,
here, into Params that stand beside the code they govern. All reasons for a refusal are given at once.
Only `bot.app` and `bot.__main__` import this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot import settings_syntax as syntax
from bot.errors import FixSettings
from bot.risk import limits
from bot.strategy import perp_maker
from bot.venues import paper


@dataclass(frozen=True, slots=True)
class Setting:
    """`live` settings follow a reload; the others need a restart."""

    default: str
    parse: Callable[[str], Any]
    help: str
    live: bool = False


TABLE: dict[str, Setting] = {
    "LIVE_TRADING_ENABLED": Setting("false", syntax.no_live, "trade with real money; not in this release"),
    "SHADOW_MODE": Setting("false", syntax.no_shadow, "quote at a real venue without sending; not in this release"),
    "VENUE": Setting("paper", syntax.one_of("paper"), "where orders go"),
    "MARKETS": Setting("BTC,ETH,SOL", syntax.names(tuple(paper.SPECS)), "what to quote, most wanted first"),
    "MAX_MARKETS_TO_TRADE": Setting("3", syntax.whole(1, 100), "quote at most the first N of MARKETS"),
    "PAPER_SEED": Setting("7", syntax.whole(0, 2**31), "seed of the paper venue's prices"),
    "DISABLE_NEW_QUOTES": Setting("false", syntax.switch, "kill switch: take quotes off, place none", live=True),
    "MAX_INVENTORY_PER_MARKET": Setting(
        "BTC:0.05,ETH:1.5,SOL:30", syntax.by_market, "base units, long or short: one number, or MARKET:N,...", live=True
    ),
    "QUOTE_HALF_SPREAD_BPS": Setting("3", syntax.number("0.1", "1000"), "from mid to each quote", live=True),
    "QUOTE_SIZE_USD": Setting("500", syntax.number("10", "1000000"), "value of each quote", live=True),
    "REQUOTE_BPS": Setting("2", syntax.number("0.1", "1000"), "a quote this far off its wish is moved", live=True),
    "LOG_DIR": Setting("/var/log/mm-bot", syntax.path, "folder of the event log"),
    "STATE_DIR": Setting("/var/lib/mm-bot", syntax.path, "folder of the journal and the flag file quotes.off"),
    "CONTROL_SOCKET": Setting("/run/mm-bot/control.sock", syntax.path, "where mm-bot ctl connects"),
    "HEALTH_ADDRESS": Setting("127.0.0.1", syntax.address, "where /healthz, /readyz and /metrics listen"),
    "HEALTH_PORT": Setting("9180", syntax.whole(1, 65535), "their port"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Parsed values by name, and the Params made of them."""

    values: Mapping[str, Any]

    @property
    def mode(self) -> str:
        return "paper"

    @property
    def maker(self) -> perp_maker.Params:
        return perp_maker.Params(
            half_spread_bps=self.values["QUOTE_HALF_SPREAD_BPS"],
            requote_bps=self.values["REQUOTE_BPS"],
            size_usd=self.values["QUOTE_SIZE_USD"],
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
    def paper_seed(self) -> int:
        return int(self.values["PAPER_SEED"])

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


@dataclass(frozen=True, slots=True)
class Reread:
    """What a reload makes of the file: what to run with now, what changed, what was not taken and why."""

    settings: Settings
    changed: list[str]
    refused: list[str]


def read(text: str) -> Settings:
    """Settings from the text of an env file; defaults for what it does not name. Raises FixSettings."""
    values, reasons = _parse(text)
    settings = Settings({name: values.get(name, setting.parse(setting.default)) for name, setting in TABLE.items()})
    reasons += [] if reasons else _together(settings)
    if reasons:
        raise FixSettings(reasons)
    return settings


def read_file(path: Path) -> Settings:
    """Settings from an env file. Raises FixSettings, also when the file cannot be read."""
    return read(_load(path))


def reread_file(path: Path, running: Settings) -> Reread:
    """Read again beside a running bot: take what may change, keep the old value of everything else, say so."""
    try:
        values, refused = _parse(_load(path))
    except FixSettings as error:
        return Reread(running, [], list(error.reasons))
    named = {reason.split(":", 1)[0] for reason in refused}
    changed = []
    merged = dict(running.values)
    for name, setting in TABLE.items():
        value = values.get(name, setting.parse(setting.default))
        if name in named or value == running.values[name]:
            continue
        if setting.live:
            merged[name] = value
            changed.append(name)
        else:
            refused.append(f"{name}: needs a restart; running with {show(running.values[name])}")
    candidate = Settings(merged)
    reasons = _together(candidate)
    if not reasons:
        return Reread(candidate, changed, refused)
    safe = {**running.values, "DISABLE_NEW_QUOTES": merged["DISABLE_NEW_QUOTES"]}
    return Reread(Settings(safe), [n for n in changed if n == "DISABLE_NEW_QUOTES"], refused + reasons)


def show(value: object) -> str:
    """A parsed value as one would write it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{number}" if name != "*" else str(number) for name, number in value.items())
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _load(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise FixSettings([f"env file {path} cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise FixSettings([f"env file {path} is not UTF-8 text (byte {error.start})"]) from error


def _parse(text: str) -> tuple[dict[str, Any], list[str]]:
    pairs, reasons = syntax.pairs(text)
    values: dict[str, Any] = {}
    for name, value in pairs.items():
        if name not in TABLE:
            reasons.append(f"{name}: no such setting{_meant(name)}")
            continue
        try:
            values[name] = TABLE[name].parse(value)
        except ValueError as error:
            reasons.append(f"{name}: {error}, found {value!r}")
    return values, reasons


def _meant(name: str) -> str:
    near = get_close_matches(name.upper(), TABLE, n=1)
    return f", did you mean {near[0]}?" if near else "; `mm-bot check --help` lists all"


def _together(settings: Settings) -> list[str]:
    """What no single setting can see."""
    caps, reasons = settings.values["MAX_INVENTORY_PER_MARKET"], []
    for market in settings.markets:
        if market not in caps and "*" not in caps:
            reasons.append(f"MAX_INVENTORY_PER_MARKET: no limit for {market}, which MARKETS names")
        elif limits.cap(paper.SPECS[market], settings.limits) < 1:
            reasons.append(f"MAX_INVENTORY_PER_MARKET: under one lot of {market} ({paper.SPECS[market].lot})")
    return reasons
