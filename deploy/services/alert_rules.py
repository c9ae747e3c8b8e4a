"""The alert rules as files of a log store, and how they are proved before they are swapped in."""

from __future__ import annotations

from ..errors import SettingsError
from ..service import File, Validation
from ..templates import ROOT


def rule_files(host: str, directory: str) -> tuple[File, ...]:
    """One file of rules a family, as they stand in `alerts/`. Raises SettingsError if none is there or one is empty."""
    sources = sorted((ROOT / "alerts").glob("*/rules.yaml"))
    if not sources:
        raise SettingsError(host, [f"no alert rules below {ROOT / 'alerts'}: a host without alarms is not deployed"])
    empty = [
        f"{source.relative_to(ROOT)} is empty; restore it" for source in sources if not source.read_bytes().strip()
    ]
    if empty:
        raise SettingsError(host, empty)
    return tuple(File(f"{directory}/{source.parent.name}.yaml", source.read_bytes()) for source in sources)


def lint(directory: str, rules: tuple[File, ...]) -> Validation:
    """The staged rules, read by the release to come: stricter than what Loki's own checker sees."""
    return Validation(
        "alert rules",
        "{release}/venv/bin/firedrill rules lint {stage}" + directory,
        files=tuple(file.path for file in rules),
        on_release=True,
    )
