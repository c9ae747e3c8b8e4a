"""The env file, read at start and again beside a running bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bot.errors import FixSettings
from bot.settings import syntax
from bot.settings.table import TABLE, defaults, setting_of, show
from bot.settings.together import refusals
from bot.settings.values import Settings

LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Reread:
    """What a reload makes of the file: what to run with now, what changed, what was not taken and why."""

    settings: Settings
    changed: list[str]
    refused: list[str]


def read(text: str) -> Settings:
    """Settings from the text of an env file; defaults for what it does not name. Raises FixSettings."""
    values, reasons = _parse(text)
    settings = Settings(defaults(values.get("VENUE", TABLE["VENUE"].default)) | values)
    reasons += [] if reasons else refusals(settings)
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
    asked, merged, changed = defaults(running.values["VENUE"]) | values, dict(running.values), []
    for name in dict.fromkeys((*asked, *running.values)):
        if name in named or asked.get(name) == running.values.get(name):
            continue
        setting = setting_of(name)
        if setting is not None and setting.live:
            merged[name] = asked[name]
            changed.append(name)
        else:
            refused.append(f"{name}: needs a restart; {_running_with(name, running.values)}")
    candidate = running.having(merged)
    reasons = refusals(candidate)
    if not reasons:
        return Reread(candidate, changed, refused)
    safe = {**running.values, "DISABLE_NEW_QUOTES": merged["DISABLE_NEW_QUOTES"]}
    return Reread(running.having(safe), [n for n in changed if n == "DISABLE_NEW_QUOTES"], refused + reasons)


def _running_with(name: str, values: Mapping[str, Any]) -> str:
    return f"running with {show(values[name])}" if name in values else "running without"


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
        setting = setting_of(name)
        if setting is None:
            reasons.append(f"{_shown(name)}: no such setting{_meant(name)}")
            continue
        try:
            values[name] = setting.parse(value)
        except ValueError as error:
            reasons.append(f"{name}: {error}, found {_shown(value)!r}")
    return values, reasons


def _shown(value: str) -> str:
    """Enough of it to know it again, and never a whole secret that was put where none belongs."""
    return value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}..."


def _meant(name: str) -> str:
    near = get_close_matches(name.upper(), TABLE, n=1)
    return f", did you mean {near[0]}?" if near else "; `mm-bot check --help` lists all"
